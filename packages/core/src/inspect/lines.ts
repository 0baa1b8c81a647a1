import { multiply, sum, value } from "../formula/expression.ts";
import { type Formula, formula, type Line, line } from "../formula/formula.ts";
import { range } from "../formula/places.ts";
import { layerExplanations } from "../nn/formulas/index.ts";
import { updateExplanations } from "../optim/formulas/index.ts";
import type { LayerStep, ParameterUpdate, StepExplanation } from "./explain-step.ts";

/** The chain rule over two layers: δ of a neuron from those of the neurons that it feeds. */
const chain = formula(
  "chain.hidden",
  value("gradX", "\\delta_i", "δᵢ"),
  multiply(
    sum("products", "j", multiply(value("weight", "w_{ji}", "wⱼᵢ"), value("delta", "\\delta_j", "δⱼ"))),
    value("slope", "f'(z_i)", "f′(zᵢ)"),
  ),
);

let known: ReadonlyMap<string, Formula> | null = null;

/** Every formula that a line may be of, by its id. */
export function formulas(): ReadonlyMap<string, Formula> {
  if (known === null) {
    const all = new Map<string, Formula>();
    for (const explanation of [...layerExplanations.values(), ...updateExplanations.values()])
      for (const each of explanation.formulas) all.set(each.id, each);
    known = all.set(chain.id, chain);
  }
  return known;
}

/** The classes of layers, losses and optimizers that formulas are there for. */
export function explained(): { layers: string[]; optimizers: string[] } {
  return { layers: [...layerExplanations.keys()], optimizers: [...updateExplanations.keys()] };
}

function checked(place: number, length: number, what: string): void {
  if (!Number.isInteger(place) || place < 0 || place >= length)
    throw new RangeError(`there is no element ${place} in ${what} of ${length} elements`);
}

/**
 * How one element of a layer's output came about; of a loss, how one element of the prediction contributes to it. Places
 * are flat, row by row. Nothing for a layer of the user's own.
 * @throws RangeError if there is no such element.
 */
export function elementLines(step: LayerStep, place: number): Line[] {
  if (step.explanation === null) return [];
  const over = isLoss(step) ? step.inputs[0].value : step.output.value;
  checked(place, over.values.length, isLoss(step) ? "a prediction" : "an output");
  return layerExplanations.get(step.explanation)!.forward(step, place);
}

/** A loss alone is given two tensors: prediction and target. */
const isLoss = (step: LayerStep): boolean => step.settings.reduction !== undefined;

/**
 * How the gradient d(loss)/d(input) at a place of a layer's first input came about. Nothing where none came back, and for
 * a layer of the user's own.
 * @throws RangeError if there is no such element.
 */
export function gradientLines(step: LayerStep, place: number): Line[] {
  if (step.explanation === null) return [];
  checked(place, step.inputs[0].value.values.length, "an input");
  return layerExplanations.get(step.explanation)!.backward(step, place);
}

/**
 * How the gradient of a layer's parameter ("weight", "bias") came about at one of its places. Nothing for a layer of the
 * user's own.
 * @throws RangeError if there is no such parameter or element.
 */
export function parameterLines(step: LayerStep, name: string, place: number): Line[] {
  if (step.parameters[name] === undefined) throw new RangeError(`${step.layer} has no parameter "${name}"`);
  checked(place, step.parameters[name].value.values.length, "a parameter");
  if (step.explanation === null) return [];
  return layerExplanations.get(step.explanation)!.parameter?.(step, name, place) ?? [];
}

/**
 * What the optimizer does to one number of a parameter. Nothing for an optimizer of the user's own.
 * @throws RangeError if there is no such element.
 */
export function updateLines(update: ParameterUpdate, place: number): Line[] {
  checked(place, update.before.values.length, "a parameter");
  return update.explanation === null ? [] : updateExplanations.get(update.explanation)!.update(update, place);
}

/**
 * The chain rule over two layers, for an element of what a linear layer is given by an activation before it:
 * δᵢ = Σⱼ wⱼᵢ δⱼ · f′(zᵢ). Nothing where no linear layer follows.
 * @param index the activation among the step's layers. @param place the element of its input.
 */
export function chainLines({ layers }: StepExplanation, index: number, place: number): Line[] {
  const activation = layers[index];
  const followers = layers.filter(({ from }) => from === index);
  if (activation.slope === null || followers.length !== 1 || activation.inputs[0].gradient === null) return [];
  const [next] = followers;
  if (next.explanation !== "Linear" && next.explanation !== "DropConnect") return [];
  const weights = (next.noted.dropped ?? next.parameters.weight).value;
  const sent = next.output.gradient;
  if (sent === null) return [];
  const [outputs, inputs] = weights.shape;
  const [row, i] = [Math.floor(place / inputs), place % inputs];
  const products = range(outputs).map((j) => [weights.values[j * inputs + i], sent.values[row * outputs + j]]);
  const numbers = { gradX: activation.inputs[0].gradient.values[place], slope: activation.slope.values[place] };
  return [line(chain, numbers, { products })];
}
