import {
  describeNote,
  describeReason,
  isWarning,
  type Note,
  type ParsedSplit,
  parseSplitMethod,
  quote,
} from "@noron/tabular";
import { isGrey } from "../data/image-files.ts";
import type { PreparedData } from "../data/prepare.ts";
import { spoken, t } from "../language/current.ts";
import { plain } from "../language/plain.ts";
import { OPTIMIZERS } from "../model/choices.ts";
import type { RateTest } from "../model/find-rate.ts";
import { isOwn } from "../model/own-network.ts";
import type { NetworkPlan } from "../model/plan-network.ts";
import type { Scores } from "../model/scores.ts";
import type { Settings } from "../model/settings.ts";
import { type AnyData, tableOf } from "../stream/open-data.ts";
import { columns, shortNumber } from "./format.ts";

/** More columns than this are summed up. */
const MOST_COLUMNS = 40;
/** More classes than this are summed up. */
const MOST_CLASSES = 12;

/** So many rows, or images. */
export function describeCount({ kind }: Pick<AnyData, "kind">, count: number): string {
  return kind === "images" ? t("words.images", { count }) : t("words.rows", { count });
}

/** What the data are, and what was decided about them, in lines. */
export function describeData(loaded: AnyData, prepared: PreparedData, seed: number): string[] {
  const { training, validation, test, notes, task, target, why, preparation } = prepared;
  const rows = describeCount(loaded, training.count);
  const parts = t("data.split", { training: rows, validation: validation.count, test: test.count });
  const way = SPLIT_TEXTS[parseSplitMethod(preparation.split).by](seed);
  const reason = why === null ? t("data.imagesWithLabels") : describeReason(why, spoken());
  return [
    `${loaded.name}: ${describeSize(loaded)}`,
    line(t("data.headTask"), t("data.task", { task: t(`words.${task}`), target: quote(target), reason })),
    ...(prepared.classes.length > 0 ? [line(t("data.headClasses"), describeClasses(prepared))] : []),
    ...describeColumns(prepared),
    line(t("data.headSplit"), `${parts} (${way})`),
    // The task has been told, and left-out columns are among the columns.
    ...notes
      .filter((note) => note.text !== "" && note.code !== "task" && (isWarning(note) || !LISTED.has(note.code)))
      .map((note) => line(t(isWarning(note) ? "data.headWarning" : "data.headNote"), describeNote(note, spoken()))),
  ];
}

const SPLIT_TEXTS: Record<ParsedSplit["by"], (seed: number) => string> = {
  random: (seed) => t("data.seed", { seed }),
  stratified: (seed) => `${t("data.seed", { seed })}${t("data.stratified")}`,
  time: () => t("data.byTime"),
  group: (seed) => `${t("data.seed", { seed })}${t("data.byGroup")}`,
};

/** A line of what is told before training: what it is about, and what there is to say. */
function line(head: string, text: string): string {
  const heads = [
    t("data.headTask"),
    t("data.headClasses"),
    t("data.headColumns"),
    t("data.headSplit"),
    t("data.headNote"),
    t("data.headWarning"),
    t("data.headNetwork"),
    t("data.headTraining"),
  ];
  return `  ${head.padEnd(Math.max(...heads.map(({ length }) => length)))}  ${text}`;
}

/** Notes that the list of columns tells already. */
const LISTED: ReadonlySet<string> = new Set([
  "constant-column",
  "identifier-column",
  "many-values",
  "all-missing",
  "ignored-column",
]);

function describeSize(loaded: AnyData): string {
  if (loaded.kind !== "images") {
    const { rowCount, columns } = tableOf(loaded)!;
    const size = t("data.size", {
      rows: t("words.rows", { count: rowCount }),
      columns: t("words.columns", { count: columns.length }),
    });
    return loaded.kind === "stream" ? size + t("data.inPieces") : size;
  }
  const { images, test } = loaded;
  const { height, width } = images;
  const size = t("data.imageSize", { images: t("words.images", { count: images.count }), height, width });
  const colours = isGrey(images) ? t("data.greyInColour") : t("data.inColour");
  const coloured = images.channels === 3 ? size + colours : size;
  return test === undefined ? coloured : coloured + t("data.imagesToTest", { count: test.count });
}

function describeClasses({ classes, training, validation, test }: PreparedData): string {
  const times = new Array<number>(classes.length).fill(0);
  for (const { target } of [training, validation, test])
    if (target?.kind === "classes") for (const label of target.classes) times[label]++;
  const shown = classes.slice(0, MOST_CLASSES).map((name, index) => `${plain(name)} (${times[index]})`);
  const rest = classes.length > MOST_CLASSES ? ` ${t("words.andMore", { count: classes.length - MOST_CLASSES })}` : "";
  return `${classes.length}: ${shown.join(", ")}${rest}`;
}

function describeColumns({ columns: types }: PreparedData): string[] {
  const rows = types
    .slice(0, MOST_COLUMNS)
    .map(({ name, kind, why }) => [plain(name), t(`data.${kind}`), describeReason(why, spoken())]);
  const lines = columns(rows);
  if (types.length > MOST_COLUMNS) lines.push(t("words.andMore", { count: types.length - MOST_COLUMNS }));
  return lines.map((text, index) => line(index === 0 ? t("data.headColumns") : "", text));
}

