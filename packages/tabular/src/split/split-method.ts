import { DataError, quote } from "../errors/data-error.ts";
import { nearestName } from "../errors/nearest-name.ts";
import { findColumn, type Table } from "../read/table.ts";

/**
 * How rows are put into parts. random: by the seed. stratified: by the seed, each class in the same proportions.
 * time:COLUMN: sorted by the column, the latest are the test, those before them the validation. group:COLUMN: by the
 * seed, rows with the same cell always in the same part.
 */
export type SplitMethod = "random" | "stratified" | `time:${string}` | `group:${string}`;

/** A method, and the column that it goes by. */
export interface ParsedSplit {
  by: "random" | "stratified" | "time" | "group";
  /** Of time and group; "" else. */
  column: string;
}

/**
 * Reads a method.
 * @throws DataError "bad-split" for text that is none
 */
export function parseSplitMethod(text: string): ParsedSplit {
  const [, by, column = ""] = /^([^:]*):?(.*)$/s.exec(text)!;
  if ((by === "random" || by === "stratified") && column === "") return { by, column };
  if ((by === "time" || by === "group") && column.trim() !== "") return { by, column };
  const known = ["random", "stratified", "time", "group"];
  const nearest = nearestName(by, known);
  const named = nearest === "time" || nearest === "group" ? `${nearest}:${column || "COLUMN"}` : nearest;
  const help =
    named === undefined ? "It is random, stratified, time:COLUMN or group:COLUMN." : `Did you mean ${named}?`;
  const place = { value: text, suggestion: named };
  throw new DataError("bad-split", `${quote(text)} is no way of splitting rows. ${help}`, place);
}

/**
 * The same method with the column's own name.
 * @throws DataError "bad-split", "no-such-column" with the nearest name
 */
export function resolveSplitMethod(table: Table, method: SplitMethod): SplitMethod {
  const { by, column } = parseSplitMethod(method);
  return by === "time" || by === "group" ? `${by}:${findColumn(table, column).name}` : by;
}
