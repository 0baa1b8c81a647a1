import type { Compressors, FileMetaData, SchemaTree } from "hyparquet";
import { DataError, quote } from "../../errors/data-error.ts";
import { count } from "../../notes/count.ts";
import { makeNote, type Note } from "../../notes/note.ts";
import { cellText, unmistakable } from "../cell-text.ts";
import { maximumColumns, nameColumns } from "../column-names.ts";
import { concatTables } from "../concat-tables.ts";
import { noteMissingWords } from "../missing.ts";
import type { Table, TableColumn } from "../table.ts";
import { checkPages } from "./pages.ts";
import { checkThrift } from "./thrift.ts";

/** Bytes that can be read from any place, such as a file, or a Blob of a page. */
export interface ByteSource {
  byteLength: number;
  slice(start: number, end: number): ArrayBuffer | Promise<ArrayBuffer>;
}

export interface ParquetOptions {
  /** Name of the file for messages. Default "table". */
  name?: string;
}

/** Rows of a table that are given at once. */
const pieceRows = 50_000;
/** Cells that a byte of input may become, beyond which a table is refused. */
const cellsPerByte = 256;
const alwaysAllowed = 2 ** 22;

/** Whether bytes begin as a Parquet file does. */
export function isParquet(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && [0x50, 0x41, 0x52, 0x31].every((byte, index) => bytes[index] === byte);
}

/**
 * Reads a table from a Parquet file. Numbers, texts, truth values, dates, times and decimals become the cells that a CSV
 * file would have; columns of lists or objects are left out, with a note. Nothing that the file claims of itself is
 * trusted.
 * @throws DataError "bad-parquet", "unknown-codec", "no-rows", "too-large"
 */
export async function readParquet(bytes: Uint8Array, options: ParquetOptions = {}): Promise<Table> {
  const source: ByteSource = {
    byteLength: bytes.length,
    // Not the method of a Buffer, which copies nothing.
    slice: (start, end) => Uint8Array.prototype.slice.call(bytes, start, end).buffer as ArrayBuffer,
  };
  const pieces: Table[] = [];
  for await (const piece of readParquetPieces(source, options)) pieces.push(piece);
  return concatTables(pieces);
}

/**
 * The same, some ten thousand rows at a time: one group of the file's rows is in memory.
 * @throws DataError as readParquet does
 */
export async function* readParquetPieces(
  source: ByteSource,
  { name = "table" }: ParquetOptions = {},
): AsyncGenerator<Table> {
  const file = await ParquetFile.open(source, name);
  const first: Note[] = [...file.notes];
  let start = 0;
  for (let group = 0; group < file.groups; group++) {
    const { columns, rows } = await file.readGroup(group);
    for (let from = 0; from < rows; from += pieceRows) {
      const to = Math.min(rows, from + pieceRows);
      const cut: TableColumn[] = columns.map(({ name, values }) => ({
        name,
        cells: Array.from({ length: to - from }, (_, row) => values(from + row)),
      }));
      const notes = first.splice(0);
      noteMissingWords(cut, notes);
      // Row 1 is the header's, as in a CSV file.
      const rowNumbers = Int32Array.from({ length: to - from }, (_, row) => start + from + row + 2);
      yield { name, columns: cut, rowCount: to - from, rowNumbers, delimiter: ",", notes };
    }
    start += rows;
  }
}

/**
 * Loads now what reads Parquet files and decompresses them, which else is loaded with the first one: for a page that may be
 * offline by then.
 */
export async function loadParquetReader(): Promise<void> {
  await Promise.all([
    import("hyparquet/src/index.js"),
    import("hyparquet/src/column.js"),
    import("hyparquet-compressors"),
  ]);
}

type Reader = typeof import("hyparquet");

interface Column {
  /** As the file calls it, and as the table does. */
  original: string;
  name: string;
  tree: SchemaTree;
  /** Its place among those that hold values. */
  index: number;
}

class ParquetFile {
  readonly notes: Note[] = [];
  #columns: Column[] = [];

  private constructor(
    readonly source: ByteSource,
    readonly name: string,
    readonly metadata: FileMetaData,
    readonly reader: Reader,
    readonly readHeader: Parameters<typeof checkPages>[2],
  ) {}

