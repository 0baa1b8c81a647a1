import { pixelMoments } from "../encode/images.ts";
import { makeNote, type Note } from "../notes/note.ts";
import type { LabelledImages } from "../read/idx-images.ts";
import { warnOfImbalance } from "./imbalance.ts";
import type { ValueCount } from "./summary.ts";

/** What is known of images before any training: plain data. */
export interface ImagesProfile {
  name: string;
  images: number;
  height: number;
  width: number;
  /** 3 for red, green and blue; 1 for grey. */
  channels: 1 | 3;
  /** Of all pixels of all images, 0 to 255. */
  pixels: { mean: number; standardDeviation: number };
  /** Places that hold the same in every image: nothing is learned of them. */
  constantPixels: number;
  /** How many images each label has; empty without labels. */
  classes: ValueCount[];
  warnings: Note[];
}

/** Looks at images before any training. */
export function profileImages(images: LabelledImages): ImagesProfile {
  const { name, count, height, width, channels = 1, pixels, labels, classNames } = images;
  const size = height * width;
  const isConstant = (feature: number): boolean => {
    let image = 1;
    while (image < count && pixels[image * size * channels + feature] === pixels[feature]) image++;
    return image >= count;
  };
  let constantPixels = 0;
  for (let place = 0; place < size; place++) {
    let channel = 0;
    while (channel < channels && isConstant(channel * size + place)) channel++;
    if (channel === channels) constantPixels++;
  }
  const times = new Map<number, number>();
  for (const label of labels ?? []) times.set(label, (times.get(label) ?? 0) + 1);
  const sorted = [...times].sort(([a], [b]) => a - b);
  const classes = sorted.map(([label, amount]) => ({ value: classNames?.[label] ?? String(label), count: amount }));
  const { mean, standardDeviation } = pixelMoments(
    images,
    Int32Array.from({ length: count }, (_, image) => image),
  );
  const warnings = warnOfImbalance("label", classes);
  if (count < 50) warnings.push(makeNote("tiny-data", { count }));
  const of = { mean, standardDeviation };
  return { name, images: count, height, width, channels, pixels: of, constantPixels, classes, warnings };
}
