import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError, describeDataError } from "@noron/tabular";
import { InputError, UsageError } from "../errors.ts";
import { spoken, t } from "../language/current.ts";
import { describeError } from "../language/describe-error.ts";
import { isOwn } from "../model/own-network.ts";
import {
  bestRuns,
  listRuns,
  mainScore,
  type RunSummary,
  type Setting,
  summarizeWholeRun,
  testRows,
  type UnreadableRun,
} from "../run/list-runs.ts";
import { nearestRun } from "../run/read.ts";
import { scoreName } from "./describe.ts";
import { columns, shortNumber } from "./format.ts";
import { Log } from "./log.ts";

/** What a table of runs can be sorted by. */
export const RUN_ORDERS = ["when", "score", "validation", "epochs", "data", "name"] as const;
export type RunOrder = (typeof RUN_ORDERS)[number];

export interface RunsArguments {
  sort?: RunOrder;
  compare?: string[];
  log?: string;
}

/** noron runs: the runs of a folder in a table, or what two of them differ in. */
export function runsCommand(folder: string | undefined, { sort = "when", compare, log: format }: RunsArguments): void {
  const log = new Log(format === "json");
  if (compare === undefined) tellRuns(log, folder, sort);
  else compareRuns(log, folder ?? "runs", compare);
}

function tellRuns(log: Log, folder: string | undefined, sort: RunOrder): void {
  if (!existsSync(folder ?? "runs")) {
    if (folder === undefined) throw new InputError("no-runs", { folder: "runs" });
    throw new InputError("no-such-run", { folder }, { suggestion: nearestRun(folder) });
  }
  const { runs, unreadable } = listRuns(folder ?? "runs");
  const best = bestRuns(runs);
  const sorted = sortRuns(runs, sort);
  if (runs.length > 0) for (const line of columns(table(sorted, best))) log.result(line);
  else log.note(t("runs.none", { folder: folder ?? "runs" }));
  const scores = new Set([...best].map(({ config }) => scoreName(mainScore(config.task).name)));
  if (best.size > 0 && runs.length > 1) log.note(t("runs.bestMeans", { scores: [...scores].join(", ") }));
  for (const run of sorted)
    log.event("run", { ...eventOf(run), best: best.has(run), bestBy: mainScore(run.config.task).name });
  for (const { folder: path, problem } of unreadable) {
    log.note(t("words.warning", { text: describeProblem(problem) }));
    log.event("unreadable", { folder: path, code: problem.code, message: problem.message });
  }
}

function describeProblem(problem: UnreadableRun["problem"]): string {
  return problem instanceof DataError ? describeDataError(problem, spoken()) : describeError(problem, spoken());
}

function table(runs: readonly RunSummary[], best: ReadonlySet<RunSummary>): string[][] {
  const heads = ["", t("runs.name"), t("runs.data"), t("runs.target"), t("runs.test"), t("runs.validation")];
  const rows = runs.map((run) => [
    best.has(run) ? "*" : "",
    run.name,
    run.config.data.name,
    run.config.target,
    testCell(run),
    shortOrDash(bestEpoch(run)?.validationLoss),
    epochsCell(run),
    networkCell(run),
    when(run.created),
  ]);
  return [[...heads, t("runs.epochs"), t("runs.network"), t("runs.when")], ...rows];
}

function testCell({ config, test }: RunSummary): string {
  const { name } = mainScore(config.task);
  if (!config.finished) return t("runs.unfinished");
  return test[name] === undefined ? "–" : `${scoreName(name)} ${shortNumber(test[name])}`;
}

function epochsCell({ epochs, bestEpoch, stopped }: RunSummary): string {
  const how = stopped === "diverged" ? `, ${t("runs.diverged")}` : "";
  return `${bestEpoch ?? "–"}/${epochs.length}${how}`;
}

function networkCell({ config: { network } }: RunSummary): string {
  if (isOwn(network)) return network.module.path;
  return [network.inputs, ...network.hidden, network.outputs].join("-");
}

