import { UsageError } from "../errors.ts";

/**
 * What the command's --val and --test name: a share as it is, a file as what is in it.
 * @param load reads a file as the data that it is held out from are read
 * @throws UsageError, and as `load` does
 */
export async function loadHeldOut<Held>(
  asked: number | string | undefined,
  load: (source: string[]) => Promise<Held>,
): Promise<number | Held | undefined> {
  if (typeof asked !== "string") return asked;
  if (asked === "-") throw new UsageError("held-out-on-stdin");
  return load([asked]);
}
