import { InputError, UsageError } from "../errors.ts";
import type { Run } from "../run/parse.ts";
import type { Loaded } from "./source.ts";

/**
 * The data that a run was trained on, where they are still what they were: a run folder names them, and nothing else is
 * read because it does.
 * @param command what to type to give the data instead
 * @param load reads them
 * @throws UsageError, InputError where they are gone or others
 */
export async function loadRunData<Data extends Loaded>(
  { config: { data } }: Pick<Run, "config">,
  command: string,
  load: (source: string[]) => Promise<Data>,
): Promise<Data> {
  if (data.source.includes("-")) throw new UsageError("run-on-stdin", {}, { command });
  const source = data.source.join(" ");
  let loaded: Data;
  try {
    loaded = await load(data.source);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError("run-data-gone", { source }, { command, cause: error });
  }
  if (loaded.hash !== data.hash) throw new InputError("run-data-changed", { source }, { command });
  return loaded;
}
