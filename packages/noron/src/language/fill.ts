import { writeCount } from "./count.ts";
import type { Language } from "./language.ts";

/**
 * A text with a value for each {{name}} in it; {{name, number}} writes a count. Control characters in values, which a terminal
 * would obey, are written as codes.
 */
export function fill(text: string, values: Readonly<Record<string, unknown>>, language: Language): string {
  return text.replace(/\{\{(\w+)(, number)?\}\}/g, (_, name: string, asNumber: string | undefined) => {
    const value = values[name] ?? "";
    return asNumber !== undefined && typeof value === "number" ? writeCount(value, language) : printable(String(value));
  });
}

function printable(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
