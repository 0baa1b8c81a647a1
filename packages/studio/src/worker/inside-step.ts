import { inspect } from "@noron/core";
import { broadcastPlace, lineThrough } from "@noron/core/formula";
import { proxyMarker } from "comlink";
import type { LayerNumber } from "../formulas/layer-number.ts";
import type { ShownLine } from "../formulas/template.ts";
import { sizeOf, tableShape } from "../inside/places.ts";
import type {
  Drawing,
  Followed,
  LayerOverview,
  Stage,
  StageView,
  Statistics,
  StepOverview,
  StepPosition,
  Stop,
  TableName,
  ValueTable,
} from "../inside/step-view.ts";

type Layer = inspect.LayerStep;
type Elements = inspect.Elements;

/** Numbers for the page, which shows them and computes with none. */
const shown = (values: ArrayLike<number>): ArrayLike<LayerNumber> => values as unknown as ArrayLike<LayerNumber>;
const shownLines = (lines: inspect.Line[]): ShownLine[] => lines as unknown as ShownLine[];

const isLinear = ({ explanation }: Layer): boolean => explanation === "Linear" || explanation === "DropConnect";

/**
 * One training step as the Inside view goes through it. It picks from what `inspect.explainStep` found and computes no number
 * of a network; what it does compute is places.
 */
export class InsideStep {
  readonly [proxyMarker] = true as const;
  readonly #step: inspect.StepExplanation;
  readonly #position: StepPosition | null;

  /** @param step with a loss, unless only its layers' way forward is looked at */
  constructor(step: inspect.StepExplanation, position: StepPosition | null = null) {
    this.#step = step;
    this.#position = position;
  }

