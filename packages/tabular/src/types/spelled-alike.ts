import { quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { ColumnFacts } from "./column-facts.ts";

/** Groups that are named, and texts of each. */
const most = 3;

/** Of texts that differ in capital letters or spaces alone: "Paid", "paid" and "PAID". */
export function noteSpelledAlike({ name, values }: ColumnFacts, target: boolean): Note[] {
  const alike = new Map<string, string[]>();
  for (const [value, { times }] of values) {
    const key = value.toLowerCase().replace(/\s+/g, " ");
    const told = `${quote(value)} (${times} ×)`;
    const others = alike.get(key);
    if (others === undefined) alike.set(key, [told]);
    else others.push(told);
  }
  const groups = [...alike.values()].filter(({ length }) => length > 1);
  if (groups.length === 0) return [];
  const shown = groups
    .slice(0, most)
    .map((texts) => texts.slice(0, most).join(", ") + (texts.length > most ? ", …" : ""));
  return [makeNote("spelled-alike", { column: name, target, count: groups.length, groups: shown })];
}
