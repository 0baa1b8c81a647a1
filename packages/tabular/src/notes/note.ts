import { type NoteParameters, noteTexts } from "./texts.ts";

/** Every decision and every warning that is worth telling. The codes are stable, the texts may change. */
export type NoteCode = keyof NoteParameters;

/** What a note's text is made of; each code has its own (see NoteParameters). */
export type NoteValues = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** One decision made about the data, or a warning: a code with its parameters, and the English text made of them. */
export interface Note {
  code: NoteCode;
  /** What a translation is made of. */
  parameters: NoteValues;
  /** One sentence; it names the column where there is one. */
  text: string;
  column?: string;
}

/** What may well have been read otherwise than it was meant, with what to do about it. */
const warnings: readonly NoteCode[] = [
  "damaged-text",
  "header-looks-like-data",
  "totals-kept",
  "comma-in-doubt",
  "points-in-doubt",
  "ambiguous-date",
  "spelled-alike",
  "leak-equal",
  "leak-missing",
  "leak-class",
  "leak-number",
  "duplicate-rows",
  "texts-like-numbers",
  "zones-left-out",
  "missing-code",
];

/** Whether a note of what was decided is to be looked into before the result of a training is trusted. */
export function isWarning({ code, parameters }: Note): boolean {
  const { hint = "none", other = "", partly = false } = parameters;
  if (code === "identifier-column" || code === "many-values") return hint !== "none";
  return warnings.includes(code) || (code === "units-left-out" && (other !== "" || partly === true));
}

/** A note with its text. */
export function makeNote<Code extends NoteCode>(code: Code, given: NoteParameters[Code]): Note {
  const parameters: NoteValues = { ...given };
  const text = noteTexts[code](given);
  const { column } = parameters;
  return typeof column === "string" ? { code, parameters, text, column } : { code, parameters, text };
}
