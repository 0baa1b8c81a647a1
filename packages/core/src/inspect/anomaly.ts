import { backend } from "../backend/registry.ts";
import { context, type Observer } from "../graph/context.ts";
import { isLeaf, type Op } from "../graph/op.ts";
import { isFloat, type TypedArray } from "../tensor/dtype.ts";
import { formatShape, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { observe } from "./observe.ts";
import { leafValues } from "./values.ts";

export interface Anomaly {
  /** The operation; in a backward the one whose gradient was being computed. */
  op: string;
  /** The path of its layer, "" outside any module. */
  layer: string;
  phase: "forward" | "backward";
  value: "NaN" | "Infinity" | "-Infinity";
  inputShapes: Shape[];
  outputShape: Shape;
  hint: string;
}

/** An operation gave NaN or an infinity; thrown within detectAnomaly(). */
export class AnomalyError extends Error implements Anomaly {
  override name = "AnomalyError";
  readonly op: string;
  readonly layer: string;
  readonly phase: "forward" | "backward";
  readonly value: "NaN" | "Infinity" | "-Infinity";
  readonly inputShapes: Shape[];
  readonly outputShape: Shape;
  readonly hint: string;

  constructor(message: string, anomaly: Anomaly) {
    super(message);
    this.op = anomaly.op;
    this.layer = anomaly.layer;
    this.phase = anomaly.phase;
    this.value = anomaly.value;
    this.inputShapes = anomaly.inputShapes;
    this.outputShape = anomaly.outputShape;
    this.hint = anomaly.hint;
  }
}

const TOO_LARGE =
  "numbers grew out of range: try a lower learning rate, optim.clipGradNorm, or inputs scaled to about 1";
const ROOT = "the slope of a root at 0 is infinite: add a small number inside it, or keep its argument above 0";
const LOGARITHM =
  "a logarithm needs numbers above 0: add a small number or clamp first; for probabilities use logSoftmax";

const FORWARD_HINTS: Record<string, string> = {
  log: LOGARITHM,
  log1p: "log1p needs numbers above -1: clamp first",
  sqrt: "a root needs numbers of at least 0: clamp first, or add a small number inside it",
  rsqrt: "1/√x needs numbers above 0: add a small number inside it",
  div: "something is divided by 0: add a small number to the divisor",
  pow: "a power of a negative base needs a whole exponent, and 0 a positive one; large results leave the range",
  exp: "the exponent is too large (float32 ends at e^88.7): subtract the largest first, as softmax does, or lower the learning rate",
  expm1: "the exponent is too large (float32 ends at e^88.7)",
  sinh: "the argument is too large",
  cosh: "the argument is too large",
  asin: "asin needs numbers from -1 to 1: clamp first",
  acos: "acos needs numbers from -1 to 1: clamp first",
  gather: "an index lies outside the dimension",
};

const BACKWARD_HINTS: Record<string, string> = {
  sqrt: ROOT,
  rsqrt: ROOT,
  pow: "the slope of this power is infinite at 0: keep the base above 0",
  log: "the slope of ln x at 0 is infinite: add a small number or clamp first",
  div: "the slope of a quotient is infinite where the divisor is 0: add a small number to it",
  asin: "the slope is infinite at -1 and 1: clamp to a little less",
  acos: "the slope is infinite at -1 and 1: clamp to a little less",
};

/** Operations that only pass elements on. */
const VIEWS = new Set<Op["kind"]>(["reshape", "permute", "expand", "slice", "pad", "concat"]);

/** The place of the first NaN, or of the first infinity if there is none; −1 if all are finite. */
function firstBad(values: TypedArray): number {
  let infinite = -1;
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    // Finite numbers alone give 0 here.
    if (value - value === 0) continue;
    if (Number.isNaN(value)) return place;
    if (infinite < 0) infinite = place;
  }
  return infinite;
}

function hasNaN(values: TypedArray): boolean {
  return values.some(Number.isNaN);
}

/**
 * Computes every operation as soon as it is recorded, so that an error is thrown where the program asked for it. NaN is
 * an error at once. So is an infinity in a backward; one in a forward waits for what uses it, since 1/∞, e^−∞, a clamp
 * and a where make ordinary numbers of it again.
 */
class Detector implements Observer {
  /** Infinite results with the error that they are, should the infinity go on. */
  private readonly waiting = new WeakMap<Tensor, AnomalyError>();
  /** Those that nothing has used yet. */
  private readonly unused = new Set<Tensor>();

  /** @param ends whether finish() will be called. */
  constructor(private readonly ends: boolean) {}

  /** Throws for an infinity that nothing has used: it is the result. */
  finish(): void {
    for (const node of this.unused) throw this.waiting.get(node)!;
  }

  private wait(node: Tensor, error: AnomalyError): void {
    this.waiting.set(node, error);
    if (this.ends) this.unused.add(node);
  }

