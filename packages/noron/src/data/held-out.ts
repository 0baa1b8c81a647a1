import { UsageError } from "../errors.ts";
import type { ImageFormat } from "./image-files.ts";
import { type LoadedData, loadData } from "./source.ts";

/**
 * What the command's --val and --test name: a share as it is, a file as what is in it.
 * @param format what image files are brought to
 * @throws UsageError, InputError, DataError
 */
export async function loadHeldOut(
  asked: number | string | undefined,
  format: Partial<ImageFormat> = {},
): Promise<number | LoadedData | undefined> {
  if (typeof asked !== "string") return asked;
  if (asked === "-") throw new UsageError("held-out-on-stdin");
  return loadData([asked], format);
}
