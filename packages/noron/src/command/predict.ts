import { statSync } from "node:fs";
import { extname } from "node:path";
import { placeOf } from "@noron/tabular";
import { formatOf } from "../data/image-files.ts";
import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { computeOutputs } from "../model/outputs.ts";
import { interpretOutputs } from "../predict/predictions.ts";
import { PredictionWriter } from "../predict/write-predictions.ts";
import type { Run } from "../run/parse.ts";
import { type ExamplePiece, newRows } from "../stream/new-rows.ts";
import { openData } from "../stream/open-data.ts";
import { describeWarning } from "./describe.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { isTaken, StandardOutput, WholeFile } from "./output.ts";

export interface PredictArguments {
  model?: string;
  stream?: boolean;
  out?: string;
  proba?: boolean;
  only?: boolean;
  force?: boolean;
  log?: string;
}

/** noron predict: writes the rows that came in, with what a run says of each, as CSV; as JSON an object a row. */
export async function predictCommand(
  folder: string,
  source: string[],
  { model, stream, out, proba = true, only = false, force = false, log: format }: PredictArguments,
): Promise<void> {
  const log = new Log(format === "json");
  if (out !== undefined) requireCsv(out);
  if (out !== undefined) requireOther(out, source);
  if (out !== undefined && !force && isTaken(out)) throw new UsageError("file-exists-force", { file: out });
  const run = await openRunFolder(log, folder, model);
  const loaded = await openData(source, { stream, format: formatOf(run.preprocessing), keepText: !only });
  const rows = newRows(run.preprocessing, loaded);
  const writer = new PredictionWriter(run, rows.decimalMark, { probabilities: proba, given: !only });
  let told = false;
  const tellNotes = () => {
    if (told || rows.notes.length === 0) return;
    told = true;
    for (const note of rows.notes) log.note(describeWarning(note));
    log.event("notes", { notes: rows.notes });
  };
  let output: StandardOutput | WholeFile | undefined;
  let count = 0;
  try {
    for await (const { examples, table, files } of rows.plain()) {
      const outputs = await computeOutputs(run.model, examples, run.config.network.outputs);
      tellNotes();
      count += examples.count;
      if (out === undefined && log.json) {
        tellPredictions(log, run, outputs, { examples, table, files });
        continue;
      }
      // Not before there is something to write: what is refused leaves nothing behind.
      output ??= out === undefined ? new StandardOutput() : new WholeFile(out);
      await output.write(writer.write(outputs, table, files));
    }
    tellNotes();
    output?.finish();
  } finally {
    output?.discard();
  }
  if (out === undefined) return;
  log.note(t("words.predictionsWritten", { count, file: out }));
  log.event("result", { rows: count, file: out });
}

/** An object a row; rows are numbered as a spreadsheet does in each file, images from 0. */
function tellPredictions(
  log: Log,
  { preprocessing }: Run,
  outputs: Float32Array,
  { examples: { rows }, table, files }: ExamplePiece,
): void {
  interpretOutputs(preprocessing, outputs).forEach((said, index) => {
    const row = rows[index];
    log.event("prediction", { ...(table === undefined ? { file: files?.[row], row } : placeOf(table, row)), ...said });
  });
}

/** Endings of files that other programs would take for something else than CSV. */
const FOREIGN = ["json", "jsonl", "ndjson", "parquet", "xlsx", "xls", "ods", "gz", "html"];

/** @throws UsageError where the name says another form */
function requireCsv(out: string): void {
  if (FOREIGN.includes(extname(out).slice(1).toLowerCase())) throw new UsageError("predictions-are-csv", { file: out });
}

/** @throws UsageError where the output would take the place of the data, by whatever name or link */
function requireOther(out: string, source: string[]): void {
  const place = identify(out);
  if (place === undefined) return;
  const same = source.find((name) => identify(name) === place);
  if (same !== undefined) throw new UsageError("out-is-input", { file: out });
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