  created(node: Tensor): void {
    if (node.value === null) backend().run([node], []);
    for (const input of node.inputs) this.unused.delete(input);
    if (!isFloat(node.dtype)) return;
    const origin = node.inputs.map((input) => this.waiting.get(input)).find((error) => error !== undefined);
    const place = firstBad(node.value!);
    if (place < 0) return;
    const view = VIEWS.has(node.op.kind);
    if (origin !== undefined) {
      if (!view) throw origin;
      this.wait(node, origin);
      return;
    }
    if (view) return;
    const isNaN = Number.isNaN(node.value![place]);
    const inputs = node.inputs.map(present);
    const culprit = inputs.findIndex((values) => (isNaN ? hasNaN(values) : firstBad(values) >= 0));
    // An infinity that the program wrote itself (a mask, a bound) may go on as one.
    if (culprit >= 0 && !isNaN) return;
    const error = describe(node, place, inputs, culprit);
    if (isNaN || error.phase === "backward") throw error;
    this.wait(node, error);
  }

  gradient(node: Tensor): void {
    // A backward that starts at an infinity; one that was used has been made finite.
    const error = node.consumers === 0 ? this.waiting.get(node) : undefined;
    if (error !== undefined) throw error;
  }
}

/** The elements of an input, which may have been recorded before anyone looked on. */
function present(input: Tensor): TypedArray {
  if (input.value === null && !isLeaf(input.op)) backend().run([input], []);
  return leafValues(input);
}

function describe(node: Tensor, place: number, inputs: readonly TypedArray[], culprit: number): AnomalyError {
  const of = context.differentiating;
  const backwards = of !== null;
  const op = backwards ? of.op.name : node.op.name;
  const layer = node.path;
  const output = node.value!;
  const value = String(output[place]) as Anomaly["value"];
  const matching = output.filter((other) => Object.is(other, output[place]) || String(other) === value).length;
  const inputShapes = node.inputs.map((input) => input.shape);
  const elementwise = node.op.kind === "map" && node.inputs.every((input) => sameShape(input.shape, node.shape));
  const operands = elementwise ? `${node.op.name}(${inputs.map((values) => format(values[place])).join(", ")})` : "";
  const where = layer === "" ? "outside any layer" : `in layer "${layer}"`;
  const what = backwards ? `the gradient of ${op} ${where}` : `${op} ${where}`;
  const count = `${matching} of ${output.length} elements, the first at ${formatShape(indexOf(place, node.shape))}`;
  let hint = (backwards ? BACKWARD_HINTS[op] : undefined) ?? (backwards ? undefined : FORWARD_HINTS[op]) ?? TOO_LARGE;
  if (culprit >= 0) {
    const input = node.inputs[culprit];
    const held = input.source !== null || input.slot !== null ? "a parameter or buffer" : "a tensor";
    hint =
      `it came in with input ${culprit}, ${held} of shape ${formatShape(input.shape)} that held it already: look at ` +
      `${held === "a tensor" ? "the data" : "the step before this one"}`;
  }
  const message =
    `${what} gave ${value}: ${count}${operands === "" ? "" : `, from ${operands}`}; input shapes ` +
    `${inputShapes.map(formatShape).join(", ")}, output shape ${formatShape(node.shape)}. ${hint[0].toUpperCase()}${hint.slice(1)}.`;
  const phase = backwards ? "backward" : "forward";
  return new AnomalyError(message, { op, layer, phase, value, inputShapes, outputShape: node.shape, hint });
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6);
}

function indexOf(place: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    index[dim] = place % shape[dim];
    place = Math.floor(place / shape[dim]);
  }
  return index;
}

/**
 * Runs a function, synchronous or asynchronous, and throws at the first operation, forward or backward, that gives NaN or
 * an infinity out of finite numbers: an AnomalyError with the operation, the layer's path, the shapes and what to do. An
 * infinity that later operations make finite again, such as the ln 0 that BCELoss bounds, is none. Every operation is
 * computed by itself as it is recorded: many times slower than usual, for finding a fault.
 * @throws AnomalyError
 */
export function detectAnomaly<Result>(run: () => Result): Result {
  const detector = new Detector(true);
  const end = observe(detector);
  let result: Result;
  try {
    result = run();
  } catch (error) {
    end();
    throw error;
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== "function") {
    end();
    detector.finish();
    return result;
  }
  const settled = (result as PromiseLike<unknown>).then(
    (value) => {
      end();
      detector.finish();
      return value;
    },
    (error) => {
      end();
      throw error;
    },
  );
  return settled as Result;
}

let stop: (() => void) | null = null;

/**
 * Looks for anomalies, as detectAnomaly(), from now on or no longer. An infinity is named once something goes on from it.
 */
export function setDetectAnomaly(enabled: boolean): void {
  if (enabled === (stop !== null)) return;
  if (stop !== null) {
    stop();
    stop = null;
  } else {
    stop = observe(new Detector(false));
  }
}
