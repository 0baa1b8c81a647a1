import { applyPreprocessing, classNumbers, encodeTarget, fitPreprocessing, planTable, splitRows } from "@noron/tabular";
import type { Experiment, TableData } from "../experiment/experiment.ts";
import type { Rows } from "./examples.ts";
import { Problem } from "./problem.ts";
import type { OpenTable } from "./table.ts";

/** A table as the command line would prepare it: planned, split by the seed, and encoded by its training rows alone. */
export function tableExamples({ data, validation, seed }: Experiment, open: OpenTable | null): Rows {
  const { name, target, task, kinds } = data as TableData;
  if (open === null || open.table.name !== name) throw new Problem("data", "missing-file", { name });
  const { table } = open;
  const plan = planTable(table, { target, kinds, ...(task === null ? {} : { task }) });
  const classes = plan.target.classes;
  const labels = classNumbers(table, plan);
  const split = splitRows(plan.rows, { seed, validation, test: 0, labels, classNames: classes });
  const { preprocessing } = fitPreprocessing(table, split.train, plan);
  const ordered = Int32Array.from([...split.train, ...split.validation]);
  const { features, width, featureNames } = applyPreprocessing(preprocessing, table, ordered);
  const encoded = encodeTarget(preprocessing, table, ordered);
  const training = Int32Array.from({ length: split.train.length }, (_, row) => row);
  const rest = Int32Array.from({ length: split.validation.length }, (_, row) => split.train.length + row);
  const placesOf = (rows: ArrayLike<number>) => Int32Array.from(rows, (row) => table.rowNumbers[row]);
  const unit = preprocessing.input === "table" && preprocessing.target.kind === "number" ? preprocessing.target : null;
  return {
    task: plan.target.task,
    x: features,
    shape: [width],
    features: featureNames,
    classes,
    labels: encoded.kind === "classes" ? encoded.classes : encoded.values,
    parts: { training, validation: rest },
    unit: unit === null ? null : { mean: unit.mean, standardDeviation: unit.standardDeviation },
    places: { training: placesOf(split.train), validation: placesOf(split.validation) },
  };
}
