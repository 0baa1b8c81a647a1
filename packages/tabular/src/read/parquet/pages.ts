import type { Compressors, PageHeader } from "hyparquet";
import { checkThrift } from "./thrift.ts";

/** What is known of a column from the file's end. */
export interface ColumnFacts {
  codec: string;
  rows: number;
  /** Whether cells may be missing. */
  optional: boolean;
}

/** An unpacked page larger than this, and than a thousand times its packed size, is none that a writer makes. */
const alwaysAllowed = 2 ** 26;
const mostUnpacked = 1000;

/**
 * Checks the pages of a column against the bytes that are there before anything is made of them: the reader trusts the
 * sizes in their headers, and the lengths of runs in their levels and indices.
 * @param readHeader the reader's own
 * @returns decompressors that check what comes out of each page, in the order of the pages
 * @throws Error that says what is wrong
 */
export function checkPages(
  bytes: Uint8Array<ArrayBuffer>,
  facts: ColumnFacts,
  readHeader: (reader: { view: DataView; offset: number }) => PageHeader,
  compressors: Compressors,
): Compressors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed: PageHeader[] = [];
  let offset = 0;
  let rows = 0;
  while (rows < facts.rows && offset < bytes.length - 1) {
    checkThrift(view, offset);
    const reader = { view, offset };
    const header = readHeader(reader);
    const size = header.compressed_page_size;
    checkSizes(header, bytes.length - reader.offset);
    const page = bytes.subarray(reader.offset, reader.offset + size);
    if (facts.codec === "UNCOMPRESSED") checkUnpacked(header, page, facts);
    else if (isPacked(header)) packed.push(header);
    if (header.data_page_header_v2 !== undefined) checkSecond(header, page, facts);
    const values = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0;
    if (header.type !== "DICTIONARY_PAGE" && values === 0 && size === 0) throw new Error("a page is empty");
    rows += values;
    offset = reader.offset + size;
  }
  if (rows !== facts.rows) throw new Error(`its pages hold ${rows} values, and there are ${facts.rows} rows`);
  const wrap = (unpack: NonNullable<Compressors[keyof Compressors]>) => (input: Uint8Array, length: number) => {
    const header = packed.shift();
    const page = unpack(input, length);
    if (header !== undefined && page.length === length) checkUnpacked(header, page, facts);
    return page;
  };
  return Object.fromEntries(Object.entries(compressors).map(([name, unpack]) => [name, wrap(unpack)]));
}

function isPacked({ type, data_page_header_v2: second }: PageHeader): boolean {
  return type === "DATA_PAGE_V2" ? second?.is_compressed !== false : true;
}

function checkSizes(header: PageHeader, left: number): void {
  const { compressed_page_size: packed, uncompressed_page_size: size } = header;
  if (!(packed >= 0 && packed <= left)) throw new Error(`a page claims ${packed} bytes, and ${left} are left`);
  if (!(size >= 0 && size <= Math.max(alwaysAllowed, mostUnpacked * packed)))
    throw new Error(`a page of ${packed} bytes claims to unpack to ${size}`);
  const dictionary = header.dictionary_page_header;
  if (dictionary !== undefined && !(dictionary.num_values >= 0 && dictionary.num_values <= size))
    throw new Error(`a dictionary of ${size} bytes claims ${dictionary.num_values} values`);
  const second = header.data_page_header_v2;
  const values = header.data_page_header?.num_values ?? second?.num_values ?? 0;
  if (!(values >= 0 && values <= 2 ** 31)) throw new Error(`a page claims ${values} values`);
  if (second === undefined) return;
  const { repetition_levels_byte_length: repeated, definition_levels_byte_length: levels } = second;
  if (!(repeated === 0 && levels >= 0 && levels <= packed && second.num_nulls >= 0 && second.num_nulls <= values))
    throw new Error("the levels of a page are larger than the page");
}

/** Levels of the second page format, which are never packed. */
function checkSecond(header: PageHeader, page: Uint8Array, { optional }: ColumnFacts): void {
  const second = header.data_page_header_v2!;
  const levels = page.subarray(0, second.definition_levels_byte_length);
  if (optional && levels.length > 0) checkRuns(levels, 1, second.num_values);
}

/** Levels and indices of a page that is unpacked. */
function checkUnpacked(header: PageHeader, page: Uint8Array, { optional }: ColumnFacts): void {
  const first = header.data_page_header;
  const second = header.data_page_header_v2;
  if (first !== undefined) {
    let start = 0;
    if (optional) {
      const length = new DataView(page.buffer, page.byteOffset, page.byteLength).getUint32(0, true);
      if (length > page.length - 4) throw new Error("the levels of a page are larger than the page");
      checkRuns(page.subarray(4, 4 + length), 1, first.num_values);
      start = 4 + length;
    }
    checkIndices(page.subarray(start), first.encoding, first.num_values);
  } else if (second !== undefined) {
    // Of a packed page the levels lie in front of what is unpacked.
    const skipped = page.length === header.uncompressed_page_size ? second.definition_levels_byte_length : 0;
    checkIndices(page.subarray(skipped), second.encoding, second.num_values);
  }
}

function checkIndices(bytes: Uint8Array, encoding: string | undefined, most: number): void {
  if (encoding === "RLE") checkRuns(bytes.subarray(4), 1, most);
  else if (encoding?.endsWith("_DICTIONARY") && bytes.length > 0 && bytes[0] > 0)
    checkRuns(bytes.subarray(1), bytes[0], most);
}

/** That runs of equal or packed values are no more than there can be. */
function checkRuns(bytes: Uint8Array, width: number, most: number): void {
  if (width > 32) throw new Error(`an index has ${width} bits`);
  let at = 0;
  let seen = 0;
  while (at < bytes.length && seen < most) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) throw new Error("a run is damaged");
      head += (bytes[at] & 0x7f) * 2 ** shift;
      if (bytes[at++] < 0x80) break;
    }
    const run = Math.floor(head / 2);
    const packed = head % 2 === 1;
    // Packed values come in eights, and some writers leave out the end of the last ones.
    const size = packed ? run * width : (width + 7) >> 3;
    if (packed ? size > bytes.length - at + width : run > most - seen) throw new Error("a run is too long");
    seen += packed ? 8 * run : run;
    at += size;
  }
}
