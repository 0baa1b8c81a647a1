import { inspect } from "@noron/core";
import { nearestName } from "@noron/tabular";
import { formatOf } from "../data/image-files.ts";
import { loadRunData } from "../data/run-data.ts";
import { UsageError } from "../errors.ts";
import { explainFound, explainRow, type RowExplanation } from "../explain/explain-row.ts";
import { chosenPlace, largest, writeLecture } from "../explain/lecture.ts";
import { EXPLAIN_TEXTS } from "../explain/texts.ts";
import { spoken } from "../language/current.ts";
import { findRow } from "../stream/find-row.ts";
import { openData } from "../stream/open-data.ts";
import { describeWarning } from "./describe.ts";
import { shellWord } from "./format.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { tellReading } from "./tell-plan.ts";

export interface ExplainArguments {
  row: number;
  layer?: string;
  neuron?: number;
  full?: boolean;
  stream?: boolean;
  model?: string;
  log?: string;
}

/** noron explain: one row through a run's network and back, formula by formula. */
export async function explainCommand(
  folder: string,
  source: string[],
  { row, layer, neuron, full = false, model, stream, log: format }: ExplainArguments,
): Promise<void> {
  const log = new Log(format === "json");
  const run = await openRunFolder(log, folder, model);
  const give = ["npx", "noron", "explain", folder, "--row", String(row), "DATA"].map(shellWord).join(" ");
  const load = (from: string[]) =>
    openData(from, { stream, format: formatOf(run.preprocessing), tell: tellReading(log) });
  const loaded = source.length > 0 ? await load(source) : await loadRunData(run, give, load);
  const explanation =
    loaded.kind === "stream" ? explainFound(run, await findRow(run, loaded, row)) : explainRow(run, loaded, row);
  requireLayer(explanation, layer, neuron);
  for (const note of explanation.notes) log.note(describeWarning(note));
  const { config } = run;
  const of = {
    data: loaded.name,
    images: loaded.kind === "images",
    loss: config.loss,
    optimizer: config.optimizer,
    lr: config.lr,
  };
  const width = process.stdout.isTTY ? Math.max(40, process.stdout.columns ?? 80) : 80;
  for (const line of writeLecture(explanation, of, EXPLAIN_TEXTS[spoken()], { width, full, layer, neuron }))
    log.result(line);
  if (log.json) writeEvents(log, explanation, layer, neuron);
}

function requireLayer({ step }: RowExplanation, layer: string | undefined, neuron: number | undefined): void {
  const paths = step.layers.map(({ path }) => path);
  if (layer !== undefined && !paths.includes(layer))
    throw new UsageError(
      "no-such-layer",
      { value: layer, layers: paths.join(", ") },
      { suggestion: nearestName(layer, paths) },
    );
  const widest = Math.max(
    ...step.layers
      .filter(({ path }) => layer === undefined || path === layer)
      .map(({ output }) => output.value.values.length),
  );
  if (neuron === undefined || neuron <= widest) return;
  if (layer === undefined) throw new UsageError("no-such-neuron", { value: neuron, most: widest });
  throw new UsageError("no-such-neuron-in-layer", { value: neuron, layer, most: widest });
}

/** The same for programs: an event for the row, each layer, the loss and each parameter. */
function writeEvents(
  log: Log,
  explanation: RowExplanation,
  only: string | undefined,
  neuron: number | undefined,
): void {
  const { step, ...row } = explanation;
  if (only === undefined) log.event("row", row);
  const written = (lines: readonly inspect.Line[]) =>
    lines.map((line) => {
      const formula = inspect.formulas().get(line.formula)!;
      const [symbols, numbers] = [inspect.textOf(formula), inspect.lineText(formula, line)];
      return { ...line, symbols, latex: inspect.latexOf(formula, "symbols"), text: numbers };
    });
  const layerEvent = (name: string, layer: inspect.LayerStep): void => {
    const { operations, ...values } = layer;
    const place = name === "loss" ? 0 : chosenPlace(layer, neuron);
    const gradient = layer.inputs[0]?.gradient ?? null;
    log.event(name, {
      ...values,
      operations: operations.map(({ op }) => op),
      place,
      lines: written(inspect.elementLines(layer, place)),
      gradientLines: gradient === null ? [] : written(inspect.gradientLines(layer, largest(gradient.values))),
    });
  };
  for (const layer of step.layers) if (only === undefined || layer.path === only) layerEvent("layer", layer);
  if (only === undefined && step.lossStep !== null) layerEvent("loss", step.lossStep);
  for (const update of step.updates)
    if (only === undefined || update.name.startsWith(`${only}.`))
      log.event("update", {
        ...update,
        place: largest(update.gradient.values),
        lines: written(inspect.updateLines(update, largest(update.gradient.values))),
      });
}
