import type { ColumnChoice, SplitMethod } from "@noron/tabular";

/** What a part that is held out was: a share of the rows, or data of their own, by the command's arguments. */
export type HeldOut = number | { source: string[]; hash: string };

/**
 * How a run's data were prepared, as its folder keeps it: with the target, the task and the seed all that decides which
 * rows and columns a network saw.
 */
export interface Preparation {
  /** Columns whose use was asked for; dropped ones are "ignore". */
  kinds: Record<string, ColumnChoice>;
  /** The only columns that were to be learned from; null for all. */
  keep: string[] | null;
  split: SplitMethod;
  validation: HeldOut;
  /** Null for images whose folder keeps some apart for testing. */
  test: HeldOut | null;
}
