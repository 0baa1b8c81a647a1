import type { Language } from "./language.ts";
import { type Translate, translator } from "./translate.ts";

/** The language that the command speaks. */
let current: Language = "en";

/** Has all of the command speak a language from now on. */
export function speak(language: Language): void {
  current = language;
}

export function spoken(): Language {
  return current;
}

/** The text of a key in the language that the command speaks. */
export const t: Translate = (key, ...values) => translator(current)(key, ...values);
