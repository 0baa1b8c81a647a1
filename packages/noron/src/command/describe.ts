import { quote } from "@noron/tabular";
import type { PreparedData } from "../data/prepare.ts";
import type { LoadedData } from "../data/source.ts";
import type { Scores } from "../model/scores.ts";
import type { Settings } from "../model/settings.ts";
import { columns, count, number, shortNumber } from "./format.ts";

/** More columns than this are summed up. */
const MOST_COLUMNS = 40;
/** More classes than this are summed up. */
const MOST_CLASSES = 12;

/** What the data are, and what was decided about them, in lines. */
export function describeData(loaded: LoadedData, prepared: PreparedData, seed: number): string[] {
  const { training, validation, test, notes } = prepared;
  const parts = `${count(training.count, "row")} to train, ${number(validation.count)} to choose the epoch, ${number(test.count)} to test`;
  const stratified = prepared.task === "classification" ? ", every class in proportion" : "";
  return [
    `${loaded.name}: ${describeSize(loaded)}`,
    `  task      ${prepared.task} of ${quote(prepared.target)}: ${prepared.reason}`,
    ...(prepared.classes.length > 0 ? [`  classes   ${describeClasses(prepared)}`] : []),
    ...describeColumns(prepared),
    `  split     ${parts} (seed ${seed}${stratified})`,
    // The task has been told, and left-out columns are among the columns.
    ...notes
      .filter(({ code, text }) => code !== "task" && !LISTED.has(code) && text !== "")
      .map(({ text }) => `  note      ${text}`),
  ];
}

/** Notes that the list of columns tells already. */
const LISTED: ReadonlySet<string> = new Set([
  "constant-column",
  "identifier-column",
  "many-values",
  "all-missing",
  "ignored-column",
]);

function describeSize(loaded: LoadedData): string {
  if (loaded.kind === "table")
    return `${count(loaded.table.rowCount, "row")}, ${count(loaded.table.columns.length, "column")}`;
  const { images, test } = loaded;
  const size = `${images.height} × ${images.width}`;
  return `${count(images.count, "image")} of ${size} pixels${test === undefined ? "" : `, and ${number(test.count)} to test`}`;
}

function describeClasses({ classes, training, validation, test }: PreparedData): string {
  const times = new Array<number>(classes.length).fill(0);
  for (const { target } of [training, validation, test])
    if (target?.kind === "classes") for (const label of target.classes) times[label]++;
  const shown = classes.slice(0, MOST_CLASSES).map((name, index) => `${name} (${times[index]})`);
  const rest = classes.length > MOST_CLASSES ? ` and ${classes.length - MOST_CLASSES} more` : "";
  return `${classes.length}: ${shown.join(", ")}${rest}`;
}

function describeColumns({ columns: types }: PreparedData): string[] {
  if (types.length === 0) return [];
  const rows = types
    .slice(0, MOST_COLUMNS)
    .map(({ name, kind, reason }) => [name, kind === "ignore" ? "left out" : kind, reason]);
  const rest = types.length > MOST_COLUMNS ? [`            and ${types.length - MOST_COLUMNS} more`] : [];
  return [...columns(rows).map((line, index) => `  ${index === 0 ? "columns " : "        "}  ${line}`), ...rest];
}

/** How it is trained, in a line. */
export function describeTraining({ optimizer, lr, batch, epochs, patience, loss }: Settings): string {
  const stop = patience === 0 ? "" : `, until ${patience} bring nothing better`;
  return `${loss}, ${optimizer} with lr ${lr}, batches of ${batch}, ${count(epochs, "epoch")} at most${stop}`;
}

const SCORE_NAMES: Record<string, string> = { f1: "F1 (macro)", r2: "R²", rmse: "RMSE", mae: "MAE" };

/** Scores beside those of the baseline. */
export function describeScores(scores: Scores, baseline: Scores, baselineName: string): string[] {
  const rows = Object.entries(scores).map(([name, value]) => [
    `  ${SCORE_NAMES[name] ?? name}`,
    shortNumber(value),
    baseline[name] === undefined ? "" : shortNumber(baseline[name]),
  ]);
  return columns([["", "network", baselineName], ...rows], true);
}

/** What the baseline says, in words. */
export function describeBaseline(value: number, classes: readonly string[]): string {
  return classes.length > 0 ? `always ${quote(classes[value])}` : `always ${shortNumber(value)}, the mean`;
}
