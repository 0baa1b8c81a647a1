import { currentLanguage } from "../i18n/i18n.svelte.ts";
import { type LayerNumber, written } from "./layer-number.ts";

/** What stands before decimals in the language of the page. */
export const decimalMark = (): "." | "," => (currentLanguage() === "vi" ? "," : ".");

/** A number of a network as the language of the page writes it: 0,4127, −3, 1,2e9, ∞. */
export function localNumber(value: LayerNumber, digits: number): string {
  return written(value, digits).replace(".", decimalMark()).replace("e+", "e").replace("Infinity", "∞");
}