/** "2025-01-31 09:30", in the time of this machine. */
function when(iso: string | null): string {
  if (iso === null || Number.isNaN(Date.parse(iso))) return "–";
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function shortOrDash(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : shortNumber(value);
}

function bestEpoch({ epochs, bestEpoch: best }: RunSummary) {
  return epochs.find(({ epoch }) => epoch === best);
}

/** The best or newest first; what has no such number last. */
function sortRuns(runs: readonly RunSummary[], order: RunOrder): RunSummary[] {
  const text = (of: (run: RunSummary) => string) => (a: RunSummary, b: RunSummary) => of(a).localeCompare(of(b));
  const number = (of: (run: RunSummary) => number | null | undefined) => (a: RunSummary, b: RunSummary) =>
    (of(a) ?? Number.POSITIVE_INFINITY) - (of(b) ?? Number.POSITIVE_INFINITY) || 0;
  const score = ({ config, test }: RunSummary) => {
    const { name, higher } = mainScore(config.task);
    return higher && test[name] !== undefined ? -test[name] : test[name];
  };
  const compare = {
    when: (a: RunSummary, b: RunSummary) => (b.created ?? "").localeCompare(a.created ?? ""),
    // Scores of other tasks or data say nothing of each other.
    score: (a: RunSummary, b: RunSummary) => text(groupOf)(a, b) || number(score)(a, b),
    validation: number((run) => bestEpoch(run)?.validationLoss),
    epochs: number((run) => run.epochs.length),
    data: text((run) => run.config.data.name),
    name: text((run) => run.name),
  }[order];
  return [...runs].sort((a, b) => compare(a, b) || text((run) => run.name)(a, b));
}

function groupOf({ config }: RunSummary): string {
  return [config.task, config.data.name, config.data.hash, config.target].join(" ");
}

function eventOf(run: RunSummary): Record<string, unknown> {
  const { folder, config, created, finished, settings, epochs, stopped, test, testBaseline, split } = run;
  const { data, target, task, network, noron } = config;
  const best = bestEpoch(run);
  return {
    folder,
    data,
    target,
    task,
    created,
    finished,
    epochs: epochs.length,
    bestEpoch: run.bestEpoch,
    stopped,
    validationLoss: best?.validationLoss ?? null,
    validationAccuracy: best?.validationAccuracy ?? null,
    test,
    testBaseline,
    split,
    network,
    settings,
    noron,
  };
}

function compareRuns(log: Log, folder: string, names: readonly string[]): void {
  if (names.length !== 2) throw new UsageError("compare-two");
  const [a, b] = names.map((name) => {
    const path = existsSync(name) ? name : join(folder, name);
    if (!existsSync(path))
      throw new InputError("no-such-run", { folder: name }, { suggestion: nearestRun(name, folder) });
    return summarizeWholeRun(path);
  });
  const differences = differingSettings(a, b);
  const scores = comparedScores(a, b);
  log.event("comparison", { runs: [a.folder, b.folder], differences, scores });
  if (a.config.data.hash !== b.config.data.hash || a.config.target !== b.config.target)
    log.note(t("words.warning", { text: t("runs.otherData") }));
  else if (testRows(a) !== testRows(b)) log.note(t("words.warning", { text: t("runs.otherRows") }));
  const head = ["", a.name, b.name];
  log.result(differences.length === 0 ? t("runs.sameSettings") : t("runs.settings"));
  const shown = differences.map(({ name, a: one, b: other }) => [`  ${name}`, settingText(one), settingText(other)]);
  if (differences.length > 0) for (const line of columns([head, ...shown])) log.result(line);
  log.result("");
  log.result(t("runs.scores"));
  const weighing = [a, b].filter(({ config }) => config.weighted).map(({ name }) => name);
  const weighted = weighing.length > 0;
  const validation = weighted ? t("runs.validationWeighted", { runs: weighing.join(", ") }) : t("runs.validation");
  const rows = scores.map(({ name, a: one, b: other, difference }) => [
    `  ${name.startsWith("validation") ? validation : scoreName(name, weighted)}`,
    shortOrDash(one),
    shortOrDash(other),
    difference === null ? "" : `${difference > 0 ? "+" : ""}${shortNumber(difference)}`,
  ]);
  for (const line of columns([[...head, t("runs.difference")], ...rows], true)) log.result(line);
}

interface Difference {
  name: string;
  a: Setting;
  b: Setting;
}

function differingSettings(a: RunSummary, b: RunSummary): Difference[] {
  const all = ({ config, settings, split }: RunSummary): Record<string, Setting> => ({
    data: config.data.name,
    "data hash": config.data.hash,
    target: config.target,
    task: config.task,
    rows: `${split.training} + ${split.validation} + ${split.test}`,
    ...settings,
    noron: config.noron,
  });
  const [one, other] = [all(a), all(b)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .map((name) => ({ name, a: one[name] ?? null, b: other[name] ?? null }))
    .filter(({ a: first, b: second }) => JSON.stringify(first) !== JSON.stringify(second));
}

function comparedScores(a: RunSummary, b: RunSummary) {
  const all = (run: RunSummary): Record<string, number> => {
    const loss = bestEpoch(run)?.validationLoss;
    return { ...run.test, ...(typeof loss === "number" && { validationLoss: loss }) };
  };
  const [one, other] = [all(a), all(b)];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => {
    const [first, second] = [one[name] ?? null, other[name] ?? null];
    const comparable = first !== null && second !== null && (name !== "validationLoss" || sameLoss(a, b));
    return { name, a: first, b: second, difference: comparable ? second - first : null };
  });
}

/** Other losses, or other weights of classes in it, are other scales. */
function sameLoss(a: RunSummary, b: RunSummary): boolean {
  const of = ({ settings }: RunSummary) => JSON.stringify([settings.loss ?? null, settings.classWeights ?? null]);
  return of(a) === of(b);
}

function settingText(setting: Setting): string {
  if (setting === null) return "–";
  const text = (each: unknown) => (typeof each === "number" && !Number.isInteger(each) ? shortest(each) : String(each));
  return Array.isArray(setting) ? setting.map(text).join(", ") : text(setting);
}

/** Six digits at most: 0.001, 0.510204. */
function shortest(value: number): string {
  return String(Number(value.toPrecision(6)));
}
