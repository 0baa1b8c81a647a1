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
  always: "luôn {{class}}",
  alwaysMean: "luôn {{value}}, giá trị trung bình",
};
