import "./methods.ts";

export type { BackwardOptions } from "./backward.ts";
export { grad } from "./grad.ts";
export { type GradcheckMismatch, type GradcheckOptions, type GradcheckReport, gradcheck } from "./gradcheck.ts";
export { enableGrad, isGradEnabled, noGrad } from "./no-grad.ts";
