import { inspect } from "@noron/core";
import { parseRun, type RunBytes } from "noron";
import type { RunFacts } from "./protocol.ts";

/** What is in the files of a finished run. @throws InputError, DataError for files that are damaged; UsageError where its network is code */
export function describeRun(files: RunBytes): RunFacts {
  const { model } = parseRun(files);
  const weights = [...model.namedParameters()]
    .filter(([, { shape }]) => shape.length > 1)
    .map(([name, parameter]) => ({
      name,
      shape: [...parameter.shape],
      histogram: inspect.histogram(parameter.dataSync(), { bins: 40 }),
    }));
  return { parameters: model.summary().parameters, weights };
}
