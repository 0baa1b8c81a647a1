import { isMissing } from "../read/missing.ts";
import type { ColumnFacts } from "../types/column-facts.ts";
import type { TypeContext } from "../types/column-type.ts";
import type { DecimalMark } from "../types/number-format.ts";
import type { Writing } from "./column-choices.ts";

/** The words for a missing value that can be the name of a class as well. */
const words = ["None", "NA", "N/A", "n/a"];

/**
 * Which words of a target, read as missing elsewhere, are the name of a class: all where that was asked for. Otherwise of a
 * target of text
 * - the only word beside a single class: without it there would be nothing to learn;
 * - "None", an ordinary word, that is no rarer than the rarest other class; and so "NA" and the like, which programs write
 *   for what is missing, where other cells of the target are empty.
 * Never a word that stands for a missing number in another column of the table.
 * @param classes how many rows each class has, these words apart
 */
export function classWords(
  facts: ColumnFacts,
  context: TypeContext,
  decimal: DecimalMark,
  classes: readonly number[],
  asked: Writing | undefined,
): string[] {
  if (asked === "words") return [...facts.missingWords.keys()];
  if (asked === "missing" || facts.numbers[decimal].cells > 0) return [];
  const there = words.filter((word) => facts.missingWords.has(word));
  if (there.length === 0) return [];
  const marks = context.missingMarks();
  const candidates = there.filter((word) => !marks.has(word));
  if (classes.length === 1) return candidates.length === 1 && there.length === 1 ? candidates : [];
  const rarest = classes.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  const told = [...facts.missingWords.values()].reduce((sum, times) => sum + times, 0);
  return candidates.filter(
    (word) => facts.missingWords.get(word)! >= rarest && (word === "None" || facts.missing > told),
  );
}

/** Whether a cell of a target says that there is no value: not where it names a class. */
export function isMissingTarget(cell: string, classes: readonly string[]): boolean {
  return isMissing(cell) && (cell === "" || !classes.includes(cell));
}
