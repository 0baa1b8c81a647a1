import "./methods.ts";

export type { BackwardOptions } from "./backward.ts";
export { grad } from "./grad.ts";
export { enableGrad, isGradEnabled, noGrad } from "./no-grad.ts";
