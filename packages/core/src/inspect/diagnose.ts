import type { FirstNonFinite, LayerMeasure, Measures } from "./measure.ts";

/** What is wrong with a network, as codes with the layer and the numbers; those who show it put it in words. */
export type Finding =
  /** `input`: the largest magnitude that went in. */
  | ({ code: "non-finite"; input?: number } & FirstNonFinite)
  /** Outputs so large that float32 no longer tells whole numbers apart. `input`: the largest magnitude that went in. */
  | { code: "exploded"; path: string; layer: string; largest: number; input: number }
  /** A weight that is 0 throughout, and that no gradient moves from there. */
  | { code: "zero-weights"; path: string; layer: string }
  /** No gradient passes this layer, so that no weight before it can change the output: what it gives is constant. */
  | { code: "no-gradients"; path: string; layer: string }
  /** Weight decay has brought all weights next to 0; `size` is that of this layer's, which are the largest. */
  | { code: "decayed-weights"; path: string; layer: string; size: number; weightDecay: number }
  /** `rows`: how many were looked at. */
  | { code: "dead-units"; path: string; layer: string; dead: number; units: number; share: number; rows: number }
  | { code: "saturated"; path: string; layer: string; of: "sigmoid" | "tanh"; share: number }
  /** `ratio`: the gradient at the layer's output beside that at the last layer's, `last`. */
  | { code: "vanishing-gradients"; path: string; layer: string; ratio: number; last: string }
  | { code: "exploding-gradients"; path: string; layer: string; ratio: number; last: string }
  /** `ratio`: the size of the next update of the weight beside the weight's. */
  | { code: "updates-too-large"; path: string; layer: string; name: string; ratio: number }
  | { code: "updates-too-small"; path: string; layer: string; name: string; ratio: number };

/** From where on something is a finding. */
export interface Thresholds {
  /**
   * Magnitude of outputs. 2²⁴ by default: from there on float32 has no more room for every whole number (IEEE 754), so that
   * sums lose their small parts.
   */
  exploded: number;
  /**
   * Share of a layer's ReLU units that gave 0 for a whole batch. 0.4 by default, after Stanford's course CS231n, "Neural
   * networks part 1", which tells of "as much as 40 %" dead units where the learning rate is too high.
   */
  dead: number;
  /** Batches of fewer rows tell nothing of dead units: a healthy unit is at 0 for one row in two. Our choice. */
  rows: number;
  /**
   * Share of a layer's sigmoid or tanh outputs at their limits (SATURATED_AT). 0.5 by default: most of the layer passes
   * almost no gradient. Our choice; Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
   * networks" (2010), show what follows.
   */
  saturated: number;
  /**
   * Gradient at a layer's output beside that at the last layer's; below is vanishing, above its reciprocal exploding. 1e-3 by
   * default, our choice: PyTorch's initialisation loses about √6 a ReLU layer, so that six healthy layers stay above it.
   */
  gradient: number;
  /**
   * Size of the next update beside the weight's. CS231n, "Neural networks part 3", wants about 1e-3; a finding is what is a
   * hundred times more or less.
   */
  update: readonly [smallest: number, largest: number];
}

export const THRESHOLDS: Thresholds = {
  exploded: 2 ** 24,
  dead: 0.4,
  rows: 16,
  saturated: 0.5,
  gradient: 1e-3,
  update: [1e-5, 1e-1],
};

export interface DiagnoseOptions {
  thresholds?: Partial<Thresholds>;
  /**
   * The loss of always giving the best constant answer. Small updates are a finding only where the loss is still about as
   * high: a network that has learned moves little, and should.
   */
  baseline?: number;
  /** That of the optimizer. Weights next to 0 are laid to it only where it is above 0 and the loss as high as the baseline. */
  weightDecay?: number;
}

/** What is wrong with a network by what was measured of it, the most serious first; nothing where all is well. */
export function diagnose(measures: Measures, options: DiagnoseOptions = {}): Finding[] {
  const limits = { ...THRESHOLDS, ...options.thresholds };
  const { layers } = measures;
  const findings: Finding[] = [];
  // What comes after one of these follows from it.
  const first = firstOutOfRange(measures, limits.exploded);
  if (first !== null) return [first];
  const unlearned = isUnlearned(measures.loss, options.baseline);
  const decayed = unlearned ? judgeDecay(layers, options.weightDecay ?? 0) : null;
  if (decayed !== null) return [decayed];
  const zero = firstStuckAtZero(layers);
  if (zero !== null) return [zero];
  const opaque = unlearned ? firstOpaque(layers) : null;
  // Dead units are told of as such.
  if (opaque !== null && !layers.some(({ dead }) => dead !== null && dead.dead === dead.units)) return [opaque];
  for (const { path, layer, rows, dead: counted } of layers) {
    if (counted === null || rows < limits.rows) continue;
    const { dead, units } = counted;
    if (dead / units < limits.dead) continue;
    findings.push({ code: "dead-units", path, layer, dead, units, share: dead / units, rows });
    // It gives the same for every row, and so does what comes after it.
    if (dead === units) break;
  }
  for (const { path, layer, saturation } of layers)
    if (saturation !== null && saturation.share >= limits.saturated)
      findings.push({ code: "saturated", path, layer, ...saturation });
  // A layer that is dead as a whole passes nothing: that is told already.
  if (!findings.some((finding) => finding.code === "dead-units" && finding.share === 1))
    findings.push(...judgeGradients(layers, limits.gradient));
  const updates = judgeUpdates(measures, limits.update, options.baseline);
  // Small ones follow from what was found before, and no higher rate would mend it.
  const explained = findings.length > 0;
  findings.push(...updates.filter(({ code }) => !explained || code === "updates-too-large"));
  return findings;
}

