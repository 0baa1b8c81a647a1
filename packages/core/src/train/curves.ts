import type { EpochLog } from "./callbacks.ts";

/** What is wrong with a training by its curves, as codes with numbers; those who show it put it in words. */
export type CurveFinding =
  /**
   * Since `epoch` the validation loss rose from `best` to `last`, and stays above the training loss, which fell. Both are of
   * epochs in the middle of the few around them; `epoch` is the one whose weights are kept, where that is known.
   */
  | { code: "overfitting"; epoch: number; best: number; last: number; trainingBest: number; trainingLast: number }
  /** The training loss is still where the best constant answer is. */
  | { code: "not-learning"; loss: number; baseline: number }
  /**
   * The training loss is far above that of the best constant answer, though far more answers are right: `accuracy` in the
   * best of the last epochs.
   */
  | { code: "costly-errors"; loss: number; baseline: number; accuracy: number }
  /** The weights of `epoch` are kept, whose validation loss is no better than that of the best constant answer. */
  | { code: "nothing-learned"; epoch: number; loss: number; baseline: number };

export interface CurveThresholds {
  /**
   * How much the validation loss must have risen above its least, as a share of it. L. Prechelt, "Early stopping – but
   * when?" (1998), calls this the generalization loss and stops between 1 and 5 %; a finding wants 10 %, for a rise that is
   * seen.
   */
  rise: number;
  /** And, where the baseline is known, by how much of it: doubling next to nothing harms nobody. Our choice. */
  matters: number;
  /** What was found is found until so small a share of that rise is left: a curve that trembles about one limit has two. Our choice. */
  lasting: number;
  /** Epochs of which the present is the mean or the median: Prechelt's strips of 5. So many medians in a row must have risen. */
  strip: number;
  /** And so large a share of all epochs: in a long noisy training a few of them in a row rise by chance. Our choice. */
  long: number;
  /** A network has learned something once its training loss is below this share of the way from least to baseline. Our choice. */
  learned: number;
  /** Or once its accuracy has come this share of the way from that of the commonest class to 1. Our choice. */
  right: number;
  /** So many times the baseline a loss is a finding even then. Our choice. */
  costly: number;
}

export const CURVE_THRESHOLDS: CurveThresholds = {
  rise: 0.1,
  matters: 0.05,
  lasting: 0.3,
  strip: 5,
  long: 0.2,
  learned: 0.98,
  right: 1 / 3,
  costly: 1.5,
};

export interface CurveOptions {
  /** The loss on the training set of always giving the best constant answer; without it "not-learning" is not judged. */
  baseline?: number;
  /** The least that the loss can be, 0 unless given: with smoothed labels it is near the baseline. */
  least?: number;
  /** The share of the commonest class, 0 to 1; with it `validationAccuracy` of the epochs, or else `accuracy`, is judged too. */
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
  const { strip } = thresholds;
  if (epochs.length < strip) return [];
  const recent = epochs.slice(-strip);
  const loss = mean(recent, (log) => log.loss);
  const { kept } = options;
  const unlearned = kept === undefined ? judgeLearned(recent, loss, options, thresholds) : null;
  if (unlearned !== null) return [unlearned];
  if (epochs.some(({ validationLoss }) => validationLoss === undefined)) return [];
  const findings: CurveFinding[] = [];
  const keptLoss = epochs.find(({ epoch }) => epoch === kept?.epoch)?.validationLoss;
  if (kept !== undefined && keptLoss !== undefined && keptLoss >= kept.baseline && kept.baseline > 0)
    findings.push({ code: "nothing-learned", epoch: kept.epoch, loss: keptLoss, baseline: kept.baseline });
  const overfitting = judgeRise(epochs, options, thresholds);
  if (overfitting !== null) findings.push(overfitting);
  return findings;
}

/** Whether the validation loss has risen for good, by medians: one epoch alone says nothing. */
function judgeRise(
  epochs: readonly EpochLog[],
  { baseline = 0, kept }: CurveOptions,
  { rise, matters, lasting, strip, long }: CurveThresholds,
): CurveFinding | null {
  let best = medianOf(epochs.slice(0, strip));
  let overfits = false;
  /** Medians in a row that say otherwise. */
  let against = 0;
  let last = best.validationLoss;
  let trainingLast = best.loss;
  for (let end = strip; end <= epochs.length; end++) {
    const recent = epochs.slice(end - strip, end);
    const now = medianOf(recent);
    if (now.validationLoss < best.validationLoss) {
      best = now;
      overfits = false;
      against = 0;
    }
    last = now.validationLoss;
    trainingLast = mean(recent, (log) => log.loss);
    const needed = Math.max(rise * best.validationLoss, matters * baseline);
    const above = last > trainingLast && trainingLast < best.loss && best.validationLoss > 0;
    const risen = last - best.validationLoss;
    const otherwise = overfits ? !above || risen < lasting * needed : above && risen > needed;
    against = otherwise ? against + 1 : 0;
    if (against < (overfits ? strip : Math.max(strip, long * end))) continue;
    overfits = !overfits;
    against = 0;
  }
  const { epoch, validationLoss, loss: trainingBest } = epochs.find((log) => log.epoch === kept?.epoch) ?? best;
  return overfits ? { code: "overfitting", epoch, best: validationLoss, last, trainingBest, trainingLast } : null;
}

/** The epoch whose validation loss is in the middle. */
function medianOf(logs: readonly EpochLog[]): EpochLog {
  return logs.toSorted((a, b) => a.validationLoss - b.validationLoss)[Math.floor(logs.length / 2)];
}

/** Whether the loss is about where the best constant answer's is, or far above it. */
function judgeLearned(
  recent: readonly EpochLog[],
  loss: number,
  { baseline, least = 0, commonest = 1 }: CurveOptions,
  { learned, right, costly }: CurveThresholds,
): CurveFinding | null {
  if (baseline === undefined || baseline <= 0 || loss < least + learned * (baseline - least)) return null;
  // NaN, and so not above, where epochs have none. Validation is of the network as it is, training of it on its way there.
  const accuracy = Math.max(...recent.map((log) => log.validationAccuracy ?? log.accuracy));
  if (!(commonest < 1 && accuracy > commonest + right * (1 - commonest)))
    return { code: "not-learning", loss, baseline };
  return loss >= costly * baseline ? { code: "costly-errors", loss, baseline, accuracy } : null;
}

function mean(logs: readonly EpochLog[], of: (log: EpochLog) => number): number {
  return logs.reduce((sum, log) => sum + of(log), 0) / logs.length;
}
