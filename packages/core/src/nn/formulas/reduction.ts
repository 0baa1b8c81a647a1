import type { CallValues } from "../../formula/explanation.ts";
import { divide, sum, value } from "../../formula/expression.ts";
import { formula, type Line, line } from "../../formula/formula.ts";
import { range, termsAt } from "../../formula/places.ts";

/** How a loss makes one number of those of single elements. */

export const loss = value("loss", "L");
export const single = value("single", "\\ell_i", "ℓᵢ");
export const divisor = value("divisor", "n");

const mean = formula("loss.mean", loss, divide(sum("losses", "i", single), divisor));
const total = formula("loss.sum", loss, sum("losses", "i", single));

export const reductionFormulas = [mean, total];

/** What the sum of the losses is divided by: their number, or the sum of their weights; 1 for a sum. */
export function divisorOf({ noted, settings }: CallValues): number {
  if (settings.reduction !== "mean") return 1;
  return noted.divisor?.value.values[0] ?? noted.losses.value.values.length;
}

export function reductionLines(call: CallValues): Line[] {
  const { noted, output, settings } = call;
  if (settings.reduction === "none") return [];
  const losses = noted.losses.value;
  const terms = { losses: termsAt(losses, range(losses.values.length)) };
  const numbers = { loss: output.value.values[0], divisor: divisorOf(call) };
  return [line(settings.reduction === "mean" ? mean : total, numbers, terms)];
}
