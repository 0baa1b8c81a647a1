import {
  type Association,
  type ColumnProfile,
  describeNote,
  describeReason,
  type ImagesProfile,
  type Note,
  type NumberSummary,
  type Profile,
  type TargetProfile,
  type ValueCount,
} from "@noron/tabular";
import { writeCount } from "../language/count.ts";
import { spoken, t } from "../language/current.ts";
import { fixed } from "../language/fixed.ts";
import { plain } from "../language/plain.ts";
import { wrap } from "../language/wrap.ts";

/** A profile as lines of text that fit the terminal. */

/** More columns than this are summed up. */
const MOST_COLUMNS = 40;
/** Columns that are shown of a table that is summed up, and notes of one kind. */
const SHOWN = 10;
const MOST_CLASSES = 12;
/** A column's name takes no more than this, and no more than a third of a line. */
const WIDEST_NAME = 28;
/** With less room what is in a column goes onto a line of its own. */
const LEAST_CONTENTS = 20;

export interface ProfileLayout {
  width: number;
  /** Every column, however many there are. */
  full: boolean;
}

export function tellProfile(profile: Profile, { width, full }: ProfileLayout): string[] {
  const { name, rows, columns, target, notes, warnings } = profile;
  const size = t("data.size", {
    rows: t("words.rows", { count: rows }),
    columns: t("words.columns", { count: columns.length }),
  });
  const shown = full || columns.length <= MOST_COLUMNS ? columns : mostTelling(columns);
  return [
    `${plain(name)}: ${size}`,
    ...(target === null ? [] : wrap(tellTarget(target), width, "  ", "    ")),
    "",
    ...(shown === columns ? [] : sumUp(columns, shown.length, width)),
    ...tellColumns(shown, target, width),
    "",
    t("inspect.why"),
    ...tellReasons(shown, width),
    ...tellNotes(
      t("inspect.notes"),
      notes.filter(({ code }) => !TOLD.has(code)),
      { width, full },
    ),
    ...tellNotes(t("inspect.warnings"), warnings, { width, full }),
    ...(warnings.length === 0 ? ["", t("inspect.noWarnings")] : []),
  ];
}

/** Notes that the target's line or the list of columns tells already. */
const TOLD: ReadonlySet<string> = new Set([
  "task",
  "constant-column",
  "identifier-column",
  "many-values",
  "all-missing",
  "ignored-column",
]);

export function tellImagesProfile(profile: ImagesProfile, width: number): string[] {
  const { name, images, height, channels, pixels, constantPixels, classes, warnings } = profile;
  const count = t("words.images", { count: images });
  const { mean, standardDeviation } = pixels;
  const [average] = short([mean]);
  const [deviation] = short([standardDeviation]);
  const shades = { mean: average, deviation, constant: constantPixels };
  const size = t("data.imageSize", { images: count, height, width: profile.width });
  return [
    `${plain(name)}: ${channels === 3 ? size + t("data.inColour") : size}`,
    ...wrap(t("inspect.pixels", shades), width, "  ", "    "),
    ...wrap(classes.length === 0 ? t("inspect.noLabels") : tellClasses(classes), width, "  ", "    "),
    ...tellNotes(t("inspect.warnings"), warnings, { width, full: true }),
    ...(warnings.length === 0 ? ["", t("inspect.noWarnings")] : []),
  ];
}

function tellTarget({ name, task, why, classes }: TargetProfile): string {
  if (task === null || why === null) return t("inspect.noTarget", { column: plain(name) });
  const reason = describeReason(why, spoken());
  const told = t("data.task", { task: t(`words.${task}`), target: plain(name), reason });
  return classes.length === 0 ? told : `${told}. ${tellClasses(classes)}`;
}

function tellClasses(classes: readonly ValueCount[]): string {
  return t("inspect.classes", { count: classes.length, list: listValues(classes, MOST_CLASSES) });
}

function listValues(values: readonly ValueCount[], most: number): string {
  const shown = values.slice(0, most).map(({ value, count }) => `${plain(value)} ${writeCount(count, spoken())}`);
  if (values.length > most) shown.push(t("words.andMore", { count: values.length - most }));
  return shown.join(", ");
}

/** What is shown of very many columns: the target, then those that go with it most strongly. */
function mostTelling(columns: readonly ColumnProfile[]): ColumnProfile[] {
  const strength = ({ isTarget, association }: ColumnProfile) =>
    isTarget ? 2 : association === null ? -1 : Math.abs(association.value);
  return [...columns].sort((a, b) => strength(b) - strength(a)).slice(0, SHOWN + 1);
}

/** How many columns there are of each kind, and what is missing in them. */
function sumUp(columns: readonly ColumnProfile[], shown: number, width: number): string[] {
  const kinds = new Map<ColumnProfile["kind"], number>();
  for (const { kind } of columns) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const list = [...kinds].map(([kind, count]) => `${writeCount(count, spoken())} ${t(`data.${kind}`)}`).join(", ");
  const missing = columns.filter((column) => column.missing > 0).length;
  return [
    ...wrap(t("inspect.kinds", { list, missing }), width, "", ""),
    ...wrap(t("inspect.summedUp", { shown, count: columns.length }), width, "", ""),
    "",
  ];
}

