import type { FeatureColumn, Preprocessing } from "@noron/tabular";

/** The preprocessing as TypeScript: the type of a row, and the features that it becomes. */

export type FeatureHelperName = keyof typeof FEATURE_HELPERS;

/** Functions of the module, each written where a column needs it. They do to a value what training did to a cell. */
export const FEATURE_HELPERS = {
  cell: `
/** The value of a column. A column that is not there at all is taken for a mistake. */
function cell(row: object, column: string): unknown {
  if (!Object.hasOwn(row, column)) throw new TypeError(\`the row has no "\${column}": give null where it is missing\`);
  return (row as Record<string, unknown>)[column] ?? null;
}`,
  refuse: `
function refuse(column: string, what: string, value: unknown): never {
  throw new TypeError(\`"\${column}" takes \${what} or null, not \${JSON.stringify(value)}\`);
}`,
  scaled: `
/** (value − mean) / deviation, kept within ± CLIP. */
function scaled(value: number, mean: number, deviation: number): number {
  return Math.min(Math.max((value - mean) / deviation, -CLIP), CLIP);
}`,
  logarithm: `
/** log(value + offset), that of the smallest number where there is none. */
function logarithm(value: number, offset: number): number {
  return Math.log(value + offset > 0 ? value + offset : Number.MIN_VALUE);
}`,
  number: `
/** A number; NaN where it is missing. */
function number(row: object, column: string): number {
  const value = cell(row, column);
  if (value === null) return Number.NaN;
  if (typeof value !== "number") return refuse(column, "a number", value);
  return Number.isFinite(value) ? value : Number.NaN;
}`,
  truth: `
/** 1 or 0; NaN where it is missing. */
function truth(row: object, column: string): number {
  const value = cell(row, column);
  if (value === null) return Number.NaN;
  return typeof value === "boolean" ? Number(value) : refuse(column, "true, false", value);
}`,
  category: `
/** Sets the feature of a level to 1; that of missing values where it is none of them and there is one. */
function category(x: Float32Array, start: number, row: object, column: string, levels: readonly string[], missing: boolean): void {
  const value = cell(row, column);
  const found = value === null ? -1 : levels.indexOf(String(value).trim().normalize("NFC"));
  if (found !== -1) x[start + found] = 1;
  else if (missing) x[start + levels.length] = 1;
}`,
  date: `
/** Days since 1970-01-01, with the time of day as a fraction and no time zone; NaN where it is missing or no date. */
function date(row: object, column: string): number {
  return dateOf(cell(row, column), column, (text) => yearFirst(text) ?? monthNamed(text));
}`,
  orderedDate: `
/** As date, of dates that may have the day or the month first as well. */
function orderedDate(row: object, column: string, order: "day-first" | "month-first"): number {
  return dateOf(cell(row, column), column, (text) => yearFirst(text) ?? monthNamed(text) ?? dayOrMonthFirst(text, order));
}`,
  dateOf: `
function dateOf(value: unknown, column: string, read: (text: string) => number[] | undefined): number {
  if (value === null) return Number.NaN;
  if (value instanceof Date) return value.getTime() / 86_400_000;
  if (typeof value !== "string") return refuse(column, "a date", value);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = read(value.trim()) ?? [];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  const exists = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  if (!exists || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return midnight.getTime() / 86_400_000 + (hour * 3600 + minute * 60 + second) / 86_400;
}`,
  yearFirst: `
/** Year, month, day, hour, minute and second. */
function yearFirst(text: string): number[] | undefined {
  return /^(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})(?:[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?$/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
}`,
  monthNamed: `
function monthNamed(text: string): number[] | undefined {
  const match =
    /^(?:(\\d{1,2})[ -]([a-z]{3,9})\\.?,?[ -](\\d{4}|\\d{2})|([a-z]{3,9})\\.? (\\d{1,2}),? (\\d{4}))(?:(?:T|,? )(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d+)?)?(?: ?([ap])\\.?m\\.?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const name = (match[2] ?? match[4]!).toLowerCase();
  const months = "january february march april may june july august september october november december".split(" ");
  const month = months.findIndex((full) => full === name || full.slice(0, 3) === name || (name === "sept" && full === "september"));
  const written = match[3] ?? match[6]!;
  const short = Number(written);
  const year = written.length === 4 ? short : short + (short < 69 ? 2000 : 1900);
  const hour = Number(match[7] ?? 0);
  const half = match[10]?.toLowerCase();
  if (month === -1 || (half !== undefined && (hour < 1 || hour > 12))) return undefined;
  const hours = half === undefined ? hour : (hour % 12) + (half === "p" ? 12 : 0);
  return [year, month + 1, Number(match[1] ?? match[5]), hours, Number(match[8] ?? 0), Number(match[9] ?? 0)];
}`,
  dayOrMonthFirst: `
function dayOrMonthFirst(text: string, order: "day-first" | "month-first"): number[] | undefined {
  const match =
    /^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d{2})(?:(?:T|,? )(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d+)?)?(?: ?([ap])\\.?m\\.?)?(?:Z|[+-]\\d{2}:?\\d{2})?)?$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const [first = 0, , second = 0, short = 0, hour = 0, minute = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const year = match[4]!.length === 4 ? short : short + (short < 69 ? 2000 : 1900);
  const half = match[8]?.toLowerCase();
  if (half !== undefined && (hour < 1 || hour > 12)) return undefined;
  const [day, month] = order === "day-first" ? [first, second] : [second, first];
  return [year, month, day, half === undefined ? hour : (hour % 12) + (half === "p" ? 12 : 0), minute, seconds];
}`,
  datePart: `
/** One number of a date: month 1 to 12, day 1 to 31, weekday 0 (Monday) to 6, hour 0 to 24. */
function datePart(days: number, part: "days" | "month" | "day" | "weekday" | "hour"): number {
  const whole = Math.floor(days);
  if (part === "days") return days;
  if (part === "month") return new Date(whole * 86_400_000).getUTCMonth() + 1;
  if (part === "day") return new Date(whole * 86_400_000).getUTCDate();
  if (part === "weekday") return (((whole + 3) % 7) + 7) % 7;
  return Math.round((days - whole) * 86_400) / 3600;
}`,
} as const;

