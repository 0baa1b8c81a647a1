/** Scores and what they are compared with. */
export const scores = {
  network: "network",
  accuracy: "accuracy",
  f1: "F1 (macro)",
  r2: "R²",
  rmse: "RMSE",
  mae: "MAE",
  loss: "loss",
  lossUnweighted: "loss, unweighted",
  always: "always {{class}}",
  onlyAnswer:
    "all of these {{rows}} are taken for {{class}}: the network tells no class from another. Try more epochs, another learning rate or other --class-weights",
  noR2: "R² needs two rows that differ in the target",
  alwaysMean: "always {{value}}, the mean",
} as const;
