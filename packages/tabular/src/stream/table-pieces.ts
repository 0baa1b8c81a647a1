import { alignColumns, isWrittenLike } from "../read/concat-tables.ts";
import type { Table } from "../read/table.ts";

/** A table that is read piece by piece, each time from its beginning: it need not fit into memory. */
export interface TablePieces {
  /** Name of the file, or of the files, for messages. */
  name: string;
  /** Its rows in order; every piece has the same columns. */
  pieces(): AsyncIterable<Table>;
}

/**
 * Several tables as one below the other, as concatTables does it.
 * @throws DataError "different-columns", as the pieces come
 */
export function concatPieces(tables: readonly TablePieces[]): TablePieces {
  const names = new Set(tables.map(({ name }) => name));
  const name = names.size === 1 ? tables[0].name : `${tables[0].name} and ${names.size - 1} more`;
  return {
    name,
    async *pieces() {
      let first: Table | undefined;
      for (const table of tables) {
        for await (const piece of table.pieces()) {
          first ??= { ...piece, columns: piece.columns.map((column) => ({ name: column.name, cells: [] })) };
          const written = isWrittenLike(piece, first) ? piece.written : undefined;
          yield { ...piece, columns: alignColumns(piece, first), delimiter: first.delimiter, written };
        }
      }
    },
  };
}