  get #loss(): Layer {
    return this.#step.lossStep!;
  }

  overview(): StepOverview {
    const { layers, updates, loss } = this.#step;
    return {
      position: this.#position,
      rows: this.#rows,
      training: layers.some(({ training }) => training),
      loss: shown([loss!])[0],
      lossName: this.#loss.layer,
      lossSettings: this.#loss.settings as LayerOverview["settings"],
      layers: layers.map(
        (layer): LayerOverview => ({
          path: layer.path,
          layer: layer.layer,
          settings: layer.settings as LayerOverview["settings"],
          output: layer.output.value.shape,
          parameters: Object.entries(layer.parameters).map(([name, { value }]) => ({ name, shape: value.shape })),
        }),
      ),
      stages: this.#stages(),
      updates: updates.map(({ name, optimizer }) => ({ name, optimizer })),
    };
  }

  get #rows(): number {
    return this.#loss.inputs[0].value.shape[0];
  }

  #stages(): Stage[] {
    const { layers, updates } = this.#step;
    const stages: Stage[] = layers.map((_, layer) => ({ phase: "forward", layer }));
    stages.push({ phase: "loss" }, { phase: "lossGradient" });
    for (let layer = layers.length - 1; layer >= 0; layer--) {
      for (const [parameter, { gradient }] of Object.entries(layers[layer].parameters))
        if (gradient !== null) stages.push({ phase: "parameter", layer, parameter });
      if (layers[layer].inputs[0].gradient !== null) stages.push({ phase: "backward", layer });
    }
    updates.forEach((_, update) => {
      stages.push({ phase: "update", update });
    });
    return stages;
  }

  /**
   * Every stage with the element of one sample that hangs together with those of the others: the one that the loss is most
   * sensitive to, or that a followed number has part in. Followed, the stages of other parameters are left out.
   */
  walk(row: number, followed: Followed | null = null): Stop[] {
    const { layers, updates } = this.#step;
    const path = this.#path(row, followed);
    const stops: Stop[] = [];
    for (const stage of this.#stages()) {
      switch (stage.phase) {
        case "forward":
          stops.push({ stage, place: path.outputs[stage.layer] });
          break;
        case "backward":
          if (followed === null || stage.layer > followed.layer) stops.push({ stage, place: path.inputs[stage.layer] });
          break;
        case "loss":
        case "lossGradient":
          stops.push({ stage, place: path.outputs[layers.length - 1] });
          break;
        case "parameter":
        case "update": {
          const [layer, name] =
            stage.phase === "parameter" ? [stage.layer, stage.parameter] : this.#owner(updates[stage.update].name);
          if (followed === null) {
            const [given, made] = [path.inputs[layer], path.outputs[layer]];
            stops.push({ stage, place: parameterPlace(layers[layer], name, given, made) });
          } else if (layer === followed.layer && name === followed.parameter)
            stops.push({ stage, place: followed.place });
        }
      }
    }
    return stops;
  }

  /** The layer and the name in it of a parameter by its path. */
  #owner(name: string): [layer: number, parameter: string] {
    const cut = name.lastIndexOf(".");
    const layer = this.#step.layers.findIndex(({ path }) => path === name.slice(0, Math.max(cut, 0)));
    return [layer, name.slice(cut + 1)];
  }

  /** One element of each layer's input and output, connected. */
  #path(row: number, followed: Followed | null): { inputs: number[]; outputs: number[] } {
    const { layers } = this.#step;
    const inputs: number[] = new Array(layers.length);
    const outputs: number[] = new Array(layers.length);
    const back = (from: number): void => {
      for (let layer = from; layer >= 0; layer--) {
        const step = layers[layer];
        inputs[layer] ??= isLinear(step) ? this.#mostSensitiveInput(layer, row) : outputs[layer];
        if (layer > 0) outputs[layer - 1] ??= inputs[layer];
      }
    };
    if (followed !== null) {
      const { layer, parameter, place } = followed;
      const { inputs: given, output } = layers[layer];
      const [rows, columns] = [tableShape(given[0].value.shape).columns, tableShape(output.value.shape).columns];
      if (isLinear(layers[layer]) && parameter === "weight") {
        inputs[layer] = row * rows + (place % rows);
        outputs[layer] = row * columns + Math.floor(place / rows);
      } else {
        const own = Array.from({ length: columns }, (_, each) => row * columns + each).find(
          (each) => parameterPlace(layers[layer], parameter, each, each) === place,
        );
        outputs[layer] = own ?? row * columns;
      }
      for (let next = layer + 1; next < layers.length; next++) {
        inputs[next] = outputs[next - 1];
        outputs[next] = isLinear(layers[next]) ? mostSensitive(layers[next].output, row) : inputs[next];
      }
      back(layer);
    } else {
      outputs[layers.length - 1] = mostSensitive(layers[layers.length - 1].output, row);
      back(layers.length - 1);
    }
    return { inputs, outputs };
  }

  /** The element of a linear layer's input that the neurons before it have the largest gradient of: no dead or dropped one. */
  #mostSensitiveInput(layer: number, row: number): number {
    const { layers } = this.#step;
    const [given] = layers[layer].inputs;
    const before = layers.slice(0, layer).findLast(isLinear)?.output ?? layers[0].inputs[0];
    const same = tableShape(before.value.shape).columns === tableShape(given.value.shape).columns;
    return mostSensitive(same ? before : given, row);
  }

  /** @throws RangeError for a place that is not there */
  view(stage: Stage, place: number): StageView {
    const { layers, updates } = this.#step;
    const empty = { stage, place, chain: [], statistics: null, operations: [] };
    switch (stage.phase) {
      case "forward": {
        const layer = layers[stage.layer];
        return {
          ...empty,
          lines: shownLines(inspect.elementLines(layer, place)),
          tables: this.#forwardTables(stage.layer, place),
          statistics: statisticsOf(layer, place),
          operations:
            layer.explanation === null
              ? layer.operations.map(({ op, output: { shape, values } }) => ({ op, shape, values: shown(values) }))
              : [],
        };
      }
      case "loss":
      case "lossGradient": {
        const forward = stage.phase === "loss";
        return {
          ...empty,
          lines: shownLines(
            forward ? inspect.elementLines(this.#loss, place) : inspect.gradientLines(this.#loss, place),
          ),
          tables: this.#lossTables(forward, place),
        };
      }
      case "backward":
        return {
          ...empty,
          lines: shownLines(inspect.gradientLines(layers[stage.layer], place)),
          chain: shownLines(inspect.chainLines(this.#step, stage.layer, place)),
          tables: this.#backwardTables(stage.layer, place),
        };
      case "parameter":
        return {
          ...empty,
          lines: shownLines(inspect.parameterLines(layers[stage.layer], stage.parameter, place)),
          tables: this.#parameterTables(stage.layer, stage.parameter, place),
        };
      case "update":
        return {
          ...empty,
          lines: shownLines(inspect.updateLines(updates[stage.update], place)),
          tables: this.#updateTables(updates[stage.update], place),
        };
    }
  }

  #forwardTables(index: number, place: number): ValueTable[] {
    const layer = this.#step.layers[index];
    const { inputs, output, parameters } = layer;
    const involved = involvedInputs(layer, place);
    const before: Stage = { phase: "forward", layer: index - 1 };
    const tables = [
      table("input", inputs[0].value, involved, { origin: index > 0 ? { stage: before, place: involved[0] } : null }),
    ];
    for (const [name, { value }] of Object.entries(parameters))
      tables.push(table("parameter", value, involvedParameters(layer, name, place), { of: name }));
    tables.push(...notedTables(layer, place, output.value.shape));
    tables.push(table("output", output.value, [place], { made: true }));
    return tables;
  }

  #lossTables(forward: boolean, place: number): ValueTable[] {
    const [prediction, target] = this.#loss.inputs;
    const last = this.#step.layers.length - 1;
    const row = Math.floor(place / tableShape(prediction.value.shape).columns);
    const of = (elements: Elements): number[] => [
      elements.values.length === prediction.value.values.length ? place : row,
    ];
    const tables = [
      table("prediction", prediction.value, [place], {
        made: forward,
        origin: { stage: { phase: "forward", layer: last }, place },
      }),
      table("target", target.value, of(target.value)),
      ...notedTables(this.#loss, place, prediction.value.shape),
    ];
    if (!forward && prediction.gradient !== null)
      tables.push(table("predictionGradient", prediction.gradient, [place], { made: true }));
    return tables;
  }

  /** What sends the gradient of a layer's output: the next layer's way back, or the loss. */
  #sender(index: number, place: number): Stop {
    const next = this.#step.layers.findIndex(({ from }) => from === index);
    return { stage: next >= 0 ? { phase: "backward", layer: next } : { phase: "lossGradient" }, place };
  }

  #backwardTables(index: number, place: number): ValueTable[] {
    const layer = this.#step.layers[index];
    const { inputs, output, slope, parameters } = layer;
    const involved = involvedOutputs(layer, place);
    const tables: ValueTable[] = [];
    if (output.gradient !== null)
      tables.push(table("outputGradient", output.gradient, involved, { origin: this.#sender(index, involved[0]) }));
    if (slope !== null) tables.push(table("slope", slope, [place]));
    if (isLinear(layer)) {
      const { columns } = tableShape(inputs[0].value.shape);
      const outputs = parameters.weight.value.shape[0];
      const edges = Array.from({ length: outputs }, (_, output) => output * columns + (place % columns));
      tables.push(table("parameter", parameters.weight.value, edges, { of: "weight" }));
    }
    for (const name of ["mask", "normalized"])
      if (layer.noted[name] !== undefined && !isLinear(layer))
        tables.push(table("noted", layer.noted[name].value, [place], { of: name }));
    tables.push(table("inputGradient", inputs[0].gradient!, [place], { made: true }));
    return tables;
  }

  #parameterTables(index: number, name: string, place: number): ValueTable[] {
    const layer = this.#step.layers[index];
    const { inputs, output, parameters } = layer;
    const sent = output.gradient!;
    const outputs = Array.from({ length: sent.values.length }, (_, each) => each);
    const linear = isLinear(layer);
    const columns = { given: tableShape(inputs[0].value.shape).columns, made: tableShape(sent.shape).columns };
    const neuron = linear ? (name === "weight" ? Math.floor(place / columns.given) : place) : -1;
    const from = outputs.filter((each) =>
      linear ? each % columns.made === neuron : parameterPlace(layer, name, each, each) === place,
    );
    const tables = [table("outputGradient", sent, from, { origin: this.#sender(index, from[0]) })];
    if (linear && name === "weight") {
      const given = inputs[0].value;
      const fed = Array.from({ length: this.#rows }, (_, row) => row * columns.given + (place % columns.given));
      const origin: Stop | null = index > 0 ? { stage: { phase: "forward", layer: index - 1 }, place: fed[0] } : null;
      tables.push(table("input", given, fed, { origin }));
    } else if (!linear && name === "weight" && layer.noted.normalized !== undefined)
      tables.push(table("noted", layer.noted.normalized.value, from, { of: "normalized" }));
    if (layer.noted.mask !== undefined && name === "weight")
      tables.push(table("noted", layer.noted.mask.value, [place], { of: "mask" }));
    tables.push(table("parameterGradient", parameters[name].gradient!, [place], { of: name, made: true }));
    return tables;
  }

  #updateTables(update: inspect.ParameterUpdate, place: number): ValueTable[] {
    const [layer, parameter] = this.#owner(update.name);
    const origin: Stop = { stage: { phase: "parameter", layer, parameter }, place };
    const tables = [
      table("before", update.before, [place], { of: parameter }),
      table("parameterGradient", update.gradient, [place], { of: parameter, origin }),
    ];
    for (const [name, { before, after }] of Object.entries(update.memory))
      tables.push(
        table("memoryBefore", before, [place], { of: name }),
        table("memoryAfter", after, [place], { of: name }),
      );
    tables.push(table("after", update.after, [place], { of: parameter, made: true }));
    return tables;
  }

  /** Values, weights and gradients of one sample as a picture of the network. */
  drawing(row: number): Drawing {
    const { layers } = this.#step;
    const rowOf = (elements: Elements | null): ArrayLike<LayerNumber> | null => {
      if (elements === null) return null;
      const { columns } = tableShape(elements.shape);
      return shown(Array.from({ length: columns }, (_, column) => elements.values[row * columns + column]));
    };
    const [first] = layers[0].inputs;
    return {
      columns: [
        { layer: null, values: rowOf(first.value)!, gradients: rowOf(first.gradient) },
        ...layers.map(({ output }, layer) => ({
          layer,
          values: rowOf(output.value)!,
          gradients: rowOf(output.gradient),
        })),
      ],
      weights: layers.flatMap((step, layer) => {
        if (!isLinear(step)) return [];
        const { value, gradient } = step.parameters.weight;
        const mask = step.noted.mask?.value.values;
        return {
          layer,
          shape: value.shape,
          weights: shown(value.values),
          gradients: gradient === null ? null : shown(gradient.values),
          mask: mask === undefined ? null : shown(mask),
        };
      }),
    };
  }
}

function table(
  name: TableName,
  { shape, values }: Elements,
  involved: readonly number[],
  { of, made = false, origin = null }: Partial<Pick<ValueTable, "of" | "made" | "origin">> = {},
): ValueTable {
  const whole = { name, shape, values: shown(values), involved, made, origin };
  return of === undefined ? whole : { ...whole, of };
}

/** What layers note on the way and students ask for; the rest stands in formulas. */
const NOTED = [
  "mask",
  "dropped",
  "mean",
  "variance",
  "meanSquare",
  "normalized",
  "largest",
  "powers",
  "total",
  "difference",
  "logarithm",
  "otherLogarithm",
  "losses",
];

function notedTables(layer: Layer, place: number, shape: readonly number[]): ValueTable[] {
  const { noted } = layer;
  const linear = isLinear(layer);
  return NOTED.flatMap((name) => {
    // What dropout leaves is its output.
    if (noted[name] === undefined || (name === "dropped" && !linear)) return [];
    const { value } = noted[name];
    const own = linear ? involvedParameters(layer, "weight", place) : [broadcastPlace(value.shape, shape, place)];
    return table("noted", value, own, { of: name });
  });
}

/** The elements of a layer's input that one of its output is made of. */
function involvedInputs(layer: Layer, place: number): number[] {
  const { shape } = layer.output.value;
  if (isLinear(layer)) {
    const columns = layer.inputs[0].value.shape.at(-1)!;
    const row = Math.floor(place / shape.at(-1)!);
    return Array.from({ length: columns }, (_, column) => row * columns + column);
  }
  return group(layer, place);
}

/** The elements of a layer's output whose gradients come back to one of its input. */
function involvedOutputs(layer: Layer, place: number): number[] {
  const { shape } = layer.output.value;
  if (isLinear(layer)) {
    const columns = shape.at(-1)!;
    const row = Math.floor(place / layer.inputs[0].value.shape.at(-1)!);
    return Array.from({ length: columns }, (_, column) => row * columns + column);
  }
  return group(layer, place);
}

/** The elements that one is computed together with, in a layer that keeps the shape; itself the first. */
function group(layer: Layer, place: number): number[] {
  const { explanation, settings, noted, output } = layer;
  const { shape } = output.value;
  const others = (places: number[]): number[] => [place, ...places.filter((each) => each !== place)];
  if (explanation === "Softmax" || explanation === "LogSoftmax") {
    const dim = settings.dim as number;
    return others(lineThrough(shape, dim < 0 ? shape.length + dim : dim, place));
  }
  const statistic = (noted.mean ?? noted.meanSquare)?.value.shape;
  if (statistic === undefined) return [place];
  const whole = noted.normalized.value.shape;
  const own = broadcastPlace(statistic, whole, place);
  const all = Array.from({ length: sizeOf(whole) }, (_, each) => each);
  return others(all.filter((each) => broadcastPlace(statistic, whole, each) === own));
}

/** The numbers of a parameter that one element of the output is made with. */
function involvedParameters(layer: Layer, name: string, place: number): number[] {
  if (isLinear(layer) && name === "weight") {
    const [outputs, inputs] = layer.parameters.weight.value.shape;
    return Array.from({ length: inputs }, (_, input) => (place % outputs) * inputs + input);
  }
  return [parameterPlace(layer, name, place, place)];
}

/** The number of a parameter that has part in an element of the output; of a weight, from that element of the input. */
function parameterPlace(layer: Layer, name: string, input: number, output: number): number {
  const { shape } = layer.output.value;
  if (isLinear(layer)) {
    const [outputs, inputs] = layer.parameters.weight.value.shape;
    return name === "weight" ? (output % outputs) * inputs + (input % inputs) : output % outputs;
  }
  const { length } = layer.parameters[name].value.values;
  if (layer.layer === "LayerNorm" || layer.layer === "RMSNorm") return output % length;
  return Math.floor(output / sizeOf(shape.slice(2))) % length;
}

/** The element of a row with the largest gradient. */
function mostSensitive({ value, gradient }: inspect.WithGradient, row: number): number {
  const { values, shape } = gradient ?? value;
  const { columns } = tableShape(shape);
  let best = row * columns;
  for (let place = best; place < (row + 1) * columns; place++)
    if (Math.abs(values[place]) > Math.abs(values[best])) best = place;
  return best;
}

function statisticsOf(layer: Layer, place: number): Statistics | null {
  const { buffers, noted, training, output } = layer;
  const [mean, variance] = [buffers.running_mean, buffers.running_var];
  if (mean === undefined || variance === undefined) return null;
  const channels = mean.value.values.length;
  const columns: Statistics["columns"] = [];
  const add = (name: Statistics["columns"][number]["name"], elements: Elements | null | undefined): void => {
    if (elements && elements.values.length === channels) columns.push({ name, values: shown(elements.values) });
  };
  if (training) add("batchMean", noted.mean?.value);
  add("runningMean", mean.value);
  add("nextRunningMean", mean.next);
  if (training) add("batchVariance", noted.variance?.value);
  add("unbiasedVariance", noted.newVariance?.value);
  add("runningVariance", variance.value);
  add("nextRunningVariance", variance.next);
  return { columns, channel: Math.floor(place / sizeOf(output.value.shape.slice(2))) % channels };
}