  static async open(source: ByteSource, name: string): Promise<ParquetFile> {
    const refuse = (problem: string) => new DataError("bad-parquet", problem, { file: name });
    const damaged = "this is no whole Parquet file: copy or download it again";
    const { byteLength } = source;
    if (byteLength < 12) throw refuse(`${damaged}.`);
    const reader = (await import("hyparquet/src/index.js")) as unknown as Reader;
    const { parquetHeader } = await import("hyparquet/src/column.js");
    let metadata: FileMetaData;
    try {
      const tail = new DataView(await source.slice(byteLength - 8, byteLength));
      if (tail.getUint32(4, true) === 0x45524150) throw refuse("this Parquet file is encrypted: write it without.");
      const length = tail.getUint32(0, true);
      if (length > byteLength - 12) throw new Error(`its end claims ${length} bytes`);
      const footer = await source.slice(byteLength - 8 - length, byteLength);
      checkThrift(new DataView(footer, 0, length), 0);
      metadata = reader.parquetMetadata(footer, { geoparquet: false });
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw refuse(`${damaged} (${(error as Error).message}).`);
    }
    const file = new ParquetFile(source, name, metadata, reader, parquetHeader);
    file.#chooseColumns(refuse);
    return file;
  }

  get groups(): number {
    return this.metadata.row_groups.length;
  }

