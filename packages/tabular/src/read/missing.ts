/**
 * The cells that are read as missing, besides the empty one. Spelled exactly so: "none" and "na" in other spellings
 * are ordinary text.
 */
export const missingWords: ReadonlySet<string> = new Set([
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "NaN",
  "nan",
  "NAN",
  "null",
  "NULL",
  "None",
  "?",
  "-",
]);

/** Whether a cell, already without white space around it, says that there is no value. */
export function isMissing(cell: string): boolean {
  return cell === "" || (cell.length <= 4 && missingWords.has(cell));
}
