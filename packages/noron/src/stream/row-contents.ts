import type { RowContents } from "../report/collect.ts";
import type { LoadedStream } from "./load-stream.ts";

/** What a row is called among others: its number, behind the file that it is in where that is not the data alone. */
export function whereOf({ file, row }: { file: string; row: number }, data: string): string {
  return file === data ? String(row) : `${file} ${row}`;
}

/**
 * The cells of some rows of a table that is read in pieces, by their places in it: it is gone through up to the last of them.
 * @param data the name of the data that they are told of
 */
export async function rowContents(
  { pieces }: LoadedStream,
  places: readonly number[],
  data: string,
): Promise<RowContents[]> {
  const last = Math.max(...places);
  const found = new Map<number, RowContents>();
  let before = 0;
  for await (const { name: file, columns, rowNumbers, rowCount } of pieces.pieces()) {
    for (const place of places) {
      const row = place - before;
      if (row < 0 || row >= rowCount) continue;
      const cells = columns.map(({ name, cells }) => ({ name, value: cells[row] }));
      const where = whereOf({ file, row: rowNumbers[row] }, data);
      found.set(place, { row: rowNumbers[row], where, cells, pixels: null });
    }
    before += rowCount;
    if (before > last) break;
  }
  return places.map((place) => found.get(place)!);
}
