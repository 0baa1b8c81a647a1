import type { Tensor } from "../tensor/tensor.ts";
import type { Metric } from "./metrics.ts";
import type { TotalsState } from "./state.ts";

/** The loss and the metrics over a data set. */
export type Evaluation = { loss: number } & Record<string, unknown>;

/** What a pass has added up. */
export class Totals {
  private sum = 0;
  private rows = 0;
  batches = 0;

  constructor(private readonly metrics: readonly Metric[]) {
    for (const metric of metrics) metric.reset();
  }

  /** Takes a batch whose values have been computed. */
  add(loss: number, reduction: unknown, prediction: Tensor, target: Tensor): void {
    const rows = prediction.shape[0] ?? 1;
    this.sum += reduction === "sum" ? loss : loss * rows;
    this.rows += rows;
    this.batches++;
    for (const metric of this.metrics) metric.update(prediction, target);
  }

  stateDict(): TotalsState {
    const states = this.metrics.map((metric) => {
      if (metric.stateDict !== undefined && metric.loadStateDict !== undefined)
        return [metric.name, metric.stateDict()] as const;
      throw new TypeError(
        `the metric ${metric.name} has no stateDict and loadStateDict, so that no state can be taken in the middle of an epoch`,
      );
    });
    return { sum: this.sum, rows: this.rows, batches: this.batches, metrics: Object.fromEntries(states) };
  }

  loadStateDict({ sum, rows, batches, metrics }: TotalsState): void {
    for (const metric of this.metrics) {
      if (metric.loadStateDict === undefined || !Object.hasOwn(metrics, metric.name))
        throw new Error(`there are no sums of the metric ${metric.name}`);
      metric.loadStateDict(metrics[metric.name]);
    }
    this.sum = sum;
    this.rows = rows;
    this.batches = batches;
  }

  /** The loss an example, and the metrics. */
  results(): Evaluation {
    const results: Evaluation = { loss: this.sum / this.rows };
    for (const metric of this.metrics) results[metric.name] = metric.compute();
    return results;
  }
}
