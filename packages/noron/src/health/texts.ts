import type { Language } from "@noron/tabular";
import { fill } from "../language/fill.ts";
import type { HealthFinding } from "./fitted.ts";
import { WORSE } from "./join-findings.ts";

/** What findings mean in plain words, for those who learn and those who wait. {{…}} are the finding's own numbers. */

interface FindingText {
  /** What is wrong, and where. */
  what: string;
  /** What to try. */
  advice: string;
}

type TextKey =
  | "no-gradient-arrives"
  | "hardly-learning"
  | "worse-than-constant"
  | "far-from-learning"
  | "dead-at-first"
  | Exclude<HealthFinding["code"], "non-finite">
  | `non-finite-${"input" | "parameter" | "forward" | "loss" | "backward"}`;

const TEXTS: Record<Language, Record<TextKey, FindingText>> = {
  en: {
    "non-finite-input": {
      what: "the inputs hold {{value}}",
      advice: "finding missing or huge values in the data",
    },
    "non-finite-parameter": {
      what: "layer {{layer}} went first: its weights became {{value}}",
      advice: "a lower learning rate",
    },
    "non-finite-forward": {
      what: "layer {{layer}} went first: its outputs became {{value}}",
      advice: "a lower learning rate, or smaller inputs",
    },
    "non-finite-loss": {
      what: "layer {{layer}} went first: its outputs are so large that the loss became {{value}}",
      advice: "a lower learning rate, or smaller inputs and targets",
    },
    "non-finite-backward": {
      what: "layer {{layer}} went first: its gradients became {{value}}",
      advice: "a lower learning rate, or clipped gradients",
    },
    exploded: {
      what: "layer {{layer}} went first: its outputs reach {{largest}}",
      advice: "a lower learning rate, or inputs of about 1 (they reach {{input}})",
    },
    "zero-weights": {
      what: "the weights of layer {{layer}} are all 0, and so are their gradients: its neurons are all alike, and learn nothing",
      advice: "weights that begin at random",
    },
    "no-gradients": {
      what: "layer {{layer}} lets no gradient through, so that no weight changes, whatever the learning rate",
      advice: "leaving it out, or another one in its place (the softmax of one number alone is always 1)",
    },
    "decayed-weights": {
      what: "a weight decay of {{weightDecay}} has brought all weights next to 0: the largest, of layer {{layer}}, are of about {{size}}, so that the answer hardly depends on the inputs",
      advice: "less weight decay",
    },
    "no-gradient-arrives": {
      what: "gradients vanish: none at all comes to layer {{layer}}, so that it learns nothing",
      advice: "ReLU instead of sigmoid or tanh, batch norm, or fewer layers",
    },
    "dead-units": {
      what: "{{dead}} of {{units}} ReLU units of layer {{layer}} are dead: they give 0 for all of the {{rows}} rows looked at, and learn nothing more from them",
      advice: "a lower learning rate, leaky ReLU, or batch norm before it",
    },
    "dead-at-first": {
      what: "{{dead}} of {{units}} ReLU units of layer {{layer}} are dead: they give 0 for all of the {{rows}} rows looked at, and learn nothing from them. With the weights that training began with it was {{atFirst}}, so that the learning rate is not the cause",
      advice: "batch norm before it, leaky ReLU, or a wider layer if the network learns too little",
    },
    saturated: {
      what: "layer {{layer}} is saturated: {{share}} of its {{of}} outputs are at their limits, where hardly any gradient passes",
      advice: "a lower learning rate, batch norm before it, or ReLU",
    },
    "vanishing-gradients": {
      what: "gradients vanish: at layer {{layer}} they are {{ratio}} of those at layer {{last}}, so that it hardly learns",
      advice: "ReLU instead of sigmoid or tanh, batch norm, or fewer layers",
    },
    "exploding-gradients": {
      what: "gradients explode: at layer {{layer}} they are {{ratio}} times those at layer {{last}}",
      advice: "smaller weights to begin with, clipping, or batch norm",
    },
    "updates-too-large": {
      what: "each step changes the {{parameter}} of layer {{layer}} by {{share}} of its size; about {{usual}} is usual",
      advice: "a lower learning rate",
    },
    "updates-too-small": {
      what: "each step changes the {{parameter}} of layer {{layer}} by {{share}} of its size at most; about {{usual}} is usual",
      advice: "a higher learning rate",
    },
    overfitting: {
      what: "the network overfits: since epoch {{epoch}} the validation loss rose from {{best}} to {{last}}, while the training loss fell",
      advice: "more rows, dropout, weight decay, a smaller network, or an earlier stop",
    },
    "not-learning": {
      what: "nothing was learned: the loss of {{loss}} is no better than always giving the same answer ({{baseline}})",
      advice:
        "another learning rate, a larger network with activations in it, or inputs that say something of the target",
    },
    "hardly-learning": {
      what: "next to nothing was learned: the loss of {{loss}} is hardly better than always giving the same answer ({{baseline}})",
      advice:
        "another learning rate, a larger network with activations in it, or inputs that say something of the target",
    },
    "costly-errors": {
      what: "up to {{accuracy}} of the answers are right, yet the loss of {{loss}} is {{times}} times that of always giving the same answer ({{baseline}}): the wrong ones are far off",
      advice: "a lower learning rate",
    },
    "worse-than-constant": {
      what: "the loss of {{loss}} is {{times}} times that of always giving the same answer ({{baseline}})",
      advice: "a lower learning rate, or more epochs",
    },
    "far-from-learning": {
      what: "the loss of {{loss}} is {{times}} times that of always giving the same answer ({{baseline}}): training is as good as diverged",
      advice: "a lower learning rate",
    },
    "nothing-learned": {
      what: "nothing was learned that holds for other rows: on those that choose the epoch the best loss, of epoch {{epoch}}, is {{loss}}, no better than always giving the same answer ({{baseline}})",
      advice: "another learning rate, more rows, or inputs that say something of the target",
    },
  },
  vi: {
    "non-finite-input": {
      what: "dữ liệu vào có {{value}}",
      advice: "tìm giá trị thiếu hoặc quá lớn trong dữ liệu",
    },
    "non-finite-parameter": {
      what: "tầng {{layer}} hỏng đầu tiên: trọng số của nó thành {{value}}",
      advice: "giảm tốc độ học",
    },
    "non-finite-forward": {
      what: "tầng {{layer}} hỏng đầu tiên: đầu ra của nó thành {{value}}",
      advice: "giảm tốc độ học, hoặc chuẩn hóa dữ liệu vào",
    },
    "non-finite-loss": {
      what: "tầng {{layer}} hỏng đầu tiên: đầu ra của nó lớn đến mức mất mát thành {{value}}",
      advice: "giảm tốc độ học, hoặc chuẩn hóa dữ liệu",
    },
    "non-finite-backward": {
      what: "tầng {{layer}} hỏng đầu tiên: gradient của nó thành {{value}}",
      advice: "giảm tốc độ học, hoặc cắt gradient",
    },
    exploded: {
      what: "tầng {{layer}} hỏng đầu tiên: đầu ra của nó lên tới {{largest}}",
      advice: "giảm tốc độ học, hoặc chuẩn hóa dữ liệu vào (đang lên tới {{input}})",
    },
    "zero-weights": {
      what: "trọng số của tầng {{layer}} đều bằng 0, gradient của chúng cũng vậy: các nơ-ron giống hệt nhau và không học được gì",
      advice: "khởi tạo trọng số ngẫu nhiên",
    },
    "no-gradients": {
      what: "tầng {{layer}} không cho gradient nào đi qua, nên không trọng số nào thay đổi, dù tốc độ học là bao nhiêu",
      advice: "bỏ tầng này, hoặc thay bằng tầng khác (softmax của một số duy nhất luôn bằng 1)",
    },
    "decayed-weights": {
      what: "suy giảm trọng số {{weightDecay}} đã kéo mọi trọng số về gần 0: lớn nhất là của tầng {{layer}}, cũng chỉ khoảng {{size}}, nên câu trả lời hầu như không phụ thuộc vào dữ liệu vào",
      advice: "giảm suy giảm trọng số",
    },
    "no-gradient-arrives": {
      what: "gradient biến mất: không gradient nào tới được tầng {{layer}}, nên tầng này không học được gì",
      advice: "dùng ReLU thay cho sigmoid hay tanh, chuẩn hóa theo lô, hoặc bớt tầng",
    },
    "dead-units": {
      what: "{{dead}} trên {{units}} nơ-ron ReLU của tầng {{layer}} đã chết: chúng cho ra 0 với cả {{rows}} hàng được xem và không học thêm được gì từ các hàng đó",
      advice: "giảm tốc độ học, dùng leaky ReLU, hoặc thêm chuẩn hóa theo lô phía trước",
    },
    "dead-at-first": {
      what: "{{dead}} trên {{units}} nơ-ron ReLU của tầng {{layer}} đã chết: chúng cho ra 0 với cả {{rows}} hàng được xem và không học được gì từ các hàng đó. Với trọng số ban đầu, con số này đã là {{atFirst}}, nên tốc độ học không phải nguyên nhân",
      advice: "thêm chuẩn hóa theo lô phía trước, dùng leaky ReLU, hoặc cho tầng rộng hơn nếu mạng học được quá ít",
    },
    saturated: {
      what: "tầng {{layer}} bị bão hòa: {{share}} đầu ra {{of}} nằm ở hai đầu giới hạn, nơi gradient hầu như không truyền qua",
      advice: "giảm tốc độ học, thêm chuẩn hóa theo lô phía trước, hoặc dùng ReLU",
    },
    "vanishing-gradients": {
      what: "gradient biến mất: gradient tại tầng {{layer}} chỉ bằng {{ratio}} lần gradient tại tầng {{last}}, nên tầng này hầu như không học",
      advice: "dùng ReLU thay cho sigmoid hay tanh, chuẩn hóa theo lô, hoặc bớt tầng",
    },
    "exploding-gradients": {
      what: "gradient bùng nổ: tại tầng {{layer}} gấp {{ratio}} lần tại tầng {{last}}",
      advice: "khởi tạo trọng số nhỏ hơn, cắt gradient, hoặc chuẩn hóa theo lô",
    },
    "updates-too-large": {
      what: "mỗi bước làm {{parameter}} của tầng {{layer}} thay đổi {{share}} độ lớn của nó; thông thường khoảng {{usual}}",
      advice: "giảm tốc độ học",
    },
    "updates-too-small": {
      what: "mỗi bước chỉ làm {{parameter}} của tầng {{layer}} thay đổi nhiều nhất {{share}} độ lớn của nó; thông thường khoảng {{usual}}",
      advice: "tăng tốc độ học",
    },
    overfitting: {
      what: "mạng bị quá khớp: từ epoch {{epoch}}, mất mát kiểm định tăng từ {{best}} lên {{last}}, trong khi mất mát huấn luyện giảm",
      advice: "thêm dữ liệu, dropout, suy giảm trọng số, mạng nhỏ hơn, hoặc dừng sớm hơn",
    },
    "not-learning": {
      what: "mạng chưa học được gì: mất mát {{loss}} không tốt hơn luôn trả lời giống nhau ({{baseline}})",
      advice: "đổi tốc độ học, mạng lớn hơn và có hàm kích hoạt, hoặc xem dữ liệu vào có nói gì về mục tiêu không",
    },
    "hardly-learning": {
      what: "mạng hầu như chưa học được gì: mất mát {{loss}} chỉ nhỉnh hơn luôn trả lời giống nhau ({{baseline}})",
      advice: "đổi tốc độ học, mạng lớn hơn và có hàm kích hoạt, hoặc xem dữ liệu vào có nói gì về mục tiêu không",
    },
    "costly-errors": {
      what: "có tới {{accuracy}} câu trả lời đúng, nhưng mất mát {{loss}} gấp {{times}} lần mất mát khi luôn trả lời giống nhau ({{baseline}}): các câu sai lệch rất xa",
      advice: "giảm tốc độ học",
    },
    "worse-than-constant": {
      what: "mất mát {{loss}} gấp {{times}} lần mất mát khi luôn trả lời giống nhau ({{baseline}})",
      advice: "giảm tốc độ học, hoặc học thêm vài epoch",
    },
    "far-from-learning": {
      what: "mất mát {{loss}} gấp {{times}} lần mất mát khi luôn trả lời giống nhau ({{baseline}}): huấn luyện coi như đã phân kỳ",
      advice: "giảm tốc độ học",
    },
    "nothing-learned": {
      what: "mạng chưa học được gì dùng được cho hàng khác: trên các hàng kiểm định, mất mát tốt nhất (epoch {{epoch}}) là {{loss}}, không tốt hơn luôn trả lời giống nhau ({{baseline}})",
      advice: "đổi tốc độ học, thêm dữ liệu, hoặc xem dữ liệu vào có nói gì về mục tiêu không",
    },
  },
};

