export type {
  CallValues,
  Elements,
  Explanation,
  UpdateExplanation,
  UpdateValues,
  WithGradient,
} from "./explanation.ts";
export type { Expression, Value } from "./expression.ts";
export type { Formula, Line } from "./formula.ts";
export { latexOf, lineText, shortNumber, type TextOptions, textOf } from "./notation.ts";
export { broadcastPlace, lineThrough } from "./places.ts";
