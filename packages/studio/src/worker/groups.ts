import { compile, type nn, noGrad, type Tensor, tensor } from "@noron/core";
import type { Examples } from "./examples.ts";
import type { Neurons, UnitMaps, WeightMap } from "./protocol.ts";

/** Rows that are asked. */
const ROWS = 200;
/** Groups of a regression's examples, from the least target to the largest. */
const GROUPS = 8;

/** The layers of a network that have weights, with these. */
export function weightMaps(layers: readonly nn.Layer[]): WeightMap[] {
  return layers.flatMap((layer, index): WeightMap[] => {
    const weight = layer.parameters().find(({ shape }) => shape.length === 2);
    if (weight === undefined) return [];
    return [{ layer: index, shape: [...weight.shape], values: weight.dataSync() as Float32Array }];
  });
}

/** What the units of a network give to each class, or to examples from the least target to the largest: their means. */
export class Groups {
  readonly #layers: readonly nn.Layer[];
  readonly #model: nn.Module;
  readonly #x: Tensor;
  /** [groups, rows]: one over the group's size where a row is in it. */
  readonly #shares: Tensor;
  readonly #most: number;
  readonly #means: (x: Tensor, shares: Tensor) => readonly Tensor[];

  constructor(model: nn.Sequential<nn.Layer[]>, examples: Examples, most: number) {
    this.#model = model;
    this.#layers = model.layers;
    this.#most = most;
    const dataset = examples.validation ?? examples.training;
    const rows = Math.min(ROWS, dataset.length);
    const [x, target] = dataset.batch(Array.from({ length: rows }, (_, row) => row));
    this.#x = x;
    const groups = groupsOf(target, examples);
    const members = tensor(groups.of, { dtype: "int32" }).oneHot(groups.count).to("float32").transpose(0, 1);
    this.#shares = members.div(members.sum(1, { keepdim: true }).clamp(1));
    this.#means = compile((inputs: Tensor, shares: Tensor) =>
      noGrad(() => {
        const means: Tensor[] = [];
        let value = inputs;
        for (const layer of this.#layers) {
          value = layer.forward(value);
          means.push(shares.matmul(value.flatten(1)).transpose(0, 1));
        }
        return means;
      }),
    );
  }

  neurons(): Neurons {
    this.#model.eval();
    try {
      const [groups] = this.#shares.shape;
      const maps = this.#means(this.#x, this.#shares).map((values, layer): UnitMaps => {
        const [units] = values.shape;
        const shown = Math.min(units, this.#most);
        return { layer, units, shown, values: values.dataSync().slice(0, shown * groups) as Float32Array };
      });
      return { side: groups, maps, weights: weightMaps(this.#layers) };
    } finally {
      this.#model.train();
    }
  }
}

function groupsOf(target: Tensor, { task, classes }: Examples): { of: Int32Array; count: number } {
  const [rows, outputs = 1] = target.shape;
  if (task === "classification") {
    const labels = outputs > 1 ? target.argmax(1) : target.reshape([rows]).to("int32");
    return { of: labels.dataSync() as Int32Array, count: classes.length };
  }
  const values = target.dataSync();
  const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const of = new Int32Array(rows);
  order.forEach((row, place) => {
    of[row] = Math.floor((place * GROUPS) / rows);
  });
  return { of, count: GROUPS };
}
