import { t } from "../language/current.ts";

/** How numbers and tables are written for people. */

/** Four significant digits, without a tail of zeros. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  return size >= 1000 ? value.toFixed(1) : value.toFixed(4);
}

/** "12 s", "3 min 20 s". */
export function duration(seconds: number): string {
  if (seconds < 10) return t("words.seconds", { seconds: seconds.toFixed(1) });
  const whole = Math.round(seconds);
  if (whole < 60) return t("words.seconds", { seconds: whole });
  if (whole < 3600) return t("words.minutes", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
  return t("words.hours", { hours: (whole / 3600).toFixed(1) });
}

/** Rows of cells as lines, columns under each other; numbers, from the second column on, to the right if asked. */
export function columns(rows: readonly (readonly string[])[], alignRight = false): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  return rows.map((row) =>
    row
      .map((cell, index) => (alignRight && index > 0 ? cell.padStart(widths[index]) : cell.padEnd(widths[index])))
      .join("  ")
      .trimEnd(),
  );
}

/** An argument as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
