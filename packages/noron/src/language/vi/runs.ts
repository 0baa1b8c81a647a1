import type { runs as english } from "../en/runs.ts";
import type { Translated } from "../translated.ts";

export const runs: Translated<typeof english> = {
  none: "không có lần chạy nào trong {{folder}}; lệnh noron train tạo ra chúng",
  name: "lần chạy",
  data: "dữ liệu",
  target: "mục tiêu",
  test: "kiểm tra",
  validation: "mất mát kiểm định",
  validationWeighted: "mất mát kiểm định, có trọng số ở {{runs}}",
  epochs: "epoch",
  network: "mạng",
  when: "lúc",
  unfinished: "chưa xong",
  diverged: "phân kỳ",
  bestMeans:
    "* tốt nhất theo {{scores}} trong các lần chạy được kiểm tra trên cùng các hàng; epoch: epoch được giữ trọng số (mất mát kiểm định thấp nhất) trên tổng số",
  otherData: "hai lần chạy này dùng dữ liệu hoặc biến mục tiêu khác nhau, nên điểm số của chúng khó so sánh",
  otherRows:
    "hai lần chạy này được kiểm tra trên những hàng khác nhau, nên một phần chênh lệch điểm số có thể chỉ do may rủi của các hàng",
  settings: "khác nhau ở:",
  sameSettings: "các thiết lập giống nhau",
  scores: "điểm số:",
  difference: "chênh lệch",
};
