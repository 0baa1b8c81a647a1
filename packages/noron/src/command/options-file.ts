import { nearestName } from "@noron/tabular";
import vi from "zod/v4/locales/vi.js";
import { readBytes } from "../data/files.ts";
import { InputError } from "../errors.ts";
import { spoken } from "../language/current.ts";
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
  // Its own words of what is wrong are in English unless it is asked for others.
  const parsed = OPTIONS_FILE.safeParse(json, spoken() === "vi" ? { error: vi().localeError } : {});
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