const NEEDS: Record<FeatureColumn["kind"], readonly FeatureHelperName[]> = {
  number: ["cell", "refuse", "scaled", "number"],
  boolean: ["cell", "refuse", "truth"],
  category: ["cell", "category"],
  date: ["cell", "refuse", "scaled", "dateOf", "yearFirst", "monthNamed", "datePart"],
};

/** The type of one column's values. */
export function columnType(column: FeatureColumn): string {
  switch (column.kind) {
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "date":
      return "Date | string";
    case "category":
      return column.levels.map((level) => JSON.stringify(level)).join(" | ");
  }
}

/** The statements that fill `x` from `row`, and the helpers they call. */
export function writeFeatures({ columns }: Preprocessing): { statements: string[]; helpers: Set<FeatureHelperName> } {
  const helpers = new Set<FeatureHelperName>();
  const statements: string[] = [];
  let offset = 0;
  columns.forEach((column, index) => {
    for (const helper of NEEDS[column.kind]) helpers.add(helper);
    if (column.kind === "date") {
      if (column.order === undefined) helpers.add("date");
      else helpers.add("orderedDate").add("dayOrMonthFirst");
    }
    if (column.kind === "number" && column.logOffset !== null) helpers.add("logarithm");
    const { lines, width } = writeColumn(column, offset, `v${index}`);
    statements.push(...lines);
    offset += width;
  });
  return { statements, helpers };
}

function writeColumn(column: FeatureColumn, offset: number, value: string): { lines: string[]; width: number } {
  const name = JSON.stringify(column.name);
  if (column.kind === "category") {
    const { levels, missingLevel } = column;
    const call = `category(x, ${offset}, row, ${name}, ${JSON.stringify(levels)}, ${missingLevel});`;
    return { lines: [call], width: levels.length + (missingLevel ? 1 : 0) };
  }
  const filled = `Number.isNaN(${value}) ? ${Number(column.fill)} : ${value}`;
  const lines: string[] = [];
  let width = 1;
  if (column.kind === "number") {
    const { logOffset, mean, standardDeviation } = column;
    const amount = logOffset === null ? filled : `logarithm(${filled}, ${logOffset})`;
    lines.push(`const ${value} = number(row, ${name});`);
    lines.push(`x[${offset}] = scaled(${amount}, ${mean}, ${standardDeviation});`);
  } else if (column.kind === "boolean") {
    lines.push(`const ${value} = truth(row, ${name});`, `x[${offset}] = ${filled};`);
  } else {
    const { order } = column;
    const read = order === undefined ? `date(row, ${name})` : `orderedDate(row, ${name}, ${JSON.stringify(order)})`;
    lines.push(`const ${value} = ${read};`);
    column.parts.forEach(({ part, mean, standardDeviation }, index) => {
      const amount = `datePart(${filled}, ${JSON.stringify(part)})`;
      lines.push(`x[${offset + index}] = scaled(${amount}, ${mean}, ${standardDeviation});`);
    });
    width = column.parts.length;
  }
  if (column.missingIndicator) {
    lines.push(`if (Number.isNaN(${value})) x[${offset + width}] = 1;`);
    width++;
  }
  return { lines, width };
}