/**
 * A finding in a sentence without its full stop, and what to try.
 * @param numbers the language that numbers are written in: on a terminal English, as tables and files have them
 */
export function describeFinding(
  finding: HealthFinding,
  language: Language = "en",
  numbers: Language = "en",
): FindingText {
  const key = textOf(finding);
  const { what } = TEXTS[language][key];
  const advice = TEXTS[language][isOfRate(finding) ? "non-finite-parameter" : key].advice;
  const values = formatNumbers(finding, (value) => format(value, numbers));
  return { what: fill(what, values, language), advice: fill(advice, values, language) };
}

/** From so many times the best constant answer's loss on, a rate that is too high is what it is. Our choice. */
const FAR = 10;

function textOf(finding: HealthFinding): TextKey {
  if (finding.code === "non-finite") return `non-finite-${finding.phase}`;
  if (finding.code === "dead-units") return mostAtFirst(finding) ? "dead-at-first" : finding.code;
  if (finding.code === "vanishing-gradients" && finding.ratio === 0) return "no-gradient-arrives";
  if (finding.code !== "not-learning") return finding.code;
  const times = finding.loss / finding.baseline;
  if (times >= WORSE) return times >= FAR ? "far-from-learning" : "worse-than-constant";
  // By the digits that are shown.
  return shown(finding.loss) < shown(finding.baseline) ? "hardly-learning" : finding.code;
}

