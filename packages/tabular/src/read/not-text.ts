import { DataError } from "../errors/data-error.ts";

/**
 * @internal What is refused because of a NUL byte.
 * @param text with the first of them
 * @param place the row in which the text begins
 */
export function notText(text: string, { file, row }: { file: string | undefined; row: number }): DataError {
  const sample = text.slice(0, 65536);
  const control = sample.match(/[^\P{Cc}\t\n\r]/gu)?.length ?? 0;
  if (control * 20 > sample.length)
    return new DataError("not-text", "this is a binary file, not a table of text: give a CSV file.", { file });
  const breaks = text.slice(0, text.indexOf("\0")).match(/\n/g)?.length ?? 0;
  const problem =
    "there is a NUL byte in this row, which no text has. If this is a table, take such bytes out, " +
    "for example with tr -d '\\000'.";
  return new DataError("not-text", problem, { file, row: row + breaks });
}
