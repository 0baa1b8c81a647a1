import { join } from "node:path";
import {
  DataError,
  encodeTargetCells,
  type Preprocessing,
  pieceEncoder,
  scannedDecimal,
  standardizeTarget,
  warnOfCounts,
} from "@noron/tabular";
import type { AnyPreprocessing, Examples } from "../data/examples.ts";
import { InputError } from "../errors.ts";
import type { LoadedStream } from "./load-stream.ts";
import { RowStore } from "./row-store.ts";
import { StoredRows } from "./stored-rows.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/**
 * Rows in a file as examples.
 * @param rows their numbers in the table
 * @param target a class number or a number in the table's own unit for each
 */
export function storedExamples(
  rows: Int32Array,
  store: RowStore,
  preprocessing: Preprocessing,
  target: Float64Array,
): Examples {
  const inputs = new StoredRows(store, preprocessing);
  const { width } = inputs;
  const about = { inputs, width, count: store.count, rows, notes: [] };
  if (preprocessing.target.kind === "classes")
    return { ...about, target: { kind: "classes", classes: Int32Array.from(target) } };
  const values = standardizeTarget(preprocessing.target, target);
  return { ...about, target: { kind: "number", values, original: target } };
}

/**
 * The rows of a table that is read in pieces whose target is known, as labelledExamples makes them in memory, for as long as
 * the command runs.
 * @throws InputError, DataError as labelledExamples; UsageError where the disk has no room
 */
export async function labelledStream(preprocessing: AnyPreprocessing, loaded: LoadedStream): Promise<Examples> {
  if (preprocessing.input === "images") throw new InputError("table-for-images", { file: loaded.name });
  const folder = new TemporaryFolder();
  const width = preprocessing.columns.length;
  folder.requireSpace(8 * loaded.scan.table.rowCount * width);
  const examples = await storeHeldOut(preprocessing, loaded, new RowStore(join(folder.path, "rows"), width));
  loaded.tell("laid-out", examples.count);
  return examples;
}

/**
 * Rows of a file of their own that is read in pieces, those whose target is known, as labelledExamples makes them in memory.
 * @throws DataError as labelledExamples
 */
export async function storeHeldOut(
  preprocessing: Preprocessing,
  { scan, pieces, name }: LoadedStream,
  store: RowStore,
): Promise<Examples> {
  const { target } = preprocessing;
  const encoder = pieceEncoder(preprocessing, scan);
  const decimal = scannedDecimal(scan, target.name, target);
  const rows = new Int32Array(scan.table.rowCount);
  const targets = new Float64Array(scan.table.rowCount);
  let before = 0;
  for await (const piece of pieces.pieces()) {
    const all = Int32Array.from({ length: piece.rowCount }, (_, row) => row);
    const encoded = encodeTargetCells(target, piece, all, decimal);
    const values = encoder.values(piece, encoded.rows);
    encoded.rows.forEach((row, index) => {
      rows[store.count] = before + row;
      targets[store.count] = (encoded.kind === "classes" ? encoded.classes : encoded.original)[index];
      store.append(values, index);
    });
    before += piece.rowCount;
  }
  store.flush();
  if (store.count === 0)
    throw new DataError("all-missing", "the target is missing in every row.", { file: name, column: target.name });
  const notes = encoder.finish().flatMap(warnOfCounts);
  const { count } = store;
  return { ...storedExamples(rows.subarray(0, count), store, preprocessing, targets.slice(0, count)), notes };
}
