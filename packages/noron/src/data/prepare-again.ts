import type { Task } from "@noron/tabular";
import { InputError } from "../errors.ts";
import type { HeldOut, Preparation } from "./preparation.ts";
import type { PrepareOptions } from "./prepare.ts";
import type { Loaded } from "./source.ts";

/**
 * The options that prepare a run's data as they were for its training. With the same data, prepareData then gives the
 * same examples, bit by bit.
 * @param load reads held-out rows as the data are read
 * @throws InputError where a file of held-out rows is not there any more, or is another
 */
export async function preparedAs<Held extends Loaded>(
  run: { target: string; task: Task; seed: number; preparation: Preparation | null },
  load: (source: string[]) => Promise<Held>,
): Promise<PrepareOptions<Held>> {
  const { target, task, seed } = run;
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
    validation: await loadAgain(validation, load),
    ...(test !== null && { test: await loadAgain(test, load) }),
  };
}

/** The files of the rows that a run held out. */
export function heldOutSources(preparation: Preparation | null): string[] {
  return [preparation?.validation, preparation?.test].flatMap((held) =>
    typeof held === "object" && held !== null ? held.source : [],
  );
}

async function loadAgain<Held extends Loaded>(
  held: HeldOut,
  load: (source: string[]) => Promise<Held>,
): Promise<number | Held> {
  if (typeof held === "number") return held;
  const loaded = await load(held.source);
  if (loaded.hash === held.hash) return loaded;
  throw new InputError("run-data-changed", { source: held.source.join(" ") });
}
