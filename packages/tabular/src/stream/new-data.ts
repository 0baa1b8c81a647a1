import { decimalLike, FeatureEncoder } from "../encode/apply.ts";
import type { NumberWriting, Preprocessing } from "../encode/preprocessing.ts";
import type { DecimalMark } from "../types/number-format.ts";
import type { TableScan } from "./scan-table.ts";

/** Encodes the pieces of a table that was scanned, as applyPreprocessing encodes the whole. */
export function pieceEncoder(preprocessing: Preprocessing, scan: TableScan): FeatureEncoder {
  return new FeatureEncoder(preprocessing, (column) =>
    column.kind === "number" ? scannedDecimal(scan, column.name, column) : ".",
  );
}

/** How a column of a table that was scanned writes numbers: as in training, unless it clearly does otherwise. */
export function scannedDecimal({ facts, context }: TableScan, column: string, trained: NumberWriting): DecimalMark {
  const found = facts.get(column);
  // A column that is missing is refused where its cells are asked for.
  if (found === undefined) return trained.decimal;
  return decimalLike(trained, found.marks, context);
}
