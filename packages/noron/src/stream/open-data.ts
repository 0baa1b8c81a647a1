import type { Table } from "@noron/tabular";
import type { ImageFormat } from "../data/image-files.ts";
import { type PreparedData, type PrepareOptions, prepareData } from "../data/prepare.ts";
import { type LoadedData, loadData } from "../data/source.ts";
import { isLarge } from "./large.ts";
import { type LoadedStream, loadStream, type StreamOptions } from "./load-stream.ts";
import { prepareStream } from "./prepare-stream.ts";

/** Data in memory, or a table that is read in pieces. */
export type AnyData = LoadedData | LoadedStream;

/** How data are opened. */
export interface OpenOptions extends StreamOptions {
  /** Whether a table is read in pieces; where it is left out, what does not fit into memory is. */
  stream?: boolean;
  /** What image files are brought to. */
  format?: Partial<ImageFormat>;
}

/** Whether openData reads a table in pieces. */
export function isInPieces(source: readonly string[], stream: boolean | undefined): boolean {
  return stream ?? isLarge(source);
}

/**
 * Data by the command's arguments.
 * @throws InputError, UsageError, DataError
 */
export async function openData(
  source: readonly string[],
  { stream, format, ...options }: OpenOptions = {},
): Promise<AnyData> {
  return isInPieces(source, stream) ? loadStream(source, options) : loadData(source, format, options);
}

/** Decides what data are, splits them and makes examples of them, in memory or out of it. */
export async function prepareAny(loaded: AnyData, options: PrepareOptions<AnyData>): Promise<PreparedData> {
  // That held-out rows are of the same kind is checked by either.
  return loaded.kind === "stream"
    ? prepareStream(loaded, options as PrepareOptions<LoadedStream>)
    : prepareData(loaded, options as PrepareOptions);
}

/** The names of a table's columns and its number of rows; undefined for images. */
export function tableOf(loaded: AnyData): Table | undefined {
  if (loaded.kind === "images") return undefined;
  return loaded.kind === "table" ? loaded.table : loaded.scan.table;
}

/** How many rows or images there are. */
export function rowsOf(loaded: AnyData): number {
  return loaded.kind === "images" ? loaded.images.count : tableOf(loaded)!.rowCount;
}
