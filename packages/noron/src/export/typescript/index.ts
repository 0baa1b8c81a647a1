import type { ImagePreprocessing, NumberTarget, Preprocessing } from "@noron/tabular";
import type { Run } from "../../run/parse.ts";
import { columnType, FEATURE_HELPERS, writeFeatures } from "./features.ts";
import { HELPERS, type HelperName, type WrittenNetwork, writeLayers } from "./layers.ts";
import { DECODE, encodeWeights } from "./weights.ts";

/**
 * A run as one TypeScript module without imports: `predict(row)`, typed by the columns, with the weights and the
 * preprocessing in it. It compiles under `strict` and every stricter option, needs nothing of its host (neither DOM nor
 * Node), and only types are to be erased from it, so that Node 22.18 and newer, Bun and Deno run it as it is. Layers are
 * computed in float64 with the float32 weights: answers are those of `noron predict` to 1e-6: probabilities by so much,
 * numbers by so much of the largest of them.
 * @throws UsageError for a network with layers that cannot be written
 */
export function writeTypeScript(run: Run): string {
  const { preprocessing, model, config } = run;
  const network = writeLayers(model);
  const numbers = preprocessing.input === "table" && preprocessing.target.kind === "number";
  if (!numbers) network.helpers.add("softmax");
  const state = model.stateDict();
  const weights = encodeWeights(network.weights.map((key) => state[key].dataSync()));
  return [
    header(run),
    preprocessing.input === "images" ? imageInput(preprocessing) : tableInput(preprocessing),
    numbers ? numberOutput(preprocessing.target as NumberTarget) : classOutput(run.classes),
    networkCode(network),
    preprocessing.input === "images"
      ? imageFeatures(preprocessing, config.network.inputs)
      : tableFeatures(preprocessing, config.network.inputs),
    ...Object.keys(HELPERS)
      .filter((name) => network.helpers.has(name as HelperName))
      .map((name) => HELPERS[name as HelperName].trim()),
    DECODE.trim(),
    `/** float32, little-endian, in base64. */\nfunction encoded(): string {\n  return \`\n${weights}\n\`;\n}`,
    "",
  ].join("\n\n");
}

function header({ name, config: { noron, target, task } }: Run): string {
  const folder = name.split(/[\\/]/).filter(Boolean).pop() ?? "run";
  return `// Predicts ${comment(JSON.stringify(target))} (${task}). Made by noron ${comment(noron)} from the run "${comment(folder)}":
// noron export ${comment(folder)} --to ts. Make it again rather than change it.`;
}

/** Text that cannot end a comment, or begin another line. */
function comment(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, " ").replaceAll("*/", "* /");
}

function tableInput({ columns }: Preprocessing): string {
  const members = columns.map(
    (column) => `  readonly ${JSON.stringify(column.name)}: ${columnType(column)} | null | undefined;`,
  );
  return `/** One row. null, undefined and NaN: the value is missing. A text that training has not seen counts as missing. */
export interface Row {
${members.join("\n")}
}`;
}

function imageInput({ height, width }: ImagePreprocessing): string {
  return `/** The ${height} × ${width} pixels of an image, 0 to 255, row by row from the top. */
export type Row = ArrayLike<number>;`;
}

function classOutput(classes: readonly string[]): string {
  return `/** The classes, in the order of the network's outputs. */
export const classes = ${JSON.stringify(classes)} as const;

export type Class = (typeof classes)[number];

export interface Prediction {
  /** The most likely class. */
  readonly prediction: Class;
  /** Every class's probability; their sum is 1. */
  readonly probabilities: Readonly<Record<Class, number>>;
}

/** What the network says of a row. Throws a TypeError for a row of another kind. */
export function predict(row: Row): Prediction {
  const shares = softmax(network(features(row)));
  const probabilities = Object.fromEntries(classes.map((name, index) => [name, shares[index]]));
  return {
    prediction: classes[shares.indexOf(Math.max(...shares))]!,
    probabilities: probabilities as Readonly<Record<Class, number>>,
  };
}`;
}

function numberOutput(target: NumberTarget): string {
  const { logOffset, mean, standardDeviation, minimum, maximum } = target;
  const scaled = (value: number) => (Math.log(value + (logOffset ?? 0)) - mean) / standardDeviation;
  const value =
    logOffset === null
      ? `output * ${standardDeviation} + ${mean}`
      : // Beyond the range of training the exponential would be huge.
        `Math.exp(Math.min(Math.max(output, ${scaled(minimum) - 1}), ${scaled(maximum) + 1}) * ${standardDeviation} + ${mean}) - ${logOffset}`;
  return `export interface Prediction {
  /** In the unit of the table. */
  readonly prediction: number;
}

/** What the network says of a row. Throws a TypeError for a row of another kind. */
export function predict(row: Row): Prediction {
  const output = network(features(row))[0]!;
  return { prediction: ${value} };
}`;
}

function networkCode({ expressions }: WrittenNetwork): string {
  return `let layers: readonly Layer[] | undefined;

/** Reads the weights at the first call. */
function network(x: ArrayLike<number>): ArrayLike<number> {
  layers ??= makeLayers();
  for (const layer of layers) x = layer(x);
  return x;
}

function makeLayers(): Layer[] {
  const weights = decode(encoded());
  let start = 0;
  const take = (count: number): Float32Array => weights.subarray(start, (start += count));
  return [
${expressions.map((expression) => `    ${expression},`).join("\n")}
  ];
}`;
}

function tableFeatures(preprocessing: Preprocessing, width: number): string {
  const { statements, helpers } = writeFeatures(preprocessing);
  const code = Object.entries(FEATURE_HELPERS).filter(([name]) => helpers.has(name as never));
  return `${helpers.has("scaled") ? `/** Standardised numbers are kept within ± this. */\nconst CLIP = ${preprocessing.clip};\n\n` : ""}/** The row as the network takes it. */
function features(row: Row): Float32Array {
  const x = new Float32Array(${width});
${statements.map((statement) => `  ${statement}`).join("\n")}
  return x;
}

${code.map(([, text]) => text.trim()).join("\n\n")}`;
}

function imageFeatures({ mean, standardDeviation }: ImagePreprocessing, width: number): string {
  return `/** The pixels as the network takes them. */
function features(row: Row): Float32Array {
  if (row.length !== ${width}) throw new TypeError(\`an image of ${width} pixels is needed, not \${row.length}\`);
  return Float32Array.from(row, (pixel) => (pixel - ${mean}) / ${standardDeviation});
}`;
}
