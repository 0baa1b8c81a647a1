/** Every way in which data can be refused. The codes are stable: programs may compare them, messages may change. */
export type DataErrorCode =
  | "empty-file"
  | "no-rows"
  | "not-text"
  | "too-large"
  | "truncated-gzip"
  | "ragged-row"
  | "bad-quotes"
  | "bad-json"
  | "not-records"
  | "bad-parquet"
  | "unknown-codec"
  | "different-columns"
  | "no-such-column"
  | "missing-column"
  | "no-features"
  | "all-missing"
  | "not-a-number"
  | "not-positive"
  | "one-class"
  | "too-many-classes"
  | "unknown-class"
  | "too-few-rows"
  | "bad-ratio"
  | "bad-split"
  | "bad-choice"
  | "not-a-time"
  | "date-order"
  | "not-idx"
  | "truncated-idx"
  | "idx-size"
  | "idx-pair"
  | "image-size"
  | "corrupt-preprocessing";

/** Where in the data something is wrong, as far as it is known. */
export interface DataPlace {
  /** Name of the file or stream as the caller gave it. */
  file?: string;
  /** Row as a spreadsheet numbers it: the header is row 1, the first row of data row 2; blank lines count. */
  row?: number;
  /** Name of the column. */
  column?: string;
  /** The cell or value that was seen. */
  value?: string;
  /** The nearest name, where the value is one that there is not. */
  suggestion?: string;
  /** Words such as NA, with how often, that were read as missing and may be a class. */
  words?: readonly string[];
}

/**
 * The only error that this package throws about data. Its message says where, what is wrong and what to do; `code` and
 * the place are there for programs.
 */
export class DataError extends Error implements DataPlace {
  override readonly name = "DataError";
  readonly file?: string;
  readonly row?: number;
  readonly column?: string;
  readonly value?: string;
  readonly suggestion?: string;
  readonly words?: readonly string[];

  /**
   * @param code stable name of what went wrong
   * @param problem what is wrong and what to do, one or two sentences; the place is put in front of it
   */
  constructor(
    readonly code: DataErrorCode,
    problem: string,
    place: DataPlace = {},
  ) {
    super(describePlace(place) + problem);
    this.file = place.file;
    this.row = place.row;
    this.column = place.column;
    this.value = place.value;
    this.suggestion = place.suggestion;
    this.words = place.words;
  }
}

function describePlace({ file, row, column }: DataPlace): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (row !== undefined) parts.push(`row ${row}`);
  if (column !== undefined) parts.push(`column ${quote(column)}`);
  return parts.length === 0 ? "" : `${parts.join(", ")}: `;
}

/** A text in double quotes on one line, control characters escaped, cut after 60 characters: safe to print. */
export function quote(text: string): string {
  const characters = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(characters);
}
