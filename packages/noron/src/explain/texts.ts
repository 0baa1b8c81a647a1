import type { Language } from "@noron/tabular";

/** The words of an explanation, in the lecture's terms. */
export interface ExplainTexts {
  row(row: number, data: string): string;
  image(row: number, data: string): string;
  target: string;
  features(count: number): string;
  layer(path: string, layer: string): string;
  input: string;
  output: string;
  neuron(number: number, of: number): string;
  place(index: readonly number[]): string;
  prediction: string;
  known: string;
  loss(name: string): string;
  backward: string;
  gradientOf(what: string): string;
  chain: string;
  noGradient: string;
  update(name: string, lr: number): string;
  evaluation: string;
  ownLayer: string;
  more(count: number): string;
  /** What layers note by name. */
  noted: Readonly<Record<string, string>>;
}

const english: ExplainTexts = {
  row: (row, data) => `Row ${row} of ${data}`,
  image: (row, data) => `Image ${row} of ${data}`,
  target: "to be learned",
  features: (count) => `Encoded: ${count} ${count === 1 ? "feature" : "features"}, as the network takes them`,
  layer: (path, layer) => (path === "" ? `Network: ${layer}` : `Layer ${path}: ${layer}`),
  input: "in",
  output: "out",
  neuron: (number, of) => `neuron ${number} of ${of}`,
  place: (index) => `[${index.join(", ")}]`,
  prediction: "Prediction",
  known: "known",
  loss: (name) => `Loss: ${name}`,
  backward: "Gradients coming back",
  gradientOf: (what) => `gradient of ${what}`,
  chain: "chain rule",
  noGradient: "The target of this row is not known, so there is no loss and no gradient.",
  update: (name, lr) => `What a first step of ${name} with lr ${lr} on this row alone would do`,
  evaluation: "In evaluation mode: dropout passes everything on, batch norm takes its running statistics.",
  ownLayer: "a layer of your own, without a formula; its operations:",
  more: (count) => `… ${count} more`,
  noted: {
    mean: "mean μ",
    variance: "variance σ²",
    meanSquare: "mean square",
    normalized: "normalised x̂",
    mask: "mask m",
    largest: "largest m",
    powers: "powers e^(x − m)",
    total: "their sum S",
  },
};

const vietnamese: ExplainTexts = {
  row: (row, data) => `Hàng ${row} của ${data}`,
  image: (row, data) => `Ảnh ${row} của ${data}`,
  target: "cần học",
  features: (count) => `Đã mã hóa: ${count} đặc trưng, như mạng nhận vào`,
  layer: (path, layer) => (path === "" ? `Mạng: ${layer}` : `Tầng ${path}: ${layer}`),
  input: "vào",
  output: "ra",
  neuron: (number, of) => `nơ-ron ${number} trong ${of}`,
  place: (index) => `[${index.join(", ")}]`,
  prediction: "Dự đoán",
  known: "giá trị thật",
  loss: (name) => `Hàm mất mát: ${name}`,
  backward: "Gradient truyền ngược",
  gradientOf: (what) => `gradient của ${what}`,
  chain: "quy tắc chuỗi",
  noGradient: "Không biết giá trị mục tiêu của hàng này nên không có mất mát và gradient.",
  update: (name, lr) => `Một bước đầu tiên của ${name} với tốc độ học ${lr}, chỉ trên hàng này, sẽ làm gì`,
  evaluation: "Ở chế độ đánh giá: dropout cho mọi giá trị đi qua, chuẩn hóa theo lô dùng thống kê tích lũy.",
  ownLayer: "tầng tự viết, không có công thức; các phép tính của nó:",
  more: (count) => `… còn ${count}`,
  noted: {
    mean: "trung bình μ",
    variance: "phương sai σ²",
    meanSquare: "trung bình bình phương",
    normalized: "đã chuẩn hóa x̂",
    mask: "mặt nạ m",
    largest: "lớn nhất m",
    powers: "lũy thừa e^(x − m)",
    total: "tổng S",
  },
};

export const EXPLAIN_TEXTS: Readonly<Record<Language, ExplainTexts>> = { en: english, vi: vietnamese };
