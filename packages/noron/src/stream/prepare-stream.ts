import { join } from "node:path";
import {
  DataError,
  fitCells,
  type Preprocessing,
  planColumns,
  RowSplitter,
  readValues,
  type Split,
  storedCells,
  unknownText,
  type ValueColumn,
  valueColumns,
} from "@noron/tabular";
import type { Examples } from "../data/examples.ts";
import { chooseTable, type PreparedData, type PrepareOptions, preparedTable } from "../data/prepare.ts";
import { ColumnStore } from "./column-store.ts";
import type { LoadedStream } from "./load-stream.ts";
import { RowStore } from "./row-store.ts";
import { storedExamples, storeHeldOut } from "./stored-examples.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** The parts of a split, by the numbers that rows are marked with. */
const PARTS = ["training", "validation", "test"] as const;

/**
 * Prepares a table that is read in pieces as prepareData prepares one in memory: the same plan, split and preprocessing. The
 * rows become numbers in files of a temporary folder.
 * @throws as prepareData; UsageError where the disk has no room
 */
export async function prepareStream(
  loaded: LoadedStream,
  options: PrepareOptions<LoadedStream>,
): Promise<PreparedData> {
  const { scan, name } = loaded;
  const { seed, held, shares, choices } = chooseTable(loaded, scan.table, options);
  const plan = planColumns(scan.table, (column) => scan.facts.get(column.name)!, scan.context, choices);
  const splitter = new RowSplitter(name, plan, (column) => scan.facts.get(column)!, scan.context);
  const folder = new TemporaryFolder();
  const columns = valueColumns(scan, plan);
  // The columns first, and while they are made to rows these as well.
  folder.requireSpace(2 * 8 * scan.table.rowCount * columns.length);
  const store = new ColumnStore(join(folder.path, "columns"), columns.length);
  const numbers = new Int32Array(scan.table.rowCount);
  let before = 0;
  for await (const piece of loaded.pieces.pieces()) {
    const values = readValues(piece, columns);
    if (before + piece.rowCount > numbers.length) throw changed(name);
    values.rows.forEach((row, index) => {
      numbers[store.rows + index] = before + row;
    });
    splitter.add(piece, values.rows);
    store.append(values.columns);
    before += piece.rowCount;
  }
  if (before < numbers.length) throw changed(name);
  loaded.tell("stored", store.rows);

  const isClasses = plan.target.task === "classification";
  const labels = isClasses ? Int32Array.from(flatten(store.column(columns.length - 1), store.rows)) : undefined;
  const split = splitter.split(store.rows, labels, { seed, ...shares });
  const marks = markParts(split, store.rows);
  const training = (column: number) => partOf(store.column(column), marks, 0);
  const fitted = fitCells(storedCells(name, split.train.length, columns, training), plan);
  const { preprocessing } = fitted;

  const stores = storeRows(store, columns, preprocessing, marks, folder);
  const places = [split.train, split.validation, split.test];
  const parts: Examples[] = [];
  for (const [mark, part] of PARTS.entries()) {
    const own = part === "training" ? undefined : held[part];
    if (typeof own === "object") {
      parts.push(
        await storeHeldOut(
          preprocessing,
          own,
          new RowStore(join(folder.path, `${part}-own`), preprocessing.columns.length),
        ),
      );
      continue;
    }
    const inTable = places[mark].map((place) => numbers[place]);
    const target = flatten(partOf(store.column(columns.length - 1), marks, mark), stores[mark].count);
    parts.push(storedExamples(inTable, stores[mark], preprocessing, target));
  }
  store.remove();
  loaded.tell("laid-out", store.rows);
  const [trained, validation, test] = parts;
  const notes = [...split.notes, ...fitted.notes, ...parts.flatMap((examples) => examples.notes)];
  return preparedTable({ plan, fitted, held, parts: { training: trained, validation, test }, notes });
}

function markParts({ validation, test }: Split, rows: number): Uint8Array {
  const marks = new Uint8Array(rows);
  for (const row of validation) marks[row] = 1;
  for (const row of test) marks[row] = 2;
  return marks;
}

/** Of a column's pieces the values of the rows that have a mark. */
function partOf(pieces: Iterable<Float64Array>, marks: Uint8Array, mark: number): Iterable<Float64Array> {
  return {
    *[Symbol.iterator]() {
      let start = 0;
      for (const piece of pieces) {
        const first = start;
        start += piece.length;
        yield piece.filter((_, row) => marks[first + row] === mark);
      }
    },
  };
}

function flatten(pieces: Iterable<Float64Array>, length: number): Float64Array {
  const all = new Float64Array(length);
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}

/** The rows of each part, with the numbers of the columns that are learned from. */
function storeRows(
  store: ColumnStore,
  columns: readonly ValueColumn[],
  { columns: learned }: Preprocessing,
  marks: Uint8Array,
  folder: TemporaryFolder,
): RowStore[] {
  const stores = PARTS.map((part) => new RowStore(join(folder.path, part), learned.length));
  const sources = learned.map((feature) => {
    const index = columns.findIndex(({ name }) => name === feature.name);
    if (feature.kind !== "category") return { index, places: undefined };
    const levels = new Map(feature.levels.map((level, place) => [level, place]));
    return { index, places: columns[index].texts.map((text) => levels.get(text) ?? unknownText) };
  });
  let row = 0;
  for (const piece of store.pieces()) {
    const values = sources.map(({ index, places }) =>
      places === undefined ? piece[index] : piece[index].map((text) => (text >= 0 ? places[text] : text)),
    );
    for (let index = 0; index < piece[0].length; index++) stores[marks[row++]].append(values, index);
  }
  for (const each of stores) each.flush();
  return stores;
}

function changed(file: string): DataError {
  return new DataError("different-columns", "the file has changed while it was read: try again.", { file });
}
