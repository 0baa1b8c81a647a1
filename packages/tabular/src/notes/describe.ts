import type { Note } from "./note.ts";
import type { Reason } from "./reason.ts";
import { vietnameseNotes, vietnameseReasons, withOwnNumbers } from "./vietnamese.ts";

/** The languages that this package's words are in. */
export type Language = "en" | "vi";

type Write = (parameters: object) => string;

/**
 * The sentence of a note in a language.
 * @param numbers the language that numbers are written in: on a terminal English, as files have them
 */
export function describeNote({ code, parameters, text }: Note, language: Language, numbers: Language = "en"): string {
  return language === "en" ? text : vietnamese(() => (vietnameseNotes[code] as Write)(parameters), numbers);
}

/** The words of a reason in a language. @param numbers as of a note */
export function describeReason(
  { code, parameters, text }: Reason,
  language: Language,
  numbers: Language = "en",
): string {
  return language === "en" ? text : vietnamese(() => (vietnameseReasons[code] as Write)(parameters), numbers);
}

const vietnamese = (write: () => string, numbers: Language): string =>
  numbers === "vi" ? withOwnNumbers(write) : write();
