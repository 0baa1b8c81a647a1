import type { scores as english } from "../en/scores.ts";
import type { Translated } from "../translated.ts";

export const scores: Translated<typeof english> = {
  network: "mạng",
  accuracy: "độ chính xác",
  f1: "F1 (macro)",
  r2: "R²",
  rmse: "RMSE",
  mae: "MAE",
  loss: "mất mát",
  lossUnweighted: "mất mát, không trọng số",
  always: "luôn {{class}}",
  onlyAnswer:
    "cả {{rows}} này đều được xếp vào {{class}}: mạng không phân biệt được lớp nào. Hãy thử thêm epoch, tốc độ học khác hoặc --class-weights khác",
  noR2: "R² cần ít nhất hai hàng có giá trị mục tiêu khác nhau",
  alwaysMean: "luôn {{value}}, giá trị trung bình",
};
