import { DataError } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import { type IdxArray, readIdx } from "./idx.ts";

/** Images, all of one size, with the class of each where it is known. */
export interface LabelledImages {
  name: string;
  count: number;
  height: number;
  width: number;
  /** 3 for red, green and blue; 1, grey, where it is left out. */
  channels?: 1 | 3;
  /** [count × channels × height × width], 0 to 255. */
  pixels: Uint8Array;
  /** One class number an image; undefined when only images were given. */
  labels?: Int32Array;
  /** What the labels number, where classes have names. */
  classNames?: readonly string[];
  /** The file of each image, where it has one of its own. */
  files?: readonly string[];
}

/** A file and its name. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/**
 * Reads images and, where they are given, their labels: two IDX files in either order.
 * @throws DataError as readIdx does, and "idx-pair" when the two do not belong together
 */
export async function readIdxImages(first: NamedBytes, second?: NamedBytes): Promise<LabelledImages> {
  let images = await readIdx(first.bytes, first);
  let labels = second === undefined ? undefined : await readIdx(second.bytes, second);
  if (labels !== undefined && images.shape.length === 1 && labels.shape.length > 1) [images, labels] = [labels, images];
  if (images.shape.length !== 3 || !(images.data instanceof Uint8Array)) {
    const problem = `images are count × height × width of uint8, and this is ${images.shape.join(" × ")} of ${images.type}.`;
    throw new DataError("idx-pair", problem, { file: images.name });
  }
  const [total, height, width] = images.shape;
  const pixels = images.data;
  const result = { name: images.name, count: total, height, width, pixels };
  return labels === undefined ? result : { ...result, labels: readLabels(labels, images.name, total) };
}

function readLabels(labels: IdxArray, imagesName: string, total: number): Int32Array {
  if (labels.shape.length !== 1 || !labels.type.includes("int")) {
    const problem = `labels are one whole number an image, and this is ${labels.shape.join(" × ")} of ${labels.type}.`;
    throw new DataError("idx-pair", problem, { file: labels.name });
  }
  if (labels.shape[0] !== total) {
    const problem = `${count(labels.shape[0], "label")} here and ${count(total, "image")} in ${imagesName}: they do not belong together.`;
    throw new DataError("idx-pair", problem, { file: labels.name });
  }
  const bad = labels.data.findIndex((label) => label < 0 || label > 9999);
  if (bad !== -1) {
    const value = String(labels.data[bad]);
    throw new DataError("idx-pair", `label ${value} of image ${bad} is not between 0 and 9999.`, {
      file: labels.name,
      value,
    });
  }
  return Int32Array.from(labels.data);
}

/** Names of two files of one data set. */
export interface IdxPairNames {
  /** What both names have in common: "train", "t10k". */
  prefix: string;
  images: string;
  labels: string;
}

/**
 * Finds the pairs of image and label files among the names in a folder, as MNIST calls them:
 * "t10k-images-idx3-ubyte.gz" goes with "t10k-labels-idx1-ubyte.gz". In the order of their names, "train" first.
 */
export function findIdxPairs(names: readonly string[]): IdxPairNames[] {
  const pattern = /^(.*?)[-_.]?(images?|labels?)[-_.]idx[13][-_.]ubyte(?:\.gz)?$/i;
  const parts = names.flatMap((name) => {
    const match = pattern.exec(name);
    return match === null ? [] : [{ name, prefix: match[1], images: match[2].toLowerCase().startsWith("image") }];
  });
  const pairs: IdxPairNames[] = [];
  for (const { name, prefix, images } of parts.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!images || pairs.some((pair) => pair.prefix === prefix)) continue;
    const labels = parts.find((part) => !part.images && part.prefix === prefix);
    if (labels !== undefined) pairs.push({ prefix, images: name, labels: labels.name });
  }
  const rank = (pair: IdxPairNames) => (pair.prefix.includes("train") ? 0 : 1);
  return pairs.sort((a, b) => rank(a) - rank(b));
}
