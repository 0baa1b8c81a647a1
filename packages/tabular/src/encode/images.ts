import { DataError, quote } from "../errors/data-error.ts";
import { count } from "../notes/count.ts";
import type { LabelledImages } from "../read/idx-images.ts";
import { type ImagePreprocessing, imageFeatures } from "./preprocessing.ts";

/**
 * Works out from the training images how to scale pixels.
 * @param rows numbers of the training images
 * @throws DataError "one-class" when all labels are the same, "no-features" when all pixels are
 */
export function fitImages(images: LabelledImages, rows: ArrayLike<number>): ImagePreprocessing {
  const { height, width, channels, labels, name, classNames } = images;
  const { mean, standardDeviation } = pixelMoments(images, rows);
  if (!(standardDeviation > 0))
    throw new DataError("no-features", "all pixels of the training images are the same.", { file: name });
  const present = [...new Set(labels ?? [])].sort((a, b) => a - b);
  if (present.length < 2) {
    const problem =
      present.length === 0
        ? "there are no labels to learn."
        : `all labels are ${classNames?.[present[0]] ?? present[0]}: nothing to learn.`;
    throw new DataError("one-class", problem, { file: name });
  }
  // Labels number the classes, so a label that no image has gets its place as well.
  const numbers = Array.from({ length: present[present.length - 1] + 1 }, (_, label) => String(label));
  const classes = classNames === undefined ? numbers : [...classNames];
  return {
    format: "noron-preprocessing",
    version: 1,
    input: "images",
    height,
    width,
    ...(channels === undefined ? {} : { channels }),
    mean,
    standardDeviation,
    classes,
  };
}

/** @internal Of all pixels of the images with these numbers. */
export function pixelMoments(
  images: LabelledImages,
  rows: ArrayLike<number>,
): { mean: number; standardDeviation: number } {
  const { pixels } = images;
  const size = imageFeatures(images);
  let sum = 0;
  let squares = 0;
  for (let index = 0; index < rows.length; index++) {
    const start = rows[index] * size;
    for (let pixel = start; pixel < start + size; pixel++) {
      sum += pixels[pixel];
      squares += pixels[pixel] * pixels[pixel];
    }
  }
  const total = rows.length * size;
  const mean = sum / total;
  return { mean, standardDeviation: Math.sqrt(squares / total - mean * mean) };
}

/**
 * Makes the features of images as in training: [rows × channels·height·width], standardised; and their classes, where the
 * labels are known to training.
 * @param rows numbers of the images; default all
 * @throws DataError "image-size" for images of another size, "unknown-class" for a label that training had not
 */
export function applyImages(
  preprocessing: ImagePreprocessing,
  images: LabelledImages,
  rows: ArrayLike<number> = { length: images.count },
): { features: Float32Array; width: number; rows: Int32Array; classes?: Int32Array } {
  const { height, width, channels = 1, mean, standardDeviation, classes } = preprocessing;
  if (images.height !== height || images.width !== width || (images.channels ?? 1) !== channels) {
    const colour = { 1: "grey", 3: "colour" };
    const problem =
      `the images are ${images.height} × ${images.width}, ${colour[images.channels ?? 1]}, ` +
      `and those of training were ${height} × ${width}, ${colour[channels]}.`;
    throw new DataError("image-size", problem, { file: images.name });
  }
  const chosen = Int32Array.from({ length: rows.length }, (_, index) => rows[index] ?? index);
  const size = imageFeatures(preprocessing);
  if (chosen.length * size > 2 ** 30) {
    const problem = `${count(chosen.length, "image")} of ${count(size, "pixel")} are more than fit into 4 GiB: use fewer.`;
    throw new DataError("too-large", problem, { file: images.name });
  }
  const features = new Float32Array(chosen.length * size);
  chosen.forEach((row, index) => {
    for (let pixel = 0; pixel < size; pixel++) {
      features[index * size + pixel] = (images.pixels[row * size + pixel] - mean) / standardDeviation;
    }
  });
  const { labels, classNames } = images;
  if (labels === undefined) return { features, width: size, rows: chosen };
  const places = classNames?.map((name) => classes.indexOf(name));
  const numbers = chosen.map((row) => {
    const place = places === undefined ? labels[row] : places[labels[row]];
    if (place >= 0 && place < classes.length) return place;
    const value = classNames?.[labels[row]] ?? String(labels[row]);
    const problem = `label ${quote(value)} of ${images.files?.[row] ?? `image ${row}`} is none of the ${classes.length} classes of training.`;
    throw new DataError("unknown-class", problem, { file: images.name, value });
  });
  return { features, width: size, rows: chosen, classes: numbers };
}
