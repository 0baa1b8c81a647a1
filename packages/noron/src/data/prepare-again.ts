import type { Task } from "@noron/tabular";
import { InputError } from "../errors.ts";
import type { ImageFormat } from "./image-files.ts";
import type { HeldOut, Preparation } from "./preparation.ts";
import type { PrepareOptions } from "./prepare.ts";
import { type LoadedData, loadData } from "./source.ts";

/**
 * The options that prepare a run's data as they were for its training. With the same data, prepareData then gives the
 * same examples, bit by bit.
 * @throws InputError where a file of held-out rows is not there any more, or is another
 */
export async function preparedAs(run: {
  target: string;
  task: Task;
  seed: number;
  preparation: Preparation | null;
  /** What image files were brought to. */
  format?: ImageFormat;
}): Promise<PrepareOptions> {
  const { target, task, seed, format } = run;
  if (run.preparation === null) return { target, task, seed };
  const { kinds, keep, split, validation, test } = run.preparation;
  const own = typeof validation === "object" && (test === null || typeof test === "object");
  return {
    target,
    task,
    seed,
    ...(Object.keys(kinds).length > 0 && { kinds }),
    ...(keep !== null && { keep }),
    ...(!own && { split }),
    validation: await loadAgain(validation, format),
    ...(test !== null && { test: await loadAgain(test, format) }),
  };
}

async function loadAgain(held: HeldOut, format: ImageFormat | undefined): Promise<number | LoadedData> {
  if (typeof held === "number") return held;
  const loaded = await loadData(held.source, format);
  if (loaded.hash === held.hash) return loaded;
  throw new InputError("run-data-changed", { source: held.source.join(" ") });
}
