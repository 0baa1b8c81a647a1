import { decimalMarkOf, writeCsv } from "@noron/tabular";
import type { LoadedData } from "../data/source.ts";
import type { Run } from "../run/parse.ts";
import { interpretOutputs } from "./predictions.ts";

export interface PredictionColumns {
  /** Every class's probability. Default true. */
  probabilities?: boolean;
  /** The cells that came in. Default true. */
  given?: boolean;
}

/**
 * The rows that came in, with what a run says of each, as CSV: the most likely class and every class's probability, or the
 * number. Cells are separated as in the input, and numbers have its decimal mark.
 * @param outputs of the network, [rows × outputs]
 */
export function writePredictions(
  { classes, preprocessing }: Pick<Run, "classes" | "preprocessing">,
  loaded: LoadedData,
  outputs: Float32Array,
  { probabilities = true, given = true }: PredictionColumns = {},
): string {
  const comma =
    loaded.kind === "table" && preprocessing.input === "table" && decimalMarkOf(preprocessing, loaded.table) === ",";
  const write = (value: number) => (comma ? String(value).replace(".", ",") : String(value));
  const shares = probabilities ? classes : [];
  const said = interpretOutputs(preprocessing, outputs).map((row) => {
    // What was computed in float32 has no more digits.
    if (!("probabilities" in row)) return [write(Number(row.prediction.toPrecision(7)))];
    return [row.prediction, ...shares.map((name) => write(Number(row.probabilities[name].toFixed(6))))];
  });
  const names = ["prediction", ...shares.map((name) => `probability ${name}`)];
  const cells = given ? givenCells(loaded) : { names: [], row: () => [] };
  const rows = said.map((row, index) => [...cells.row(index), ...row]);
  return writeCsv(distinct([...cells.names, ...names]), rows, loaded.kind === "table" ? loaded.table.delimiter : ",");
}

/** The cells that came in, to be written again. */
function givenCells(loaded: LoadedData): { names: string[]; row(index: number): string[] } {
  if (loaded.kind === "images") return { names: ["image"], row: (index) => [String(index)] };
  const { columns } = loaded.table;
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
