import { inspect } from "@noron/core";
import { loadData } from "../data/source.ts";
import { InputError, UsageError } from "../errors.ts";
import { explainRow, type RowExplanation } from "../explain/explain-row.ts";
import { chosenPlace, largest, writeLecture } from "../explain/lecture.ts";
import { EXPLAIN_TEXTS } from "../explain/texts.ts";
import { spoken } from "../language/current.ts";
import type { Run } from "../run/parse.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";

export interface ExplainArguments {
  row: number;
  layer?: string;
  neuron?: number;
  full?: boolean;
  model?: string;
  log?: string;
}

/** noron explain: one row through a run's network and back, formula by formula. */
export async function explainCommand(
  folder: string,
  source: string[],
  { row, layer, neuron, full = false, model, log: format }: ExplainArguments,
): Promise<void> {
  const log = new Log(format === "json");
  const run = await openRunFolder(log, folder, model);
  const loaded = source.length > 0 ? await loadData(source) : await ownData(run);
  const explanation = explainRow(run, loaded, row);
  requireLayer(explanation, layer, neuron);
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

/**
 * The data that a run was trained on, where they are still what they were: a run folder names them, and nothing else is
 * read because it does.
 */
async function ownData({ name, config }: Run): ReturnType<typeof loadData> {
  const { source, hash } = config.data;
  const give = `Give the data: noron explain ${name} --row … DATA.`;
  if (source.includes("-")) throw new UsageError(`the run was trained on standard input. ${give}`);
  try {
    const loaded = await loadData(source);
    if (loaded.hash === hash) return loaded;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`the data of this run (${source.join(" ")}) cannot be read here. ${give}`);
  }
  throw new InputError(`${source.join(" ")} is not what it was when the run was trained. ${give}`);
}

function requireLayer({ step }: RowExplanation, layer: string | undefined, neuron: number | undefined): void {
  const paths = step.layers.map(({ path }) => path);
  if (layer !== undefined && !paths.includes(layer))
    throw new UsageError(`there is no layer ${layer}: they are ${paths.join(", ")}.`);
  const widest = Math.max(
    ...step.layers
      .filter(({ path }) => layer === undefined || path === layer)
      .map(({ output }) => output.value.values.length),
  );
  if (neuron !== undefined && neuron > widest)
    throw new UsageError(
      `there is no neuron ${neuron}: ${layer === undefined ? "the widest layer" : `layer ${layer}`} has ${widest}.`,
    );
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
