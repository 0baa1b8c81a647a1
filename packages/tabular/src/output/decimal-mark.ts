import { decimalLike } from "../encode/apply.ts";
import type { NumberWriting, Preprocessing } from "../encode/preprocessing.ts";
import type { Table } from "../read/table.ts";
import type { TableScan } from "../stream/scan-table.ts";
import {
  type DecimalMark,
  type FormatContext,
  formatContext,
  marksOf,
  type NumberMarks,
} from "../types/number-format.ts";

const isComma = (mark: DecimalMark): boolean => mark === "," || mark === ".,";

/**
 * The decimal mark of a table's numbers, to write others beside them: that of its columns of numbers, features and target.
 * Where they have only whole numbers it is a point where commas separate the cells, and else that of training.
 */
export function decimalMarkOf(preprocessing: Preprocessing, table: Table): "." | "," {
  return commonMark(preprocessing, formatContext(table), (name) => {
    const found = table.columns.find((column) => column.name === name);
    return found && marksOf(found.cells);
  });
}

/** The same of a table that was scanned. */
export function scannedDecimalMark(preprocessing: Preprocessing, scan: TableScan): "." | "," {
  return commonMark(preprocessing, scan.context, (name) => scan.facts.get(name)?.marks);
}

function commonMark(
  { columns, target }: Preprocessing,
  file: FormatContext,
  marksIn: (name: string) => NumberMarks | undefined,
): "." | "," {
  const numbers = columns.flatMap((column) => (column.kind === "number" ? [column] : []));
  const found = [...numbers, ...(target.kind === "number" ? [target] : [])].map((column) => {
    const marks = marksIn(column.name);
    return marks && writtenMark(marks, file, column);
  });
  if (found.includes(",")) return ",";
  if (found.includes(".") || file.delimiter === ",") return ".";
  const trained = numbers.length > 0 ? numbers.map(({ decimal }) => decimal) : [target.decimal];
  return trained.some(isComma) ? "," : ".";
}

/** The mark that the cells of a column show; undefined where none of them has a fraction. */
function writtenMark(marks: NumberMarks, file: FormatContext, trained: NumberWriting): "." | "," | undefined {
  if (trained.decimalFixed) return isComma(trained.decimal) ? "," : ".";
  if (marks.clearPoints > 0 || marks.clearGroups > 0) return ".";
  // Points between thousands say nothing of a file whose cells are separated by commas.
  if (marks.commas === 0 && (marks.pointGroups === 0 || file.delimiter === ",")) return undefined;
  return isComma(decimalLike(trained, marks, file)) ? "," : ".";
}
