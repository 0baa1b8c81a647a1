export { type DigitsOptions, digits } from "./digits.ts";
export { blobs, type ClassOptions, circles, curve, moons, type SampleOptions, spirals, xor } from "./points.ts";
