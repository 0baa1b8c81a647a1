import { nearestName } from "@noron/tabular";
import { readBytes } from "../data/files.ts";
import { InputError } from "../errors.ts";
import { parseImageSize } from "./options.ts";
import { OPTIONS_FILE } from "./options-schema.ts";
import type { TrainArguments } from "./train.ts";

/**
 * Reads a file of options for train: JSON, with the names of the flags in camelCase. Paths in it are taken from where the
 * command runs, as on the command line.
 * @throws InputError that names the option which is wrong
 */
export function readOptionsFile(file: string): { source: string[]; options: TrainArguments } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(readBytes(file).bytes));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError("options-not-json", { file, problem: (error as Error).message });
  }
  const parsed = OPTIONS_FILE.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue.code === "unrecognized_keys") {
      const [option] = issue.keys;
      const suggestion = nearestName(option, Object.keys(OPTIONS_FILE.shape));
      throw new InputError("unknown-option-in-file", { file, option }, { suggestion });
    }
    const option = issue.path.join(".");
    if (option === "") throw new InputError("options-not-json", { file, problem: issue.message });
    throw new InputError("bad-option-in-file", { file, option, problem: issue.message });
  }
  const { $schema: _, data = [], drop, keep, model, classWeights, imageSize, ...rest } = parsed.data;
  const list = (value: string | string[] | undefined) => (typeof value === "string" ? [value] : value);
  const options = {
    ...rest,
    drop: list(drop),
    keep: list(keep),
    model: model === "none" ? [] : model,
    imageSize: imageSize === undefined ? undefined : parseImageSize(String(imageSize)),
    classWeights:
      typeof classWeights === "object"
        ? Object.entries(classWeights).map(([name, weight]) => `${name}=${weight}`)
        : list(classWeights),
  };
  // Names are in the schema; what each is was checked by it.
  return { source: list(data) ?? [], options: options as TrainArguments };
}

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
