import { appendColumns, type Table, writeCsv } from "@noron/tabular";
import type { Run } from "../run/parse.ts";
import { interpretOutputs } from "./predictions.ts";

export interface PredictionColumns {
  /** Every class's probability. Default true. */
  probabilities?: boolean;
  /** The cells that came in. Default true. */
  given?: boolean;
}

/**
 * Writes the rows that came in, with what a run says of each, as CSV: the most likely class and every class's probability,
 * or the number. Lines of CSV stay as they were, with these cells added, and numbers have the decimal mark of that file.
 */
export class PredictionWriter {
  /** Rows that were written. */
  count = 0;

  constructor(
    private readonly run: Pick<Run, "classes" | "preprocessing">,
    private readonly decimalMark: "." | ",",
    private readonly columns: PredictionColumns = {},
  ) {}

  /**
   * The text of some rows; that of the first has the names of the columns.
   * @param outputs of the network, [rows × outputs]
   * @param rows undefined for images
   * @param files the files of images that have one each
   */
  write(outputs: Float32Array, rows: Table | undefined, files?: readonly string[]): string {
    const { probabilities = true, given = true } = this.columns;
    const { classes, preprocessing } = this.run;
    const number = (value: number) => (this.decimalMark === "," ? String(value).replace(".", ",") : String(value));
    const shares = probabilities ? classes : [];
    const said = interpretOutputs(preprocessing, outputs).map((row) => {
      // What was computed in float32 has no more digits.
      if (!("probabilities" in row)) return [number(Number(row.prediction.toPrecision(7)))];
      return [row.prediction, ...shares.map((name) => number(Number(row.probabilities[name].toFixed(6))))];
    });
    const names = ["prediction", ...shares.map((name) => `probability ${name}`)];
    const first = this.count;
    this.count += said.length;
    const options = { delimiter: rows?.delimiter, header: first === 0 };
    if (given && rows?.written !== undefined) {
      const taken = rows.columns.map(({ name }) => name);
      return appendColumns(rows.written, distinct([...taken, ...names]).slice(taken.length), said, options);
    }
    const cells = given ? givenCells(first, rows, files) : { names: [], row: () => [] };
    const lines = said.map((row, index) => [...cells.row(index), ...row]);
    return writeCsv(distinct([...cells.names, ...names]), lines, options);
  }
}

/** The cells that came in, to be written again. */
function givenCells(
  first: number,
  rows: Table | undefined,
  files: readonly string[] | undefined,
): { names: string[]; row(index: number): string[] } {
  if (files !== undefined) return { names: ["file"], row: (index) => [files[index]] };
  if (rows === undefined) return { names: ["image"], row: (index) => [String(first + index)] };
  const { columns } = rows;
  return { names: columns.map(({ name }) => name), row: (index) => columns.map(({ cells }) => cells[index]) };
}

/** Names with a number behind those that were there before. */
function distinct(names: string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; seen.has(free); number++) free = `${name}_${number}`;
    seen.add(free);
    return free;
  });
}
