import type { EpochLog } from "./callbacks.ts";

/** What is wrong with a training by its curves, as codes with numbers; those who show it put it in words. */
export type CurveFinding =
  /** Since `epoch`, its best, the validation loss rose from `best` to `last`, above the training loss, which fell. */
  | { code: "overfitting"; epoch: number; best: number; last: number; trainingBest: number; trainingLast: number }
  /** The training loss is still where the best constant answer is. */
  | { code: "not-learning"; loss: number; baseline: number }
  /** The training loss is far above that of the best constant answer, though far more answers are right than that gets right. */
  | { code: "costly-errors"; loss: number; baseline: number; accuracy: number }
  /** The weights of `epoch` are kept, whose validation loss is no better than that of the best constant answer. */
  | { code: "nothing-learned"; epoch: number; loss: number; baseline: number };

export interface CurveThresholds {
  /**
   * How much the validation loss must have risen above its least, as a share of it. L. Prechelt, "Early stopping – but
   * when?" (1998), calls this the generalization loss and stops between 1 and 5 %; a finding wants 10 %, as the least of a noisy
   * curve is lower than what the network can keep.
   */
  rise: number;
  /** And, where the baseline is known, by how much of it: doubling next to nothing harms nobody. Our choice. */
  matters: number;
  /** Epochs that are averaged for the present, and must lie after the best one: Prechelt's strips of 5. */
  strip: number;
  /** A network has learned something once its training loss is below this share of what lies between least and baseline. Our choice. */
  learned: number;
  /** Or once its training accuracy has come this share of the way from that of the commonest class to 1. Our choice. */
  right: number;
  /** So many times the baseline a loss is a finding even then. Our choice. */
  costly: number;
}

export const CURVE_THRESHOLDS: CurveThresholds = {
  rise: 0.1,
  matters: 0.05,
  strip: 5,
  learned: 0.98,
  right: 1 / 3,
  costly: 1.5,
};

export interface CurveOptions {
  /** The loss on the training set of always giving the best constant answer; without it "not-learning" is not judged. */
  baseline?: number;
  /** The least that the loss can be, 0 unless given: with smoothed labels it is near the baseline. */
  least?: number;
  /** The share of the commonest class, 0 to 1; with it `accuracy` of the epochs, where they have it, is judged too. */
  commonest?: number;
  /**
   * The epoch whose weights are kept, and the loss of that answer on the validation set, once training is over: then these
   * are compared ("nothing-learned"), and not the last epochs, which nobody will use.
   */
  kept?: { epoch: number; baseline: number };
  thresholds?: Partial<CurveThresholds>;
}

/** What is wrong with a training by its epochs' numbers, `loss` and `validationLoss`; nothing in the first few. */
export function diagnoseCurves(epochs: readonly EpochLog[], options: CurveOptions = {}): CurveFinding[] {
  const thresholds = { ...CURVE_THRESHOLDS, ...options.thresholds };
  const { rise, matters, strip } = thresholds;
  if (epochs.length < strip) return [];
  const recent = epochs.slice(-strip);
  const loss = mean(recent, (log) => log.loss);
  const { baseline, kept } = options;
  const unlearned = kept === undefined ? judgeLearned(recent, loss, options, thresholds) : null;
  if (unlearned !== null) return [unlearned];
  if (epochs.some(({ validationLoss }) => validationLoss === undefined)) return [];
  const findings: CurveFinding[] = [];
  const keptLoss = epochs.find(({ epoch }) => epoch === kept?.epoch)?.validationLoss;
  if (kept !== undefined && keptLoss !== undefined && keptLoss >= kept.baseline && kept.baseline > 0)
    findings.push({ code: "nothing-learned", epoch: kept.epoch, loss: keptLoss, baseline: kept.baseline });
  const best = epochs.reduce((least, log) => (log.validationLoss < least.validationLoss ? log : least));
  const last = mean(recent, (log) => log.validationLoss);
  const since = epochs.length - 1 - epochs.indexOf(best);
  const overfits =
    since >= strip &&
    last > (1 + rise) * best.validationLoss &&
    last > best.validationLoss + matters * (baseline ?? 0) &&
    last > loss &&
    best.validationLoss > 0 &&
    loss < best.loss;
  const { epoch, validationLoss, loss: trainingBest } = best;
  if (overfits)
    findings.push({ code: "overfitting", epoch, best: validationLoss, last, trainingBest, trainingLast: loss });
  return findings;
}

/** Whether the loss is about where the best constant answer's is, or far above it. */
function judgeLearned(
  recent: readonly EpochLog[],
  loss: number,
  { baseline, least = 0, commonest = 1 }: CurveOptions,
  { learned, right, costly }: CurveThresholds,
): CurveFinding | null {
  if (baseline === undefined || baseline <= 0 || loss < least + learned * (baseline - least)) return null;
  // NaN, and so not above, where epochs have none.
  const accuracy = mean(recent, (log) => log.accuracy);
  if (!(commonest < 1 && accuracy > commonest + right * (1 - commonest)))
    return { code: "not-learning", loss, baseline };
  return loss >= costly * baseline ? { code: "costly-errors", loss, baseline, accuracy } : null;
}

function mean(logs: readonly EpochLog[], of: (log: EpochLog) => number): number {
  return logs.reduce((sum, log) => sum + of(log), 0) / logs.length;
}
