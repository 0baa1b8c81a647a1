import { statSync } from "node:fs";
import { plainExamples } from "../data/examples.ts";
import { loadData } from "../data/source.ts";
import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { computeOutputs } from "../model/outputs.ts";
import { interpretOutputs } from "../predict/predictions.ts";
import { writePredictions } from "../predict/write-predictions.ts";
import { describeWarning } from "./describe.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { writeWhole } from "./output.ts";

export interface PredictArguments {
  model?: string;
  out?: string;
  proba?: boolean;
  only?: boolean;
  log?: string;
}

/** noron predict: writes the rows that came in, with what a run says of each, as CSV; as JSON an object a row. */
export async function predictCommand(
  folder: string,
  source: string[],
  { model, out, proba = true, only = false, log: format }: PredictArguments,
): Promise<void> {
  const log = new Log(format === "json");
  if (out !== undefined) requireOther(out, source);
  const run = await openRunFolder(log, folder, model);
  const loaded = await loadData(source);
  const examples = plainExamples(run.preprocessing, loaded);
  for (const note of examples.notes) log.note(describeWarning(note));
  const outputs = await computeOutputs(run.model, examples, run.config.network.outputs);
  if (examples.notes.length > 0) log.event("notes", { notes: examples.notes });
  if (out === undefined && log.json) {
    interpretOutputs(run.preprocessing, outputs).forEach((said, index) => {
      const place = examples.rows[index];
      log.event("prediction", { row: loaded.kind === "table" ? loaded.table.rowNumbers[place] : place, ...said });
    });
    return;
  }
  const text = writePredictions(run, loaded, outputs, { probabilities: proba, given: !only });
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  writeWhole(out, text);
  log.note(t("words.predictionsWritten", { count: examples.count, file: out }));
  log.event("result", { rows: examples.count, file: out });
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
