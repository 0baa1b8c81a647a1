import { noGrad } from "../autograd/no-grad.ts";
import { recordEffect } from "../graph/node.ts";
import { add, div, mul } from "../ops/arithmetic.ts";
import { castTo, inLayer, reshapeTo, shapeError } from "../ops/broadcast.ts";
import { ones, zeros } from "../ops/creation.ts";
import { note } from "../ops/note.ts";
import type { DType } from "../tensor/dtype.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { className } from "./call.ts";
import { changed, requireExtent } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

export interface RunningNormOptions {
  /** Added to the variance, so that nothing is divided by zero. */
  eps?: number;
  /** The weight of the newest batch in the running statistics; null makes them averages over all batches. */
  momentum?: number | null;
  /** Whether the result is scaled and shifted by what is learned. */
  affine?: boolean;
  /** Whether running statistics are kept, and used in evaluation mode. */
  trackRunningStats?: boolean;
  dtype?: DType;
}

type Settings = Required<RunningNormOptions>;

const COMMON = { eps: 1e-5, momentum: 0.1, dtype: "float32" as DType };

/** What batch and instance norm share: parameters a channel, and statistics that run along with training. */
export abstract class RunningNorm<Channels extends number> extends Module {
  readonly weight: Parameter<[Channels]> | null;
  readonly bias: Parameter<[Channels]> | null;
  readonly eps: number;
  readonly momentum: number | null;
  /** The mean of each channel over training; null without running statistics. */
  declare readonly running_mean: Tensor<[Channels]> | null;
  /** The unbiased variance of each channel over training. */
  declare readonly running_var: Tensor<[Channels]> | null;
  /** How many batches they were made of. */
  declare readonly num_batches_tracked: Tensor<[]> | null;
  readonly #defaults: Settings;

  constructor(
    readonly numFeatures: Channels,
    options: RunningNormOptions,
    defaults: Pick<Settings, "affine" | "trackRunningStats">,
  ) {
    super();
    this.#defaults = { ...COMMON, ...defaults };
    requireExtent(className(this), "numFeatures", numFeatures);
    const { eps, momentum, affine, trackRunningStats, dtype } = withDefaults(options, this.#defaults);
    this.eps = eps;
    this.momentum = momentum;
    const shape: [Channels] = [numFeatures];
    const parameter = (start: Tensor): Parameter<[Channels]> => new Parameter(start as Tensor as Tensor<[Channels]>);
    this.weight = affine ? parameter(ones(shape, { dtype })) : null;
    this.bias = affine ? parameter(zeros(shape, { dtype })) : null;
    if (trackRunningStats) {
      this.registerBuffer("running_mean", zeros(shape, { dtype }));
      this.registerBuffer("running_var", ones(shape, { dtype }));
      this.registerBuffer("num_batches_tracked", zeros([], { dtype: "int32" }));
    } else {
      Object.assign(this, { running_mean: null, running_var: null, num_batches_tracked: null });
    }
  }

  /** @throws ShapeError unless the input has one of the ranks, and the channels in dimension 1. */
  protected requireInput(x: Tensor, ranks: readonly number[], dim = 1): void {
    const { shape } = x;
    if (ranks.includes(shape.length) && shape[dim] === this.numFeatures) return;
    const name = `${className(this)}(${this.numFeatures})`;
    const last = shape[shape.length - 1] === this.numFeatures && shape.length > 2;
    throw shapeError(
      `${name} needs ${ranks.join(" or ")} dimensions with ${this.numFeatures} channels in dimension ${dim}, but the input ` +
        `has shape ${formatShape(shape)}${last ? "; bring the channels there with permute" : `; make it ${className(this)}(${shape[dim] ?? "…"}), or reshape the input`}`,
    );
  }

  /** Says that a channel has one value only: its variance means nothing. */
  protected tooFew(x: Tensor, what: string): Error {
    return new Error(
      `${inLayer()}${className(this)} needs more than one ${what} in training, but the input has shape ` +
        `${formatShape(x.shape)}; use larger batches (a loader can merge a last batch of one row), or call eval()`,
    );
  }

  /** Notes the statistics of a batch; they are written when the graph runs. `counts` says whether batches are counted. */
  protected track(mean: Tensor, unbiased: Tensor, counts: boolean): void {
    const { running_mean, running_var, num_batches_tracked, momentum } = this;
    if (running_mean === null || running_var === null || num_batches_tracked === null) return;
    noGrad(() => {
      const batches = add(num_batches_tracked, 1);
      if (counts) recordEffect(num_batches_tracked, batches);
      for (const [running, batch] of [
        [running_mean, mean],
        [running_var, unbiased],
      ] as [Tensor, Tensor][]) {
        const value = reshapeTo(castTo(batch, running.dtype), running.shape);
        note(running === running_mean ? "newMean" : "newVariance", value);
        if (momentum === null && counts) {
          const part = div(ones([], { dtype: running.dtype }), castTo(batches, running.dtype));
          recordEffect(running, add(running, mul(value.sub(running), part)));
        } else {
          const weight = momentum ?? 0;
          recordEffect(running, add(mul(running, 1 - weight), mul(value, weight)));
        }
      }
    });
  }

  override toConfig(): LayerConfig {
    const options = {
      eps: this.eps,
      momentum: this.momentum,
      affine: this.weight !== null,
      trackRunningStats: this.running_mean !== null,
      dtype: this.weight?.dtype ?? this.running_mean?.dtype ?? "float32",
    };
    return {
      layer: className(this),
      args: [this.numFeatures],
      options: changed(options, this.#defaults as unknown as Record<string, unknown>),
    };
  }
}

function withDefaults(options: RunningNormOptions, defaults: Settings): Settings {
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, ...set };
}
