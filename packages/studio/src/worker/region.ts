import { compile, type nn, noGrad, type Tensor, tensor } from "@noron/core";
import type { Experiment } from "../experiment/experiment.ts";
import { weightMaps } from "./groups.ts";
import type { DataFacts, Field, Neurons, UnitMaps } from "./protocol.ts";

/** Points along a side of the region: what the network says there, and its units. */
const FIELD = 64;
const UNITS = 24;
const CURVE = 160;
/** More units of a layer are not drawn. */
export const MOST_UNITS = 16;

type Layers = readonly nn.Layer[];

/** What a network gives, layer by layer, over the region that its data lie in. */
export class Region {
  readonly #layers: Layers;
  readonly #model: nn.Sequential<nn.Layer[]>;
  readonly #experiment: Experiment;
  readonly #facts: DataFacts;
  readonly #fieldPoints: Tensor;
  readonly #unitPoints: Tensor;
  readonly #field: (x: Tensor) => { first: Tensor; second: Tensor };
  readonly #units: (x: Tensor) => readonly Tensor[];

  constructor(model: nn.Sequential<nn.Layer[]>, experiment: Experiment, facts: DataFacts) {
    this.#model = model;
    this.#layers = model.layers;
    this.#experiment = experiment;
    this.#facts = facts;
    const curve = facts.shape[0] === 1;
    this.#fieldPoints = curve ? line(facts.extent[0], CURVE) : grid(facts.extent, FIELD);
    this.#unitPoints = curve ? line(facts.extent[0], UNITS) : grid(facts.extent, UNITS);
    this.#field = compile((x: Tensor) => noGrad(() => this.#judge(this.#run(x).at(-1)!)));
    this.#units = compile((x: Tensor) => noGrad(() => this.#run(x)));
  }

  /** Whether the data have one or two features, so that there is a region to look at. */
  static has(facts: DataFacts): boolean {
    return facts.shape.length === 1 && facts.shape[0] <= 2;
  }

  field(): Field {
    return this.#evaluating(() => {
      const { first, second } = this.#field(this.#fieldPoints);
      if (this.#facts.task === "regression") {
        const values = first.dataSync() as Float32Array;
        if (this.#facts.shape[0] === 2) return { kind: "values", side: FIELD, values };
        return { kind: "curve", x: this.#fieldPoints.dataSync() as Float32Array, y: values };
      }
      const classes = Uint8Array.from(first.dataSync() as Int32Array);
      return { kind: "classes", side: FIELD, classes, confidence: second.dataSync() as Float32Array };
    });
  }

  neurons(): Neurons {
    return this.#evaluating(() => {
      const given = this.#units(this.#unitPoints);
      const maps = given.map((values, layer): UnitMaps => {
        const [rows, units] = values.shape;
        const shown = Math.min(units, MOST_UNITS);
        const columns = values.transpose(0, 1).slice(0, 0, shown);
        return { layer, units, shown, values: columns.dataSync().slice(0, shown * rows) as Float32Array };
      });
      return { side: UNITS, maps, weights: weightMaps(this.#layers) };
    });
  }

  #run(x: Tensor): Tensor[] {
    const outputs: Tensor[] = [];
    let value = x;
    for (const layer of this.#layers) {
      value = layer.forward(value);
      outputs.push(value);
    }
    return outputs;
  }

  /** The class and how sure of it, as the loss reads what the network gives; of a regression its value. */
  #judge(output: Tensor): { first: Tensor; second: Tensor } {
    const { type, options } = this.#experiment.loss;
    if (this.#facts.task === "regression") return { first: output, second: output };
    const probabilities =
      type === "CrossEntropyLoss" && options.input === "logits"
        ? output.softmax(1)
        : type === "NLLLoss"
          ? output.exp()
          : type === "BCEWithLogitsLoss"
            ? output.sigmoid()
            : output.clamp(0, 1);
    if (output.shape[1] > 1) return { first: probabilities.argmax(1), second: probabilities.max(1) };
    const yes = probabilities.reshape([-1]);
    return { first: yes.gt(0.5).to("int32"), second: yes.sub(0.5).abs().add(0.5) };
  }

  #evaluating<T>(look: () => T): T {
    this.#model.eval();
    try {
      return look();
    } finally {
      this.#model.train();
    }
  }
}

function between([low, high]: [number, number], index: number, count: number): number {
  return low + ((high - low) * (index + 0.5)) / count;
}

function line(extent: [number, number], count: number): Tensor {
  return tensor(
    Float32Array.from({ length: count }, (_, index) => between(extent, index, count)),
    { shape: [count, 1] },
  );
}

/** Row by row from the upper left: the second feature grows upwards. */
function grid([across, up]: [number, number][], side: number): Tensor {
  const points = new Float32Array(2 * side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      points[2 * (row * side + column)] = between(across, column, side);
      points[2 * (row * side + column) + 1] = between(up, side - 1 - row, side);
    }
  return tensor(points, { shape: [side * side, 2] });
}