function tellColumns(columns: readonly ColumnProfile[], target: TargetProfile | null, width: number): string[] {
  const associated = columns.some(({ association }) => association !== null);
  const head = [t("inspect.headColumn"), t("inspect.headUsed"), t("inspect.headMissing"), t("inspect.headUnique")];
  if (associated) head.push(t("inspect.headWith"));
  const rows = columns.map((column) => {
    const { name, kind, missing, unique, association, isTarget } = column;
    const cells = [
      shortName(name, width),
      isTarget ? t("inspect.target") : t(`data.${kind}`),
      missing === 0 ? "" : writeCount(missing, spoken()),
      writeCount(unique, spoken()),
    ];
    if (associated) cells.push(association === null ? "" : tellAssociation(association));
    return { cells, column };
  });
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map(({ cells }) => cells[index].length)));
  const pad = (cells: readonly string[]) =>
    cells.map((cell, index) => (index < 2 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join("  ");
  const room = width - widths.reduce((sum, each) => sum + each + 2, 0);
  const beside = room >= LEAST_CONTENTS;
  const lines = [`${pad(head)}${beside ? `  ${t("inspect.headContents")}` : ""}`.slice(0, width).trimEnd()];
  for (const { cells, column } of rows) {
    const contents = tellContents(column, beside ? room : width - 2);
    if (beside) lines.push(`${pad(cells)}  ${contents}`.trimEnd());
    else lines.push(pad(cells).slice(0, width).trimEnd(), ...(contents === "" ? [] : [`  ${contents}`]));
  }
  if (associated && target !== null)
    lines.push(...wrap(t("inspect.measures", { target: plain(target.name) }), width, "", ""));
  return lines;
}

const SIGNS = { correlation: "r", "correlation-ratio": "η", "cramers-v": "V" } as const;

function tellAssociation({ measure, value }: Association): string {
  return `${SIGNS[measure]} ${fixed(value, 2).replace("-", "−")}`;
}

/** What is in a column: a range, with its shape where there is room, dates, or the most frequent values. */
function tellContents({ numbers, dates, values }: ColumnProfile, room: number): string {
  if (numbers !== null) return tellNumbers(numbers, room);
  if (dates !== null) return cut(t("inspect.range", { least: dates.earliest, most: dates.latest }), room);
  return cut(listValues(values, 5), room);
}

function tellNumbers({ minimum, maximum, quartiles, histogram }: NumberSummary, room: number): string {
  const [least, most, median] = short([minimum, maximum, quartiles[1]]);
  const range = t("inspect.numbers", { least, most, median });
  const whole = `${range.padEnd(Math.min(30, room - histogram.length - 1))} ${bars(histogram)}`;
  return whole.length <= room ? whole : cut(range, room);
}

const BARS = " ▁▂▃▄▅▆▇█";

/** A histogram in a word: one bar an interval, the highest for the fullest. */
function bars(histogram: readonly number[]): string {
  const most = Math.max(...histogram);
  return histogram.map((count) => BARS[count === 0 ? 0 : Math.ceil((8 * count) / most)]).join("");
}

function tellReasons(columns: readonly ColumnProfile[], width: number): string[] {
  const names = columns.map(({ name }) => shortName(name, width));
  const indent = Math.max(...names.map(({ length }) => length)) + 4;
  return columns.flatMap(({ why }, index) => {
    const first = `  ${names[index].padEnd(indent - 2)}`;
    return wrap(plain(describeReason(why, spoken())), width, first, " ".repeat(indent));
  });
}

function tellNotes(title: string, notes: readonly Note[], { width, full }: ProfileLayout): string[] {
  if (notes.length === 0) return [];
  const seen = new Map<string, number>();
  const lines = ["", title];
  for (const note of notes) {
    const times = (seen.get(note.code) ?? 0) + 1;
    seen.set(note.code, times);
    if (!full && times > SHOWN) continue;
    lines.push(...wrap(plain(describeNote(note, spoken())), width, "  - ", "    "));
  }
  const left = [...seen.values()].reduce((sum, times) => sum + Math.max(0, times - SHOWN), 0);
  if (!full && left > 0) lines.push(`  - ${t("inspect.moreNotes", { count: left })}`);
  return lines;
}

/** Up to five digits, as short as they are, and as many more as it takes to tell different numbers apart. */
function short(values: readonly number[]): string[] {
  const different = new Set(values).size;
  for (let digits = 5; ; digits++) {
    const texts = values.map((value) => Number(value.toPrecision(digits)).toString().replace("-", "−"));
    if (digits === 17 || new Set(texts).size === different) return texts;
  }
}

function shortName(name: string, width: number): string {
  return cut(plain(name), Math.min(WIDEST_NAME, Math.floor(width / 3)));
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
