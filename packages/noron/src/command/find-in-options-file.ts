import { readBytes } from "../data/files.ts";

/** Where something stands in a file of options. */
export interface OptionPlace {
  file: string;
  /** From 1. */
  line: number;
  /** The option's name. */
  option: string;
  /** Whether it is the name itself, and not its value. */
  isName: boolean;
}

/** Where a name or a text stands in a file of options; null where it does not, or the file cannot be read. */
export function findInOptionsFile(file: string, wanted: string): OptionPlace | null {
  try {
    const text = new TextDecoder().decode(readBytes(file).bytes);
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null) return null;
    const found = Object.entries(json).find(([name, value]) => name === wanted || holds(value, wanted));
    if (found === undefined) return null;
    const [option] = found;
    const from = text.indexOf(JSON.stringify(option));
    const at = text.indexOf(JSON.stringify(wanted), from);
    const line = text.slice(0, Math.max(at, from, 0)).split("\n").length;
    return { file, line, option, isName: option === wanted };
  } catch {
    return null;
  }
}

function holds(value: unknown, wanted: string): boolean {
  if (typeof value !== "object" || value === null) return value === wanted;
  return Object.entries(value).some(([name, each]) => name === wanted || each === wanted);
}