  #chooseColumns(refuse: (problem: string) => DataError): void {
    const { metadata, source } = this;
    let children: SchemaTree[];
    try {
      const claimed = metadata.schema.reduce((sum, { num_children: given = 0 }) => sum + given, 0);
      if (claimed !== metadata.schema.length - 1) throw new Error("the columns do not add up");
      children = this.reader.parquetSchema(metadata).children;
    } catch (error) {
      throw refuse(`its list of columns is damaged (${(error as Error).message}).`);
    }
    if (children.length > maximumColumns) {
      const problem = `there are ${count(children.length, "column")}, more than ${count(maximumColumns, "column")}.`;
      throw new DataError("too-large", problem, { file: this.name });
    }
    const names = nameColumns(
      children.map(({ element }) => element.name.trim().normalize("NFC")),
      this.notes,
    );
    let index = 0;
    children.forEach((tree, place) => {
      const name = names[place];
      if (tree.children.length > 0 || tree.element.repetition_type === "REPEATED") {
        this.notes.push(makeNote("nested-column", { column: name }));
      } else this.#columns.push({ original: tree.element.name, name, tree, index });
      index += leaves(tree);
    });
    if (this.#columns.length === 0)
      throw refuse(`all its columns are nested: ${names.slice(0, 20).map(quote).join(", ")}. Write flat ones.`);
    if (new Set(this.#columns.map(({ original }) => original)).size < this.#columns.length)
      throw refuse("two columns have the same name: give each its own.");
    const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (rows === 0) throw new DataError("no-rows", "there is no row of data.", { file: this.name });
    if (!(rows > 0 && rows < 2 ** 31) || metadata.row_groups.some((group) => group.num_rows < 0n))
      throw refuse(`it claims ${rows} rows.`);
    if (rows * this.#columns.length > Math.max(alwaysAllowed, cellsPerByte * source.byteLength)) {
      const problem = `${source.byteLength} bytes claim to hold ${count(rows, "row")} of ${count(this.#columns.length, "column")}: the file is damaged, or hardly anything is in it.`;
      throw new DataError("too-large", problem, { file: this.name });
    }
  }

  /** The values of a group of rows, as functions from row to cell. */
  async readGroup(group: number): Promise<{ rows: number; columns: { name: string; values(row: number): string }[] }> {
    const rows = Number(this.metadata.row_groups[group].num_rows);
    const columns = [];
    for (const column of this.#columns) {
      const values = await this.#readColumn(group, rows, column);
      columns.push({ name: column.name, values: (row: number) => values[row] });
    }
    return { rows, columns };
  }

  async #readColumn(group: number, rows: number, { original, name, tree, index }: Column): Promise<string[]> {
    const { metadata, source } = this;
    const place = { file: this.name, column: name };
    const facts = metadata.row_groups[group].columns[index]?.meta_data;
    try {
      if (facts === undefined) throw new Error("a group of rows lacks it");
      if (facts.path_in_schema.length !== 1 || facts.path_in_schema[0] !== original)
        throw new Error("a group of rows calls it otherwise");
      const { compressors, known } = await findCompressor(facts.codec);
      if (!known) {
        const problem = `its pages are packed by ${facts.codec ?? "an unknown codec"}, which cannot be read: write the file with snappy, zstd or gzip.`;
        throw new DataError("unknown-codec", problem, place);
      }
      const start = Number(facts.dictionary_page_offset || facts.data_page_offset);
      const first = Math.min(start, Number(facts.data_page_offset));
      const size = Number(facts.total_compressed_size);
      if (!(first >= 0 && size >= 0 && first + size <= source.byteLength)) throw new Error("it lies outside the file");
      const bytes = new Uint8Array(await source.slice(first, first + size));
      const optional = tree.element.repetition_type === "OPTIONAL";
      const unpack = checkPages(bytes, { codec: facts.codec, rows, optional }, this.readHeader, compressors);
      const lone: FileMetaData = {
        ...metadata,
        num_rows: BigInt(rows),
        schema: [{ ...metadata.schema[0], num_children: 1 }, tree.element],
        row_groups: [{ ...metadata.row_groups[group], columns: [{ ...metadata.row_groups[group].columns[index] }] }],
      };
      const cells = new Array<string>(rows).fill("");
      const toCell = cellMaker(tree.element);
      let filled = 0;
      await this.reader.parquetRead({
        file: {
          byteLength: source.byteLength,
          slice: (from, to = source.byteLength) => {
            if (from < first || to > first + size) throw new Error("it lies outside its place");
            return bytes.slice(from - first, to - first).buffer;
          },
        },
        metadata: lone,
        compressors: unpack,
        onChunk: ({ columnData, rowStart }) => {
          for (let row = 0; row < columnData.length && rowStart + row < rows; row++) {
            cells[rowStart + row] = toCell(columnData[row]);
            filled++;
          }
        },
      });
      if (filled < rows) throw new Error(`${filled} of ${rows} values are there`);
      return cells;
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError("bad-parquet", `this column is damaged: ${(error as Error).message}.`, place);
    }
  }
}

function leaves(tree: SchemaTree): number {
  return tree.children.length === 0 ? 1 : tree.children.reduce((sum, child) => sum + leaves(child), 0);
}

/** How values of a column are written. A decimal comes as a float, with digits behind its last. */
function cellMaker({ converted_type: type, logical_type: logical, scale = 0 }: SchemaTree["element"]) {
  if ((type === "DECIMAL" || logical?.type === "DECIMAL") && scale >= 0 && scale <= 100)
    return (value: unknown) => (typeof value === "number" ? unmistakable(value.toFixed(scale)) : cellText(value));
  // A column of few texts makes each of them once.
  const texts = new Map<string, string>();
  return (value: unknown) => {
    if (typeof value !== "string") return cellText(value);
    let text = texts.get(value);
    if (text === undefined) {
      text = cellText(value);
      if (texts.size < 10_000) texts.set(value, text);
    }
    return text;
  };
}

async function findCompressor(codec: string | undefined): Promise<{ compressors: Compressors; known: boolean }> {
  if (codec === "UNCOMPRESSED") return { compressors: {}, known: true };
  if (codec === "SNAPPY") {
    const { snappyUncompress } = await import("hyparquet/src/index.js");
    const unpack = (input: Uint8Array, length: number) => {
      const page = new Uint8Array(length);
      snappyUncompress(input, page);
      return page;
    };
    return { compressors: { SNAPPY: unpack }, known: true };
  }
  // LZ4 is not among them: the package fails on what pyarrow writes.
  if (codec === undefined || !["GZIP", "ZSTD", "BROTLI"].includes(codec)) return { compressors: {}, known: false };
  const all = await import("hyparquet-compressors");
  const compressors: Compressors = {
    GZIP: all.decompressGzip,
    // The room that is given bounds what comes out.
    ZSTD: (input, length) => all.decompressZstd(input, new Uint8Array(length)),
    BROTLI: all.decompressBrotli,
  };
  return { compressors, known: true };
}