/** The layer that explodes, or the first number that is not finite, whichever comes first; null if neither. */
function firstOutOfRange({ layers, nonFinite, largestInput }: Measures, limit: number): Finding | null {
  const huge = layers.findIndex(({ largest }) => largest > limit && Number.isFinite(largest));
  const before = nonFinite?.phase === "input" || nonFinite?.phase === "parameter";
  const after =
    nonFinite?.phase === "backward" ? layers.length : layers.findIndex(({ path }) => path === nonFinite?.path);
  if (nonFinite !== null && (before || huge < 0 || huge >= after))
    return { code: "non-finite", ...nonFinite, ...(Number.isFinite(largestInput) ? { input: largestInput } : {}) };
  if (huge < 0) return null;
  const { path, layer, largest } = layers[huge];
  return { code: "exploded", path, layer, largest, input: largestInput };
}

function firstStuckAtZero(layers: readonly LayerMeasure[]): Finding | null {
  const stuck = layers.find(({ weights }) => weights.some(({ size, gradient }) => size === 0 && gradient === 0));
  return stuck === undefined ? null : { code: "zero-weights", path: stuck.path, layer: stuck.layer };
}

/**
 * What a layer multiplies its inputs' size by, as its weights' size and the square root of inputs to a unit say, is 0.58 with
 * PyTorch's initialisation. Below this it passes on next to nothing. Our choice.
 */
const PASSED_ON = 0.03;

function judgeDecay(layers: readonly LayerMeasure[], weightDecay: number): Finding | null {
  const all = layers.flatMap(({ path, layer, weights }) => weights.map((weight) => ({ path, layer, ...weight })));
  if (all.length === 0 || weightDecay <= 0) return null;
  const inputs = (shape: readonly number[]) => shape.slice(1).reduce((product, length) => product * length, 1);
  if (all.some(({ size, shape }) => size * Math.sqrt(inputs(shape)) >= PASSED_ON)) return null;
  const { path, layer, size } = all.reduce((a, b) => (b.size > a.size ? b : a));
  return { code: "decayed-weights", path, layer, size, weightDecay };
}

/** The layer whose gradient is furthest from that of the last, in either direction. */
function judgeGradients(layers: readonly LayerMeasure[], limit: number): Finding[] {
  const learning = layers.filter(({ weights, gradient }) => weights.length > 0 && gradient !== null);
  const last = learning.at(-1);
  if (last === undefined || last.gradient === 0) return [];
  const findings: Finding[] = [];
  const ratios = learning.map(({ path, layer, gradient }) => ({ path, layer, ratio: gradient! / last.gradient! }));
  const smallest = ratios.reduce((least, each) => (each.ratio < least.ratio ? each : least));
  const largest = ratios.reduce((most, each) => (each.ratio > most.ratio ? each : most));
  if (smallest.ratio < limit) findings.push({ code: "vanishing-gradients", ...smallest, last: last.path });
  if (largest.ratio > 1 / limit) findings.push({ code: "exploding-gradients", ...largest, last: last.path });
  return findings;
}

function judgeUpdates(
  { layers, loss }: Measures,
  [least, most]: Thresholds["update"],
  baseline: number | undefined,
): Finding[] {
  const ratios = layers.flatMap(({ path, layer, weights }) =>
    weights
      .filter(({ update, size }) => update !== null && size > 0)
      .map(({ name, update, size }) => ({ path, layer, name, ratio: update! / size })),
  );
  if (ratios.length === 0) return [];
  const largest = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  if (largest.ratio > most) return [{ code: "updates-too-large", ...largest }];
  return largest.ratio < least && isUnlearned(loss, baseline) && !isFlat(layers, loss!)
    ? [{ code: "updates-too-small", ...largest }]
    : [];
}

function isUnlearned(loss: number | null, baseline: number | undefined): boolean {
  return baseline !== undefined && loss !== null && loss > 0.9 * baseline;
}

/** Below this share of the loss, what weights can do to it is next to nothing. Our choice. */
const FLAT = 1e-2;

/** Whether training has come to rest: to first order, weights changed by their whole size would hardly change the loss. */
function isFlat(layers: readonly LayerMeasure[], loss: number): boolean {
  const weights = layers.flatMap((layer) => layer.weights);
  const change = ({ shape, size, gradient }: (typeof weights)[number]) =>
    shape.reduce((product, length) => product * length, 1) * size * (gradient ?? 0);
  return weights.reduce((sum, each) => sum + change(each), 0) < FLAT * Math.abs(loss);
}

/** The first layer that a gradient comes to, which lets none through, where none comes to any weight. */
function firstOpaque(layers: readonly LayerMeasure[]): Finding | null {
  const weights = layers.flatMap((layer) => layer.weights);
  if (weights.length === 0 || weights.some(({ gradient }) => (gradient ?? 0) !== 0)) return null;
  const opaque = layers.find(({ gradient }) => gradient !== null && gradient > 0);
  return opaque === undefined ? null : { code: "no-gradients", path: opaque.path, layer: opaque.layer };
}
