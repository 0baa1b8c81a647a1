const isoDate =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const otherDate =
  /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:(?:T|,? )(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([ap])\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;

/** With the month's English name, which no order can change: 31 May 2024, 31-May-24, May 31, 2024. */
const namedDate =
  /^(?:(\d{1,2})[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d{2})|([a-z]{3,9})\.? (\d{1,2}),? (\d{4}))(?:(?:T|,? )(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?([ap])\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/i;
const months = "january february march april may june july august september october november december".split(" ");

/** Days since 1970-01-01, the time of day as a fraction; time zones are ignored. */
export type DayNumber = number;

/** Which number of a date comes first where it is not the year: 31/5/2024 or 5/31/2024. */
export const dateOrders = ["year-first", "day-first", "month-first"] as const;
export type DateOrder = (typeof dateOrders)[number];

/**
 * Reads 2024-05-31, 2024/5/31, 31 May 2024, May 31, 2024 and each with a time; with the day or the month first 31/05/2024, 31.5.24 and 31-05-2024
 * 6:30 PM as well. Years of two digits are those from 1969 to 2068. NaN for anything else and for days that do not exist.
 */
export function parseDate(cell: string, order: DateOrder = "year-first"): DayNumber {
  if (cell.length > 40) return Number.NaN;
  const iso = isoDate.exec(cell);
  if (iso !== null) {
    const [year, month, day, hour, minute, second] = iso.slice(1).map((part) => Number(part ?? 0));
    return dayNumber([year, month, day], [hour, minute, second]);
  }
  const named = /[a-z]{3}/i.test(cell) ? namedDate.exec(cell) : null;
  if (named !== null) {
    const [, day, name, year, otherName, otherDay, otherYear, ...time] = named;
    return writtenDate(year ?? otherYear, monthOf(name ?? otherName), Number(day ?? otherDay), time);
  }
  const other = order === "year-first" ? null : otherDate.exec(cell);
  if (other === null) return Number.NaN;
  const [, first, , second, year, ...time] = other;
  const [day, month] = order === "day-first" ? [first, second] : [second, first];
  return writtenDate(year, Number(month), Number(day), time);
}

/** 1 to 12 of a month's name, or of how it begins; NaN for none. */
function monthOf(name: string): number {
  const written = name.toLowerCase();
  const found = months.findIndex(
    (month) => month === written || month.slice(0, 3) === written || (written === "sept" && month === "september"),
  );
  return found === -1 ? Number.NaN : found + 1;
}

/** @param time hour, minute, second, and "a" or "p" */
function writtenDate(
  writtenYear: string,
  month: number,
  day: number,
  time: readonly (string | undefined)[],
): DayNumber {
  const [hour, minute, second, half] = time;
  const short = Number(writtenYear);
  const year = writtenYear.length === 4 ? short : short + (short < 69 ? 2000 : 1900);
  const clock = Number(hour ?? 0);
  if (Number.isNaN(month) || (half !== undefined && (clock < 1 || clock > 12))) return Number.NaN;
  const hours = half === undefined ? clock : (clock % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return dayNumber([year, month, day], [hours, Number(minute ?? 0), Number(second ?? 0)]);
}

function dayNumber([year, month, day]: number[], [hour, minute, second]: number[]): DayNumber {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN;
  if (hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return date.getTime() / 86_400_000 + (hour * 3600 + minute * 60 + second) / 86_400;
}

/** The zone of a date with a time, "Z" or "+0200"; "" for one without, and for anything else. */
export function zoneOf(cell: string): string {
  const zone = cell.length > 40 ? null : /:\d{2}(?:\.\d+)?(?: ?[ap]\.?m\.?)?(Z|[+-]\d{2}:?\d{2})$/i.exec(cell);
  if (zone === null || dateOrders.every((order) => Number.isNaN(parseDate(cell, order)))) return "";
  return zone[1].replace(":", "");
}

/** As it is read: YYYY-MM-DD, with the time of day where there is one. */
export function isoTime(days: DayNumber): string {
  const text = new Date(Math.round(days * 86_400) * 1000).toISOString();
  if (text.endsWith("T00:00:00.000Z")) return text.slice(0, 10);
  return text.slice(0, text.endsWith(":00.000Z") ? 16 : 19);
}

/** Whether a cell is written as a date that does not begin with the year (31/5/2024, 05-06-24). */
export function beginsWithDayOrMonth(cell: string): boolean {
  return cell.length <= 40 && otherDate.test(cell);
}

/** The numbers that a date is split into. */
export const dateParts = ["days", "month", "day", "weekday", "hour"] as const;
export type DatePart = (typeof dateParts)[number];

/** One number of a date: days since 1970, month 1 to 12, day 1 to 31, weekday 0 (Monday) to 6, hour 0 to 24. */
export function datePart(days: DayNumber, part: DatePart): number {
  const whole = Math.floor(days);
  switch (part) {
    case "days":
      return days;
    case "month":
      return new Date(whole * 86_400_000).getUTCMonth() + 1;
    case "day":
      return new Date(whole * 86_400_000).getUTCDate();
    case "weekday":
      return (((whole + 3) % 7) + 7) % 7;
    case "hour":
      // To the second: the fraction of a large number of days has no more to say.
      return Math.round((days - whole) * 86_400) / 3600;
  }
}
