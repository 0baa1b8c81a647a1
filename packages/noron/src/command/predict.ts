import { statSync } from "node:fs";
import { writeCsv } from "@noron/tabular";
import { plainExamples } from "../data/examples.ts";
import { type LoadedData, loadData } from "../data/source.ts";
import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { computeOutputs } from "../model/outputs.ts";
import { interpretOutputs } from "../predict/predictions.ts";
import type { Run } from "../run/parse.ts";
import { describeWarning } from "./describe.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { writeWhole } from "./output.ts";

/** noron predict: writes the rows that came in, with what a run says of each, as CSV. */
export async function predictCommand(
  folder: string,
  source: string[],
  { model, out }: { model?: string; out?: string },
): Promise<void> {
  const log = new Log(false);
  if (out !== undefined) requireOther(out, source);
  const run = await openRunFolder(folder, model);
  const loaded = await loadData(source);
  const examples = plainExamples(run.preprocessing, loaded);
  for (const note of examples.notes) log.note(describeWarning(note));
  const outputs = await computeOutputs(run.model, examples, run.config.network.outputs);
  const { names, cells } = predictions(run, outputs);
  const given = givenCells(loaded);
  const headers = distinct([...given.names, ...names]);
  const text = writeCsv(
    headers,
    cells.map((row, index) => [...given.row(index), ...row]),
  );
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  writeWhole(out, text);
  log.note(t("words.predictionsWritten", { count: examples.count, file: out }));
}

/** @throws UsageError where the output would take the place of the data, by whatever name or link */
function requireOther(out: string, source: string[]): void {
  const place = identify(out);
  if (place === undefined) return;
  const same = source.find((name) => identify(name) === place);
  if (same !== undefined) throw new UsageError(`--out ${out} is the data that are read: give another name.`);
}

/** Which file it is; undefined for none. */
function identify(path: string): string | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() ? `${found.dev} ${found.ino}` : undefined;
  } catch {
    return undefined;
  }
}

interface Cells {
  names: string[];
  cells: (string | number)[][];
}

/** The most likely class and every class's probability, or the number. */
function predictions({ classes, preprocessing }: Run, outputs: Float32Array): Cells {
  const cells = interpretOutputs(preprocessing, outputs).map((said) => {
    // What was computed in float32 has no more digits.
    if (!("probabilities" in said)) return [Number(said.prediction.toPrecision(7))];
    return [said.prediction, ...classes.map((name) => Number(said.probabilities[name].toFixed(6)))];
  });
  return { names: ["prediction", ...classes.map((name) => `probability ${name}`)], cells };
}

/** The cells that came in, to be written again. */
function givenCells(loaded: LoadedData): { names: string[]; row(index: number): (string | number)[] } {
  if (loaded.kind === "images") return { names: ["image"], row: (index) => [index] };
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
