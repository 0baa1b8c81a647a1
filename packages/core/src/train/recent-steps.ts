import { diagnose, type Finding } from "../inspect/diagnose.ts";
import { type Measures, measure } from "../inspect/measure.ts";
import type { Layer } from "../nn/module.ts";
import type { StateDict } from "../nn/state-dict.ts";
import { Optimizer, type OptimizerState } from "../optim/optimizer.ts";
import { getRandomState, type RandomState, setRandomState } from "../random/generator.ts";
import type { Tensor } from "../tensor/tensor.ts";

interface Snapshot {
  weights: StateDict;
  optimizer: OptimizerState;
  random: RandomState;
}

interface Batch {
  x: Tensor;
  y: Tensor;
  rates: number[];
}

/** So many steps pass between two snapshots: copying weights costs a step nearly nothing, and few are to be repeated. */
const EVERY = 32;

/** So many of the last steps are looked into: what is lost in one shows in the loss of the next. */
const LOOKED_INTO = 4;

/**
 * The last steps of a training, to be made again when it has diverged: a step is one evaluation, so that the weights it
 * began with are gone once its loss is seen.
 */
export class RecentSteps {
  #snapshot: Snapshot | null = null;
  #batches: Batch[] = [];

  constructor(
    private readonly model: Layer,
    private readonly loss: { forward(prediction: Tensor, target: Tensor): Tensor },
    private readonly optimizer: { readonly groups: readonly { lr: number }[] },
  ) {}

  /** Notes a batch that is about to be learned. */
  before(x: Tensor, y: Tensor): void {
    if (!(this.optimizer instanceof Optimizer)) return;
    if (this.#snapshot === null || this.#batches.length === EVERY) {
      const random = getRandomState();
      this.#snapshot = { weights: this.model.stateDict(), optimizer: this.optimizer.stateDict(), random };
      this.#batches = [];
    }
    this.#batches.push({ x, y, rates: this.optimizer.groups.map(({ lr }) => lr) });
  }

  /**
   * What went wrong first in the last steps, which are made again; null if it cannot be said. The model is left as it was
   * where that was found.
   */
  firstFault(step: (x: Tensor, y: Tensor) => unknown): Finding | null {
    const { model, optimizer } = this;
    if (this.#snapshot === null || !(optimizer instanceof Optimizer)) return null;
    model.loadStateDict(this.#snapshot.weights);
    optimizer.loadStateDict(this.#snapshot.optimizer);
    setRandomState(this.#snapshot.random);
    const quiet = this.#batches.length - LOOKED_INTO;
    let last: Measures | null = null;
    for (const [index, { x, y, rates }] of this.#batches.entries()) {
      optimizer.groups.forEach((group, each) => {
        group.lr = rates[each];
      });
      if (index >= quiet) {
        last = this.#measure(x, y);
        const fault = faultOf(last);
        if (fault !== null) return fault;
      }
      step(x, y);
    }
    const { x, y } = this.#batches[this.#batches.length - 1];
    const after = this.#measure(x, y);
    return faultOf(after) ?? largestOf(after);
  }

  #measure(x: Tensor, y: Tensor): Measures {
    const loss = (prediction: Tensor, target: Tensor) => this.loss.forward(prediction, target);
    return measure(this.model, x, { loss, target: y });
  }
}

function faultOf(measures: Measures): Finding | null {
  return diagnose(measures).find(({ code }) => code === "non-finite" || code === "exploded") ?? null;
}

/** The layer with the largest outputs, where none is out of range. */
function largestOf({ layers, largestInput }: Measures): Finding | null {
  const most = layers.reduce<(typeof layers)[number] | null>(
    (found, each) => (found === null || each.largest > found.largest ? each : found),
    null,
  );
  if (most === null) return null;
  const { path, layer, largest } = most;
  return { code: "exploded", path, layer, largest, input: largestInput };
}
