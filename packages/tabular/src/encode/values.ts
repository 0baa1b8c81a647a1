import { isMissing } from "../read/missing.ts";
import { parseBoolean } from "../types/boolean.ts";
import type { ColumnKind } from "../types/column-type.ts";
import { type DateOrder, datePart, parseDate } from "../types/date.ts";
import { type DecimalMark, parseNumber } from "../types/number-format.ts";
import type { FeatureColumn, Scaling } from "./preprocessing.ts";

/** Stands for a text that is none of those that are known. */
export const unknownText = -1;

/**
 * Reads cells as one number each, of which features can be made: a number, days since 1970, 1 or 0 for yes and no, the
 * place of a text among those that are known. NaN where a cell is missing, or cannot be read.
 * @param texts a category's known texts and their places; words such as NA are missing where they are not among them
 */
export function valueReader(
  kind: Exclude<ColumnKind, "ignore">,
  { decimal, dateOrder }: { decimal: DecimalMark; dateOrder: DateOrder },
  texts?: ReadonlyMap<string, number>,
): (cell: string) => number {
  switch (kind) {
    case "number":
      return (cell) => parseNumber(cell, decimal);
    case "boolean":
      return (cell) => Number(parseBoolean(cell) ?? Number.NaN);
    case "date":
      return (cell) => parseDate(cell, dateOrder);
    case "category":
      return (cell) => texts?.get(cell) ?? (isMissing(cell) ? Number.NaN : unknownText);
  }
}

/** The places of a list's texts in it. */
export function placesOf(texts: Iterable<string>): Map<string, number> {
  return new Map(Array.from(texts, (text, place) => [text, place]));
}

/** Writes the features of one value of a column behind each other from `offset` on, and says how many were clipped. */
export type FeatureWriter = (value: number, features: Float32Array, offset: number) => number;

/**
 * Makes a column's features of values as valueReader reads them; where a category's text is not among the levels, of NaN
 * or unknownText.
 * @param clip standardised numbers are kept within ± this
 */
export function featureWriter(column: FeatureColumn, clip: number): FeatureWriter {
  const write = (scaled: number, features: Float32Array, at: number): number => {
    if (scaled >= -clip && scaled <= clip) {
      features[at] = scaled;
      return 0;
    }
    features[at] = scaled > 0 ? clip : -clip;
    return 1;
  };
  switch (column.kind) {
    case "number":
      return (value, features, offset) => {
        const missing = Number.isNaN(value);
        if (missing && column.missingIndicator) features[offset + 1] = 1;
        return write(scale(missing ? column.fill : value, column), features, offset);
      };
    case "boolean":
      return (value, features, offset) => {
        const missing = Number.isNaN(value);
        if (missing && column.missingIndicator) features[offset + 1] = 1;
        features[offset] = missing ? Number(column.fill) : value;
        return 0;
      };
    case "date":
      return (value, features, offset) => {
        const missing = Number.isNaN(value);
        if (missing && column.missingIndicator) features[offset + column.parts.length] = 1;
        let clipped = 0;
        column.parts.forEach(({ part, mean, standardDeviation }, place) => {
          const number = datePart(missing ? column.fill : value, part);
          clipped += write((number - mean) / standardDeviation, features, offset + place);
        });
        return clipped;
      };
    case "category":
      return (value, features, offset) => {
        if (value >= 0) features[offset + value] = 1;
        else if (column.missingLevel) features[offset + column.levels.length] = 1;
        return 0;
      };
  }
}

/** @internal (x − mean) / standardDeviation, of the logarithm where one was taken. */
export function scale(value: number, { logOffset, mean, standardDeviation }: Scaling): number {
  if (logOffset !== null) {
    const shifted = value + logOffset;
    value = Math.log(shifted > 0 ? shifted : Number.MIN_VALUE);
  }
  return (value - mean) / standardDeviation;
}
