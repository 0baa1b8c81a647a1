import { decimalOf } from "../encode/apply.ts";
import type { Preprocessing } from "../encode/preprocessing.ts";
import type { Table } from "../read/table.ts";
import type { DecimalMark } from "../types/number-format.ts";

const isComma = (mark: DecimalMark): boolean => mark === "," || mark === ".,";

/**
 * The decimal mark of a table's numbers, to write others beside them: that of the columns of numbers that training had,
 * or else the target's.
 */
export function decimalMarkOf({ columns, target }: Preprocessing, table: Table): "." | "," {
  const marks = columns.flatMap((column) => {
    if (column.kind !== "number") return [];
    const found = table.columns.find(({ name }) => name === column.name);
    return found === undefined ? [] : [decimalOf(found.cells, table, column.decimal)];
  });
  const comma = marks.length > 0 ? marks.some(isComma) : isComma(target.decimal);
  return comma ? "," : ".";
}
