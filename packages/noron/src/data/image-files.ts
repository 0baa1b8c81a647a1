import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { LabelledImages } from "@noron/tabular";
import { InputError, UsageError } from "../errors.ts";
import type { AnyPreprocessing } from "./examples.ts";
import { isFolder, namesIn, unreadable } from "./files.ts";
import type { LoadedImages } from "./source.ts";

/** How images of any size are brought to one. */
export interface ImageFormat {
  height: number;
  width: number;
  /** 1 for grey, 3 for red, green and blue. */
  channels: 1 | 3;
}

/** What a network takes that was trained on images; undefined for one that was trained on a table. */
export function formatOf(preprocessing: AnyPreprocessing): ImageFormat | undefined {
  if (preprocessing.input === "table") return undefined;
  const { height, width, channels = 1 } = preprocessing;
  return { height, width, channels };
}

/** Files that are taken for images. */
const IMAGE_NAME = /\.(png|jpe?g|webp|gif|tiff?|avif)$/i;
/** Images of one size up to this are kept as they are; others are brought to SIZE. */
const LARGEST_KEPT = 64;
const SIZE = 32;
/** Images that are decoded at the same time. */
const AT_ONCE = 16;

/** A file of an image, and the number of its class where it is known. */
interface ImageFile {
  path: string;
  label: number;
}

/** Images by class: their files, and the names of the classes in order. */
interface ImageFolder {
  files: ImageFile[];
  classes: string[];
}

/** Whether a path is called like an image. */
export function isImageName(path: string): boolean {
  return IMAGE_NAME.test(path);
}

/** Whether every pixel is as red as it is green and blue. */
export function isGrey({ count, height, width, channels = 1, pixels }: LabelledImages): boolean {
  const size = height * width;
  if (channels === 1) return true;
  for (let image = 0; image < count; image++) {
    const from = image * channels * size;
    for (let at = from; at < from + (channels - 1) * size; at++) if (pixels[at] !== pixels[at + size]) return false;
  }
  return true;
}

/**
 * The images of a folder with a folder for each class, or of one with `train` and `test` which are such folders; or of a
 * folder of images without classes. Undefined for a folder without images.
 */
export async function loadImageFolder(
  folder: string,
  format: Partial<ImageFormat> = {},
): Promise<LoadedImages | undefined> {
  const parts = ["train", "test"].map((part) => join(folder, part));
  const split = parts.every((part) => namesIn(folder).includes(basename(part)) && isFolder(part));
  const trained = split ? imagesByClass(parts[0]) : imagesByClass(folder);
  const found = trained.files.length > 0 ? trained : imagesWithoutClass(folder);
  if (found.files.length === 0) return undefined;
  const name = basename(folder) || folder;
  const held = split ? imagesByClass(parts[1], trained.classes) : undefined;
  return decodeAll({ name, source: [folder], found, held, format });
}

/** Images that are named one by one: their classes are not known. */
export function loadImageFiles(paths: readonly string[], format: Partial<ImageFormat> = {}): Promise<LoadedImages> {
  const found = { files: paths.map((path) => ({ path, label: -1 })), classes: [] };
  const name = paths.length === 1 ? basename(paths[0]) : `${basename(paths[0])} and ${paths.length - 1} more`;
  return decodeAll({ name, source: [...paths], found, format });
}

/** @param known the names of classes that come first, whatever there is */
function imagesByClass(folder: string, known: readonly string[] = []): ImageFolder {
  const named = namesIn(folder).filter((name) => !name.startsWith(".") && isFolder(join(folder, name)));
  const inside = named.map((name) => ({
    name,
    paths: namesIn(join(folder, name))
      .filter(isImageName)
      .map((file) => join(folder, name, file)),
  }));
  const some = inside.filter(({ paths }) => paths.length > 0);
  const classes = [...known, ...some.map(({ name }) => name.normalize("NFC")).filter((name) => !known.includes(name))];
  const files = some.flatMap(({ name, paths }) =>
    paths.map((path) => ({ path, label: classes.indexOf(name.normalize("NFC")) })),
  );
  return { files, classes };
}

function imagesWithoutClass(folder: string): ImageFolder {
  const files = namesIn(folder)
    .filter(isImageName)
    .map((name) => ({ path: join(folder, name), label: -1 }));
  return { files, classes: [] };
}

interface ToDecode {
  name: string;
  source: string[];
  found: ImageFolder;
  held?: ImageFolder;
  format: Partial<ImageFormat>;
}

