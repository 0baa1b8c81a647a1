import type { Note } from "./note.ts";
import type { Reason } from "./reason.ts";
import { vietnameseNotes, vietnameseReasons } from "./vietnamese.ts";

/** The languages that this package's words are in. */
export type Language = "en" | "vi";

type Write = (parameters: object) => string;

/** The sentence of a note in a language. */
export function describeNote({ code, parameters, text }: Note, language: Language): string {
  return language === "en" ? text : (vietnameseNotes[code] as Write)(parameters);
}

/** The words of a reason in a language. */
export function describeReason({ code, parameters, text }: Reason, language: Language): string {
  return language === "en" ? text : (vietnameseReasons[code] as Write)(parameters);
}
