import { DataError } from "../errors/data-error.ts";

/** How a CSV file is laid out. */
export interface CsvLayout {
  delimiter: string;
  newline: "\n" | "\r";
}

/**
 * Makes sure that every quoted cell is closed and that nothing but white space follows, before the parser sees the
 * text: it would take broken quotes as part of a cell that may run to the end of the file, in time that grows with
 * the square of its length. One pass over the text.
 * @param firstRow number of the row that the text begins with
 * @param last whether no text follows
 * @returns where the last whole row ends, behind its line end; the length of the text if it is the last
 * @throws DataError "bad-quotes" with the row in which the cell begins
 */
export function checkQuotes(
  text: string,
  { delimiter, newline }: CsvLayout,
  file: string,
  firstRow = 1,
  last = true,
): number {
  if (!text.includes('"')) return last ? text.length : text.lastIndexOf(newline) + 1;
  let row = firstRow;
  let position = 0;
  let cellStarts = true;
  let rowEnd = 0;
  while (position < text.length) {
    if (cellStarts && text[position] === '"') {
      const end = closingQuote(text, position);
      // A quote that ends the text may be the first of two.
      if (!last && (end === -1 || end === text.length - 1)) return rowEnd;
      if (end === -1) {
        const problem =
          "a quoted cell begins here and is never closed: close it, or double a quote that is part of the text.";
        throw new DataError("bad-quotes", problem, { file, row });
      }
      position = skipSpace(text, end + 1, delimiter, newline);
      if (position < text.length && !text.startsWith(delimiter, position) && text[position] !== newline) {
        const value = text.slice(Math.max(0, end - 20), end + 20);
        const problem = 'text follows a closing quote: write a quote inside a quoted cell twice ("").';
        throw new DataError("bad-quotes", problem, { file, row, value });
      }
      cellStarts = false;
    } else if (text[position] === newline) {
      row++;
      position++;
      rowEnd = position;
      cellStarts = true;
    } else if (text.startsWith(delimiter, position)) {
      position += delimiter.length;
      cellStarts = true;
    } else {
      position++;
      cellStarts = false;
    }
  }
  return last ? text.length : rowEnd;
}

function closingQuote(text: string, opening: number): number {
  let position = opening;
  for (;;) {
    position = text.indexOf('"', position + 1);
    if (position === -1 || text[position + 1] !== '"') return position;
    position++;
  }
}

function skipSpace(text: string, position: number, delimiter: string, newline: string): number {
  while (position < text.length && text[position] !== newline && !text.startsWith(delimiter, position)) {
    if (text[position].trim() !== "") break;
    position++;
  }
  return position;
}
