import { DataError, quote } from "../errors/data-error.ts";
import { makeNote, type Note } from "../notes/note.ts";
import { isMissing } from "../read/missing.ts";
import { placeOf, type Table, type TableColumn } from "../read/table.ts";
import { parseDate } from "../types/date.ts";
import { detectNumberFormat, parseNumber } from "../types/number-format.ts";
import type { Split } from "./split-rows.ts";

/**
 * Sorts rows by a column of dates or numbers: the latest are the test, those before them the validation. Rows of the same
 * time stay together, so that the shares are met as nearly as they can be. Rows without a time are trained on: nothing
 * is measured on them.
 * @throws DataError "not-a-time" with row and value, "too-few-rows" for fewer different times than parts
 */
export function splitByTime(
  table: Table,
  rows: ArrayLike<number>,
  column: TableColumn,
  shares: { validation: number; test: number },
): Split {
  const times = readTimes(table, rows, column);
  const order = times.flatMap((time, index) => (Number.isNaN(time) ? [] : [index]));
  order.sort((a, b) => times[a] - times[b] || a - b);
  /** Places in the order where a new time begins. */
  const borders = order.flatMap((index, place) => (place > 0 && times[order[place - 1]] < times[index] ? [place] : []));
  const parts = [shares.validation, shares.test].filter((share) => share > 0).length;
  if (borders.length < parts || order.length === 0) {
    const problem = `there are ${borders.length + (order.length > 0 ? 1 : 0)} different times, too few to split the rows into ${parts + 1} parts.`;
    throw new DataError("too-few-rows", problem, { file: table.name, column: column.name });
  }
  const nearest = (wanted: number, from: number, to: number): number => {
    let best = from;
    for (let at = from; at < to; at++) if (Math.abs(borders[at] - wanted) < Math.abs(borders[best] - wanted)) best = at;
    return best;
  };
  let last = borders.length;
  let end = order.length;
  const cut = (share: number, before: number): number => {
    if (share === 0) return end;
    last = nearest(end - Math.round(share * order.length), before, last);
    end = borders[last];
    return end;
  };
  const testFrom = cut(shares.test, parts - 1);
  const validationFrom = cut(shares.validation, 0);
  const undated = Array.from(times.keys()).filter((index) => Number.isNaN(times[index]));
  const part = (indices: readonly number[]) => Int32Array.from(indices, (index) => rows[index]).sort();
  const cell = (place: number) => column.cells[rows[order[place]]];
  const notes: Note[] = [
    makeNote("time-split", {
      column: column.name,
      until: cell(validationFrom - 1),
      validation: validationFrom < testFrom ? cell(validationFrom) : "",
      test: testFrom < order.length ? cell(testFrom) : "",
    }),
  ];
  if (undated.length > 0) notes.push(makeNote("undated-rows", { column: column.name, count: undated.length }));
  return {
    train: part([...order.slice(0, validationFrom), ...undated]),
    validation: part(order.slice(validationFrom, testFrom)),
    test: part(order.slice(testFrom)),
    notes,
  };
}

/** One number a row, NaN for a missing cell: days of dates, else the numbers themselves. */
function readTimes(table: Table, rows: ArrayLike<number>, { name, cells }: TableColumn): number[] {
  const { decimal } = detectNumberFormat(cells, table);
  const present = Array.from(rows).filter((row) => !isMissing(cells[row]));
  const parsers = [parseDate, (cell: string) => parseNumber(cell, decimal)];
  const bad = parsers.map((parse) => present.filter((row) => Number.isNaN(parse(cells[row]))));
  const parse = bad[0].length <= bad[1].length ? parsers[0] : parsers[1];
  const [first] = bad[0].length <= bad[1].length ? bad[0] : bad[1];
  if (first !== undefined) {
    const problem =
      `${quote(cells[first])} is neither a date such as 2024-05-31 nor a number, so rows cannot be sorted by this ` +
      "column: correct the cell, or split otherwise.";
    throw new DataError("not-a-time", problem, { ...placeOf(table, first), column: name, value: cells[first] });
  }
  return Array.from(rows, (row) => (isMissing(cells[row]) ? Number.NaN : parse(cells[row])));
}
