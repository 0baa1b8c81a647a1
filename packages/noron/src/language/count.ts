import type { Language } from "./language.ts";

/**
 * A count with its thousands apart: "12,345", and in Vietnamese, where a comma is the decimal mark and numbers on a terminal
 * have points as those in files do, "12 345" with a space that breaks no line.
 */
export function writeCount(value: number, language: Language): string {
  const written = value.toLocaleString("en-US");
  return language === "vi" ? written.replaceAll(",", "\u00a0") : written;
}
