import { data } from "@noron/core";
import { hashData, type LabelledImages, nearestName, parseTable, writeCsv } from "@noron/tabular";
import { UsageError } from "../errors.ts";
import type { LoadedData } from "./source.ts";

/** How many digits the built-in set has. */
const DIGITS = 5000;
/** How many points each of the others has. */
const POINTS = 1000;

const SAMPLES = {
  digits: loadDigits,
  spirals: () => loadPoints("spirals", data.samples.spirals({ count: POINTS })),
  moons: () => loadPoints("moons", data.samples.moons({ count: POINTS })),
  circles: () => loadPoints("circles", data.samples.circles({ count: POINTS })),
  xor: () => loadPoints("xor", data.samples.xor({ count: POINTS })),
  blobs: () => loadPoints("blobs", data.samples.blobs({ count: POINTS })),
  curve: () => loadPoints("curve", data.samples.curve({ count: POINTS })),
} satisfies Record<string, () => Promise<LoadedData>>;

export const SAMPLE_NAMES = Object.keys(SAMPLES);

/** A built-in data set; always the same rows, whatever the seed of a training. */
export function loadSample(name: string): Promise<LoadedData> {
  if (Object.hasOwn(SAMPLES, name)) return SAMPLES[name as keyof typeof SAMPLES]();
  const nearest = nearestName(name, SAMPLE_NAMES);
  const suggestion = nearest === undefined ? undefined : `sample:${nearest}`;
  throw new UsageError("no-such-sample", { value: `sample:${name}`, names: SAMPLE_NAMES.join(", ") }, { suggestion });
}

async function loadDigits(): Promise<LoadedData> {
  const size = 28;
  const [shades, labels] = data.samples.digits({ count: DIGITS, size }).columns;
  const pixels = Uint8Array.from(shades.data, (shade) => Math.round(255 * shade));
  const name = "sample:digits";
  const images: LabelledImages = { name, count: DIGITS, height: size, width: size, pixels };
  images.labels = Int32Array.from(labels.data);
  return { kind: "images", name, source: [name], files: [], images, hash: await hashData(pixels), target: "label" };
}

/** Points as a table, so that they take the same way as anybody's. */
async function loadPoints(sample: string, points: data.TensorDataset): Promise<LoadedData> {
  const [inputs, targets] = points.columns;
  const classes = targets.data instanceof Int32Array;
  const names = inputs.shape[1] === 1 ? ["x"] : ["x", "y"];
  const target = classes ? "class" : "y";
  const width = names.length;
  const rows = Array.from(targets.data, (value, row) => [
    ...Array.from(inputs.data.subarray(row * width, (row + 1) * width), round),
    classes ? String.fromCharCode(97 + value) : round(value),
  ]);
  const text = writeCsv([...names, target], rows);
  const name = `sample:${sample}`;
  const hash = await hashData(new TextEncoder().encode(text));
  return { kind: "table", name, source: [name], files: [], table: parseTable(text, { name }), hash, target };
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
