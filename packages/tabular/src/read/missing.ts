import { quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { TableColumn } from "./table.ts";

/**
 * The cells that are read as missing, besides the empty one. Spelled exactly so: "none" and "na" in other spellings
 * are ordinary text.
 */
export const missingWords: ReadonlySet<string> = new Set([
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "NaN",
  "nan",
  "NAN",
  "null",
  "NULL",
  "None",
  "<NA>",
  "NaT",
  "#DIV/0!",
  "#NAME?",
  "#NULL!",
  "#NUM!",
  "#REF!",
  "#VALUE!",
  "?",
  "-",
]);

/** Whether a cell, already without white space around it, says that there is no value. */
export function isMissing(cell: string): boolean {
  return cell === "" || (cell.length <= 7 && missingWords.has(cell));
}

/** Words such as NA and None may be meant as text, so each column's are told. */
export function noteMissingWords(columns: readonly TableColumn[], notes: Note[]): void {
  for (const { name, cells } of columns) {
    const words = new Map<string, number>();
    for (const cell of cells) if (cell !== "" && isMissing(cell)) words.set(cell, (words.get(cell) ?? 0) + 1);
    noteWords(name, words, notes);
  }
}

/** @internal A note of words that were read as missing without those that are texts after all; undefined where none is left. */
export function withoutWords(note: Note, texts: readonly string[]): Note | undefined {
  const { column, words } = note.parameters;
  if (note.code !== "missing-words" || typeof column !== "string" || !Array.isArray(words)) return note;
  const left = words.filter((told) => !texts.some((word) => told.startsWith(`${quote(word)} (`)));
  return left.length === 0 ? undefined : makeNote("missing-words", { column, words: left });
}

/** @internal The same of one column's words and how often each is there. */
export function noteWords(column: string, words: ReadonlyMap<string, number>, notes: Note[]): void {
  if (words.size === 0) return;
  const list = [...words].map(([word, times]) => `${quote(word)} (${times} ×)`);
  notes.push(makeNote("missing-words", { column, words: list }));
}
