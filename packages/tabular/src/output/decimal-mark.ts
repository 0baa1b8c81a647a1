import { decimalOf } from "../encode/apply.ts";
import type { NumberWriting, Preprocessing } from "../encode/preprocessing.ts";
import type { Table } from "../read/table.ts";
import { scannedDecimal } from "../stream/new-data.ts";
import type { TableScan } from "../stream/scan-table.ts";
import type { DecimalMark } from "../types/number-format.ts";

const isComma = (mark: DecimalMark): boolean => mark === "," || mark === ".,";

/**
 * The decimal mark of a table's numbers, to write others beside them: that of the columns of numbers that training had,
 * or else the target's.
 */
export function decimalMarkOf(preprocessing: Preprocessing, table: Table): "." | "," {
  return commonMark(preprocessing, (name, trained) => {
    const found = table.columns.find((column) => column.name === name);
    return found && decimalOf(found.cells, table, trained);
  });
}

/** The same of a table that was scanned. */
export function scannedDecimalMark(preprocessing: Preprocessing, scan: TableScan): "." | "," {
  return commonMark(preprocessing, (name, trained) =>
    scan.facts.has(name) ? scannedDecimal(scan, name, trained) : undefined,
  );
}

function commonMark(
  { columns, target }: Preprocessing,
  markOf: (name: string, trained: NumberWriting) => DecimalMark | undefined,
): "." | "," {
  const marks = columns.flatMap((column) => (column.kind === "number" ? (markOf(column.name, column) ?? []) : []));
  const comma = marks.length > 0 ? marks.some(isComma) : isComma(target.decimal);
  return comma ? "," : ".";
}
