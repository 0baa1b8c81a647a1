import type { RowContents } from "../report/collect.ts";
import type { LoadedStream } from "./load-stream.ts";

/** The cells of some rows of a table that is read in pieces, by their places in it: it is gone through up to the last of them. */
export async function rowContents({ pieces }: LoadedStream, places: readonly number[]): Promise<RowContents[]> {
  const last = Math.max(...places);
  const found = new Map<number, RowContents>();
  let before = 0;
  for await (const { columns, rowNumbers, rowCount } of pieces.pieces()) {
    for (const place of places) {
      const row = place - before;
      if (row < 0 || row >= rowCount) continue;
      const cells = columns.map(({ name, cells }) => ({ name, value: cells[row] }));
      found.set(place, { row: rowNumbers[row], cells, pixels: null });
    }
    before += rowCount;
    if (before > last) break;
  }
  return places.map((place) => found.get(place)!);
}