async function decodeAll({ name, source, found, held, format }: ToDecode): Promise<LoadedImages> {
  const sharp = await loadSharp();
  const all = [...found.files, ...(held?.files ?? [])];
  const hash = createHash("sha256");
  const contents: Buffer[] = [];
  for (const { path } of all) {
    const bytes = read(path);
    hash.update(`${path.slice(source[0].length)}\0${bytes.length}\0`).update(bytes);
    contents.push(bytes);
  }
  const chosen = await chooseFormat(sharp, all, contents, format);
  const decode = async ({ files, classes }: ImageFolder, from: number): Promise<LabelledImages> => {
    const size = chosen.height * chosen.width * chosen.channels;
    const pixels = new Uint8Array(files.length * size);
    for (let start = 0; start < files.length; start += AT_ONCE) {
      const some = files.slice(start, start + AT_ONCE);
      const decoded = await Promise.all(
        some.map(({ path }, index) => decodeOne(sharp, path, contents[from + start + index], chosen)),
      );
      decoded.forEach((one, index) => {
        pixels.set(one, (start + index) * size);
      });
    }
    const images: LabelledImages = {
      name,
      count: files.length,
      ...chosen,
      pixels,
      files: files.map(({ path }) => path),
    };
    if (classes.length === 0) return images;
    return { ...images, labels: Int32Array.from(files, ({ label }) => label), classNames: classes };
  };
  const images = await decode(found, 0);
  const loaded: LoadedImages = {
    kind: "images",
    name,
    source,
    files: [],
    images,
    hash: `sha256:${hash.digest("hex")}`,
    target: "label",
  };
  if (held !== undefined && held.files.length > 0) loaded.test = await decode(held, found.files.length);
  return loaded;
}

function read(path: string): Buffer {
  try {
    if (!statSync(path).isFile()) throw new InputError("not-a-plain-image", { file: path });
    return readFileSync(path);
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(error, path);
  }
}

/** The part of sharp (an optional package that decodes images) that is used here. */
type Sharp = typeof import("sharp")["default"];

/** @throws UsageError that says how to install it */
async function loadSharp(): Promise<Sharp> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new UsageError("no-image-decoder", {}, { command: "npm install sharp", cause: error });
  }
}

/** The size and the colours that were asked for, or that the images have. */
async function chooseFormat(
  sharp: Sharp,
  files: readonly ImageFile[],
  contents: readonly Buffer[],
  { height, width, channels }: Partial<ImageFormat>,
): Promise<ImageFormat> {
  if (height !== undefined && width !== undefined && channels !== undefined) return { height, width, channels };
  const sizes = new Set<string>();
  let colour = false;
  for (const [index, { path }] of files.entries()) {
    const found = await attempt(path, () => sharp(contents[index]).metadata());
    // Turned by a quarter, as cameras note it.
    const turned = (found.orientation ?? 1) >= 5;
    sizes.add(turned ? `${found.width}x${found.height}` : `${found.height}x${found.width}`);
    if (found.space !== "b-w" && found.space !== "grey16") colour = true;
  }
  const [only] = sizes;
  const [ownHeight, ownWidth] = only.split("x").map(Number);
  const kept = sizes.size === 1 && ownHeight <= LARGEST_KEPT && ownWidth <= LARGEST_KEPT;
  return {
    height: height ?? (kept ? ownHeight : SIZE),
    width: width ?? (kept ? ownWidth : SIZE),
    channels: channels ?? (colour ? 3 : 1),
  };
}

/** The pixels of an image, one channel behind the other. What is transparent becomes white. */
async function decodeOne(
  sharp: Sharp,
  path: string,
  bytes: Buffer,
  { height, width, channels }: ImageFormat,
): Promise<Uint8Array> {
  const data = await attempt(path, () =>
    sharp(bytes)
      .rotate()
      .flatten({ background: "#ffffff" })
      .resize({ height, width, fit: "fill" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw({ depth: "uchar" })
      .toBuffer(),
  );
  const size = height * width;
  const given = data.length / size;
  const planes = new Uint8Array(size * channels);
  for (let channel = 0; channel < channels; channel++) {
    const from = Math.min(channel, given - 1);
    for (let pixel = 0; pixel < size; pixel++) planes[channel * size + pixel] = data[pixel * given + from];
  }
  return planes;
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const problem = (error as Error).message.split("\n")[0];
    throw new InputError("bad-image", { file: path, problem }, { cause: error });
  }
}
