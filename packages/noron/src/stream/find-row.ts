import {
  encodeTargetCells,
  isMissingTarget,
  pieceEncoder,
  scannedDecimal,
  scannedReadingNotes,
  warnOfCounts,
} from "@noron/tabular";
import { InputError } from "../errors.ts";
import { cellsOf, type FoundRow, noSuchRow } from "../explain/explain-row.ts";
import { classesOf } from "../predict/predictions.ts";
import type { Run } from "../run/parse.ts";
import type { LoadedStream } from "./load-stream.ts";

/**
 * One row of a table that is read in pieces, prepared as it would be with the whole in memory; what is behind it is not read.
 * @throws InputError where there is no such row; DataError for cells that training could not have had
 */
export async function findRow(
  { preprocessing }: Pick<Run, "preprocessing">,
  { name, pieces, scan }: LoadedStream,
  row: number,
): Promise<FoundRow> {
  if (preprocessing.input === "images") throw new InputError("table-for-images", { file: name });
  const { target } = preprocessing;
  let first = 0;
  let last = 0;
  for await (const table of pieces.pieces()) {
    const place = table.rowNumbers.indexOf(row);
    if (place < 0) {
      first ||= table.rowNumbers[0];
      last = table.rowNumbers[table.rowCount - 1];
      continue;
    }
    const cells = cellsOf(table, place, target.name);
    const known = cells.some(
      ({ target: isTarget, value }) => isTarget && !isMissingTarget(value, classesOf(preprocessing)),
    );
    const rows = Int32Array.of(place);
    const encoder = pieceEncoder(preprocessing, scan);
    const inputs = encoder.encode(table, rows);
    const decimal = scannedDecimal(scan, target.name, target);
    const encoded = known ? encodeTargetCells(target, table, rows, decimal) : null;
    const notes = [...scannedReadingNotes(preprocessing, scan), ...encoder.finish().flatMap(warnOfCounts)];
    return {
      row,
      file: table.name,
      cells,
      examples: { inputs, width: encoder.width, count: 1, rows, target: encoded, notes },
    };
  }
  throw noSuchRow(name, row, first, last);
}
