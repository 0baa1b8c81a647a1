/** A lesson as the page gets it: typeset text, and between it pieces of the studio that run. */
export interface Lesson {
  readonly title: string;
  readonly parts: readonly LessonPart[];
}

export type LessonPart =
  | { readonly kind: "prose"; readonly html: string }
  | { readonly kind: "piece"; readonly name: PieceName; readonly of: string };

/** The pieces that lessons are made with; some are of something, such as an activation. */
export const PIECES = [
  "linear",
  "activation",
  "softmax",
  "batch-norm",
  "normalization-kinds",
  "dropout",
  "drop-connect",
  "regression-loss",
  "binary-loss",
  "cross-entropy",
  "batch-sizes",
  "optimizers",
  "step",
  "studio",
] as const;
export type PieceName = (typeof PIECES)[number];

/** In the lecture's order. */
export const LESSONS = [
  "linear",
  "activations",
  "normalization",
  "dropout",
  "losses",
  "optimizers",
  "backpropagation",
] as const;
export type LessonName = (typeof LESSONS)[number];
