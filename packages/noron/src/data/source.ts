import { basename, dirname, join } from "node:path";
import {
  concatTables,
  findIdxPairs,
  hashData,
  type LabelledImages,
  readIdxImages,
  readTable,
  type Table,
} from "@noron/tabular";
import { InputError, UsageError } from "../errors.ts";
import { type FileBytes, isFolder, looksLikeIdx, namesIn, readBytes } from "./files.ts";
import { type ImageFormat, isImageName, loadImageFiles, loadImageFolder } from "./image-files.ts";
import { loadSample } from "./samples.ts";

export interface Loaded {
  /** A short name for messages and for the run's folder. */
  name: string;
  /** The arguments that it came from. */
  source: string[];
  /** The files that were read, "-" for standard input; none for samples. Images and labels, then those for testing. */
  files: string[];
  hash: string;
  /** The hash of each file of `source` whose rows they are, where it is not that of all: of tables, and of the images beside labels. */
  fileHashes?: string[];
  /** The column that is learned unless another is asked for. */
  target?: string;
}

export interface LoadedTable extends Loaded {
  kind: "table";
  table: Table;
}

export interface LoadedImages extends Loaded {
  kind: "images";
  images: LabelledImages;
  /** Images that the folder keeps apart for testing. */
  test?: LabelledImages;
}

export type LoadedData = LoadedTable | LoadedImages;

/**
 * Data by the command's arguments: tables with the same columns, images and labels as IDX files or the folder they are
 * in, a folder of images with a folder for each class, image files, "sample:NAME"; the built-in digits for no argument.
 * @param format what image files are brought to
 * @param options keepText: whether tables keep how their rows were written
 * @throws InputError, UsageError, DataError
 */
export async function loadData(
  source: readonly string[],
  format: Partial<ImageFormat> = {},
  { keepText }: { keepText?: boolean } = {},
): Promise<LoadedData> {
  const [first, second] = source;
  if (first === undefined) return loadSample("digits");
  if (first.startsWith("sample:") && second === undefined) return loadSample(first.slice("sample:".length));
  if (second === undefined && first !== "-" && isFolder(first)) return loadFolder(first, format);
  if (source.every(isImageName)) return loadImageFiles(source, format);
  const files = source.map(readBytes);
  if (!files.some(looksLikeIdx)) return loadTables(source, files, keepText);
  if (files.length > 2) throw new UsageError("too-many-images");
  return loadImages(source, second === undefined ? [...files, ...labelsBeside(first)] : files);
}

async function loadTables(source: readonly string[], files: FileBytes[], keepText?: boolean): Promise<LoadedTable> {
  const again = source.find((path, index) => path === "-" && source.indexOf(path) !== index);
  if (again !== undefined) throw new UsageError("stdin-twice");
  const names = new Set(files.map(({ name }) => name));
  const tables: Table[] = [];
  for (const { bytes, name, path } of files)
    tables.push(await readTable(bytes, { name: names.size === files.length ? name : path, keepText }));
  const table = concatTables(tables);
  return {
    kind: "table",
    name: table.name,
    source: [...source],
    files: files.map(({ path }) => path),
    table,
    hash: await hashData(...files.map(({ bytes }) => bytes)),
    ...(files.length > 1 && { fileHashes: await Promise.all(files.map(({ bytes }) => hashData(bytes))) }),
  };
}

async function loadImages(source: readonly string[], files: FileBytes[]): Promise<LoadedImages> {
  for (const file of files) {
    if (looksLikeIdx(file)) continue;
    throw new UsageError("not-idx-file", { file: file.name });
  }
  const images = await readIdxImages(files[0], files[1]);
  const hash = await hashData(...files.map(({ bytes }) => bytes));
  return {
    kind: "images",
    name: images.name,
    source: [...source],
    files: files.map(({ path }) => path),
    images,
    hash,
    fileHashes: [await hashData(files[0].bytes)],
    target: "label",
  };
}

/** The labels that belong to a file of images, where they lie beside it. */
function labelsBeside(path: string): FileBytes[] {
  const name = basename(path);
  const pair = findIdxPairs(namesIn(dirname(path))).find(({ images }) => images === name);
  return pair === undefined ? [] : [readBytes(join(dirname(path), pair.labels))];
}

/** The images of a folder: the training pair, and where there is a second one, that for testing. */
async function loadFolder(folder: string, format: Partial<ImageFormat>): Promise<LoadedImages> {
  const names = namesIn(folder);
  const pairs = findIdxPairs(names);
  if (pairs.length === 0) {
    const tables = names.filter((name) => /\.(csv|tsv|txt|jsonl|ndjson|json|parquet)(\.gz)?$/i.test(name));
    const decoded = await loadImageFolder(folder, format);
    if (decoded !== undefined) return decoded;
    if (tables.length === 0) throw new InputError("no-images-in-folder", { folder });
    const some = tables.slice(0, 5).map((name) => join(folder, name));
    throw new InputError("tables-in-folder", { folder, tables: some.join(", ") });
  }
  const read = (name: string) => readBytes(join(folder, name));
  const loaded = await loadImages([folder], [read(pairs[0].images), read(pairs[0].labels)]);
  const second = pairs[0].prefix.includes("train") ? pairs.find(({ prefix }) => /t10k|test/.test(prefix)) : undefined;
  if (second === undefined) return loaded;
  const held = [read(second.images), read(second.labels)] as const;
  const files = [...loaded.files, ...held.map(({ path }) => path)];
  return { ...loaded, files, test: await readIdxImages(...held) };
}
