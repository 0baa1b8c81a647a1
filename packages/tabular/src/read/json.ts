import { DataError, quote } from "../errors/data-error.ts";
import { RecordTable } from "./record-table.ts";
import type { Table } from "./table.ts";

/** Deeper nesting is refused before a parser's stack meets it. */
const deepest = 1000;

/**
 * Reads a table from JSON Lines, one object a line, or from a JSON list of objects. Objects within objects become
 * columns called "a.b", lists become their JSON; names that a row lacks are missing there.
 * @throws DataError "bad-json" with the line, "not-records", "no-rows", "empty-file", "too-large"
 */
export function parseJsonTable(text: string, { name = "table" }: { name?: string } = {}): Table {
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  const start = /\S/.exec(text);
  if (start === null) throw new DataError("empty-file", "the file is empty.", { file: name });
  const records = new RecordTable(name);
  if (start[0] === "[") {
    const list = parseValue(text, name, undefined);
    if (!Array.isArray(list)) throw new DataError("bad-json", "this is no list of objects.", { file: name });
    list.forEach((record, index) => {
      records.add(record, index + 1);
    });
  } else {
    text.split(/\r\n|\n|\r/).forEach((line, index) => {
      if (line.trim() !== "") records.add(parseValue(line, name, index + 1), index + 1);
    });
  }
  return records.finish(text.length);
}

/** @internal One JSON value. */
export function parseValue(text: string, file: string, row: number | undefined): unknown {
  const place = { file, row, value: text.slice(0, 200) };
  if (nesting(text) > deepest) {
    throw new DataError("bad-json", `values are nested more than ${deepest} deep.`, place);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const seen = row === undefined ? "" : ` ${quote(text.trim())}`;
    const numbers = /[:[,]\s*-?(?:NaN|Infinity)\b/.test(text)
      ? " NaN and Infinity are no JSON: write null where a number is missing."
      : "";
    throw new DataError("bad-json", `this is not JSON:${seen} (${(error as Error).message}).${numbers}`, place);
  }
}

/** The most brackets that are open at once, those in texts counted too. */
function nesting(text: string): number {
  let open = 0;
  let most = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit === 0x5b || unit === 0x7b) most = Math.max(most, ++open);
    else if (unit === 0x5d || unit === 0x7d) open--;
  }
  return most;
}