/** A note of data that are prepared as in training, as a warning. */
export function describeWarning(note: Note): string {
  return t("words.warning", { text: describeNote(note, spoken()) });
}

/** That there are rows among the data which a run was trained on, as a warning. @param files those of the data with such rows */
export function describeTrainedOn(files: readonly string[], { source }: Pick<AnyData, "source">): string {
  const all = files.length === source.length;
  return t("words.warning", {
    text: all ? t("data.trainedOn") : t("data.partlyTrainedOn", { files: files.join(", ") }),
  });
}

/** That a network says the same of rows of several classes, as a note. */
export function describeOnlyAnswer(answer: string, rows: string): string {
  return t("words.note", { text: t("scores.onlyAnswer", { rows, class: quote(answer) }) });
}

/** The network in a line: "9 → 64 → 32 → 3, relu, batch norm; 3,000 parameters". */
export function describeNetwork({ config, parameters, className }: NetworkPlan): string {
  if (isOwn(config)) {
    const own = t("training.ownNetwork", { name: className, file: config.module.path, parameters });
    return line(t("data.headNetwork"), own);
  }
  const { inputs, hidden, outputs, activation, norm, dropout } = config;
  const parts = [[inputs, ...hidden, outputs].join(" → ")];
  if (hidden.length > 0) {
    parts.push(activation);
    if (norm !== "none") parts.push(t("training.norm", { name: norm }));
    if (dropout > 0) parts.push(t("training.dropout", { share: dropout }));
  }
  return line(t("data.headNetwork"), t("training.network", { layers: parts.join(", "), parameters }));
}

/** How it is trained, in a line. */
export function describeTraining(settings: Settings, lr: number | "auto"): string {
  const { optimizer, optimizerOptions, schedule, clipNorm, batch, epochs, patience, loss } = settings;
  const most = t("words.epochs", { count: epochs });
  const rule = OPTIMIZERS[optimizer].options ?? {};
  // What its name says already is not said again.
  const own = Object.entries({ ...optimizerOptions, ...(clipNorm !== null && { clipNorm }) }).filter(
    ([name, value]) => value !== rule[name as keyof typeof rule],
  );
  const parts = { optimizer: withNumbers(optimizer, own), lr: String(lr) };
  if (schedule !== null) parts.lr += `, ${withNumbers(schedule.name, Object.entries(schedule.options))}`;
  const how = t("training.how", { loss, ...parts, batch, epochs: most });
  return line(t("data.headTraining"), patience === 0 ? how : how + t("training.patience", { patience }));
}

/** How the learning rate was found, in a line, or that it will be. */
export function describeRate(rate: RateTest | "to be found"): string {
  if (rate === "to be found") return line("", t("training.rateToFind"));
  const { rates, losses, lr } = rate;
  const lowest = Number(rates[losses.indexOf(Math.min(...losses))].toPrecision(2));
  return line("", t("training.rateFound", { lr, lowest, steps: rates.length }));
}

/** "step (stepSize 5, gamma 0.1)": names as the library has them, in every language. */
function withNumbers(name: string, numbers: readonly [string, unknown][]): string {
  if (numbers.length === 0) return name;
  const shown = (value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
  return `${name} (${numbers.map(([each, value]) => `${each} ${shown(value)}`).join(", ")})`;
}

/** What a row of each class counts, in a line. */
export function describeClassWeights(classes: readonly string[], weights: readonly number[]): string {
  const shown = classes.slice(0, MOST_CLASSES).map((name, index) => `${name} ${Number(weights[index].toPrecision(4))}`);
  if (classes.length > MOST_CLASSES) shown.push(t("words.andMore", { count: classes.length - MOST_CLASSES }));
  return line("", t("training.classWeights", { weights: shown.join(", ") }));
}

/**
 * Scores beside those of the baseline; what the rows do not give is told below.
 * @param weighted whether classes had weights in the losses of training
 */
export function describeScores(
  scores: Scores,
  baseline: Scores,
  { baselineName, weighted }: { baselineName: string; weighted: boolean },
): string[] {
  const written = (value: number) => (Number.isNaN(value) ? "–" : shortNumber(value));
  const rows = Object.entries(scores).map(([name, value]) => [
    `  ${scoreName(name, weighted)}`,
    written(value),
    baseline[name] === undefined ? "" : written(baseline[name]),
  ]);
  const lines = columns([["", t("scores.network"), baselineName], ...rows], true);
  return Number.isNaN(scores.r2) ? [...lines, `  ${t("scores.noR2")}`] : lines;
}

const SCORES = ["accuracy", "f1", "r2", "rmse", "mae", "loss"] as const;

/**
 * What people call a score.
 * @param weighted whether a loss in which classes have weights may stand beside it
 */
export function scoreName(name: string, weighted = false): string {
  if (name === "loss" && weighted) return t("scores.lossUnweighted");
  const known = SCORES.find((each) => each === name);
  return known === undefined ? name : t(`scores.${known}`);
}

/** What the baseline says, in words. */
export function describeBaseline(value: number, classes: readonly string[]): string {
  if (classes.length > 0) return t("scores.always", { class: quote(classes[value]) });
  return t("scores.alwaysMean", { value: shortNumber(value) });
}