/** Whether training has let no more units die than were dead before it. */
function mostAtFirst({ dead, atFirst = 0 }: Extract<HealthFinding, { code: "dead-units" }>): boolean {
  return atFirst >= dead / 2;
}

/** Inputs of about 1 reach this: what is usual in standardised ones is within it, and to scale them would mend nothing. */
const USUAL_INPUT = 10;

/** Whether only the rate can be at fault where inputs might be too. */
function isOfRate(finding: HealthFinding): boolean {
  const ofInputs = finding.code === "exploded" || (finding.code === "non-finite" && finding.phase === "forward");
  return ofInputs && finding.input !== undefined && finding.input <= USUAL_INPUT;
}

function formatNumbers(finding: HealthFinding, format: (value: number) => string): Record<string, string> {
  const numbers: Record<string, string> = { usual: `${format(0.1)} %` };
  for (const [name, value] of Object.entries(finding))
    numbers[name] = typeof value === "number" ? format(value) : value;
  if ("path" in finding)
    numbers.layer = finding.layer === "" ? `"${finding.path}"` : `"${finding.path}" (${finding.layer})`;
  if ("last" in finding && typeof finding.last === "string") numbers.last = `"${finding.last}"`;
  if ("name" in finding) numbers.parameter = finding.name.slice(finding.name.lastIndexOf(".") + 1);
  const share = "share" in finding ? finding.share : "name" in finding ? finding.ratio : null;
  if (share !== null) numbers.share = `${format(100 * share)} %`;
  if (finding.code === "costly-errors") numbers.accuracy = `${format(100 * finding.accuracy)} %`;
  if (finding.code === "not-learning" || finding.code === "costly-errors")
    numbers.times = format(finding.loss / finding.baseline);
  return numbers;
}

/** A number as far as it is shown. */
function shown(value: number): number {
  return Number(value.toPrecision(3));
}

/** Three digits. */
function format(value: number, language: Language): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const large = size >= 1e6 || (size > 0 && size < 1e-3);
  if (value === 0) return "0";
  if (Number.isInteger(value) && !large) return value.toLocaleString(language === "vi" ? "vi" : "en-US");
  const text = large ? value.toExponential(1) : String(shown(value));
  return language === "vi" ? text.replace(".", ",").replace("e+", "e").replace("e-", "e−") : text;
}
