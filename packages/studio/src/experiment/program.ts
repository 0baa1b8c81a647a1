import { LAYERS, LOSSES, OPTIMIZERS } from "./catalog.ts";
import { type Experiment, joinsLast, type SampleData, type TableData } from "./experiment.ts";
import type { OptionSpecs, OptionValue, Part } from "./options.ts";

/** What a program has to know beside the experiment: how the network came out. */
export interface BuiltExperiment {
  task: "classification" | "regression";
  /** How many classes there are; 0 for a regression. */
  classes: number;
  /** Of one example. */
  shape: readonly number[];
  /** The classes of the layers with their sizes, such as "Linear(2, 8)". */
  layers: readonly string[];
}

/** Options that stand among the sizes, or are done in another way. */
const NOT_OPTIONS = new Set([
  "outFeatures",
  "inFeatures",
  "channels",
  "numGroups",
  "numFeatures",
  "normalizedShape",
  "init",
]);

/** The page shows RMSE in the target's own unit. */
const RMSE_NOTE = [
  "// The target is learned standardised: RMSE times the standardDeviation of preprocessing.target is in its own unit.",
];

/**
 * The TypeScript that trains the same network on the same data to the same numbers.
 * @param epochs how many it trains
 */
export function programOf(experiment: Experiment, built: BuiltExperiment, epochs: number): string {
  const { data, optimizer, loss, batchSize, seed } = experiment;
  const target = targetOf(experiment, built);
  const table = data.source === "table";
  const inits = [...new Set(experiment.layers.flatMap(({ options }) => initOf(options) ?? []))];
  const names = ["data", "manualSeed", "nn", "optim", ...(table ? ["tabular"] : []), "train"];
  if (target.includes("tensor(")) names.splice(names.indexOf("train"), 0, "tensor");
  const metric = built.task === "classification" ? "accuracy" : "rmse";
  const held = experiment.validation > 0;
  const lines = [
    ...(table ? ['import { readFile } from "node:fs/promises";'] : []),
    `import { ${names.join(", ")} } from "noron";`,
    "",
    ...(table ? tableLines(experiment, data, target) : sampleLines(experiment, data, built, target)),
    "",
    `manualSeed(${seed});`,
    ...inits.flatMap(initLines),
    "const model = new nn.Sequential(",
    ...experiment.layers.map((part, index) => `  ${layerText(part, built.layers[index])},`),
    ");",
    `const loss = new nn.${loss.type}(${optionsText(loss.options, LOSSES[loss.type].options)});`,
    `const optimizer = new optim.${optimizer.type}(model.parameters(), ${optimizerText(optimizer)});`,
    "",
    `const trainer = new train.Trainer({ model, loss, optimizer, metrics: [train.${metric}()] });`,
    `const loader = new data.DataLoader(training, { batchSize: ${batchSize}, shuffle: true, seed: ${seed}${joinsLast(experiment) ? ", mergeLastOfOne: true" : ""} });`,
    ...(held ? ["const validationLoader = new data.DataLoader(validation, { batchSize: validation.length });"] : []),
    ...(table && built.task === "regression" ? RMSE_NOTE : []),
    "await trainer.fit(loader, {",
    `  epochs: ${epochs},`,
    ...(held ? ["  validation: validationLoader,"] : []),
    "  callbacks: [{ onEpochEnd: (log) => console.log(JSON.stringify(log)) }],",
    "});",
  ];
  return `${lines.join("\n")}\n`;
}

function sampleLines(
  { validation, seed }: Experiment,
  { name, count, noise, classes }: SampleData,
  { shape }: BuiltExperiment,
  target: string,
): string[] {
  const kinds = name === "spirals" || name === "blobs" ? `, classes: ${classes}` : "";
  const size = name === "digits" ? `, size: ${shape[2]}` : "";
  const lines = [
    `const sample = data.samples.${name}({ count: ${count}, noise: ${noise}${kinds}${size}, seed: ${seed} });`,
  ];
  if (target === "labels" && name !== "digits") lines.push("const all = sample;");
  else {
    lines.push("const [inputs, labels] = sample.columns;");
    const images = `{ data: inputs.data, shape: [sample.length, ${shape.join(", ")}] }`;
    lines.push(`const all = new data.TensorDataset(${name === "digits" ? images : "inputs"}, ${target});`);
  }
  return [...lines, `const [validation, training] = all.split(${validation}, { seed: ${seed} });`];
}

function tableLines(
  { validation, seed }: Experiment,
  { name, target, task, kinds }: TableData,
  column: string,
): string[] {
  const asked = [
    `target: ${JSON.stringify(target)}`,
    ...(task === null ? [] : [`task: ${JSON.stringify(task)}`]),
    ...(Object.keys(kinds).length === 0 ? [] : [`kinds: ${JSON.stringify(kinds)}`]),
  ];
  const file = JSON.stringify(name);
  // Nothing is encoded of a part without rows.
  const [names, parts] =
    validation > 0 ? ["training, validation", "split.train, split.validation"] : ["training", "split.train"];
  return [
    `const table = await tabular.readTable(await readFile(${file}), { name: ${file} });`,
    `const plan = tabular.planTable(table, { ${asked.join(", ")} });`,
    "const split = tabular.splitRows(plan.rows, {",
    `  seed: ${seed},`,
    `  validation: ${validation},`,
    "  test: 0,",
    "  labels: tabular.classNumbers(table, plan),",
    "  classNames: plan.target.classes,",
    "});",
    "const { preprocessing } = tabular.fitPreprocessing(table, split.train, plan);",
    `const [${names}] = [${parts}].map((rows) => {`,
    "  const { features, width } = tabular.applyPreprocessing(preprocessing, table, rows);",
    "  const target = tabular.encodeTarget(preprocessing, table, rows);",
    '  const values = target.kind === "classes" ? target.classes : target.values;',
    "  const labels = { data: values, shape: [rows.length] };",
    `  return new data.TensorDataset({ data: features, shape: [rows.length, width] }, ${column});`,
    "});",
  ];
}

/** The column of targets as the loss takes it. */
function targetOf({ loss, data }: Experiment, { task, classes }: BuiltExperiment): string {
  const rows = data.source === "table" ? "rows.length" : "sample.length";
  if (task === "regression") return data.source === "table" ? `{ data: labels.data, shape: [${rows}, 1] }` : "labels";
  if (loss.type === "CrossEntropyLoss" || loss.type === "NLLLoss") return "labels";
  if (classes === 2) return `{ data: Float32Array.from(labels.data), shape: [${rows}, 1] }`;
  return `tensor(labels.data, { dtype: "int32" }).oneHot(${classes}).to("float32")`;
}

function initOf(options: Record<string, OptionValue>): string | null {
  const { init } = options;
  return typeof init === "string" && init !== "default" ? init : null;
}

/** A function that draws the weights of a layer in some way and gives the layer back. */
function initLines(init: string): string[] {
  const more = init.startsWith("kaiming") ? ', { nonlinearity: "relu" }' : init === "normal" ? ", 0, 1" : "";
  return [
    `const ${init} = <L extends nn.Linear>(layer: L): L => {`,
    `  nn.init.${init}(layer.weight${more});`,
    "  if (layer.bias !== null) nn.init.zeros(layer.bias);",
    "  return layer;",
    "};",
  ];
}

function layerText({ type, options }: Part<keyof typeof LAYERS>, name: string): string {
  const specs: OptionSpecs = LAYERS[type].options;
  const own = Object.fromEntries(Object.entries(options).filter(([option]) => !NOT_OPTIONS.has(option)));
  const given = optionsText(own, specs);
  const sizes = name.slice(name.indexOf("(") + 1, -1);
  const made = `new nn.${type}(${[sizes, given].filter((each) => each !== "").join(", ")})`;
  const init = initOf(options);
  return init === null ? made : `${init}(${made})`;
}

/** The options that are not the library's defaults, as an object; nothing where there is none. */
function optionsText(options: Record<string, OptionValue>, specs: OptionSpecs): string {
  const changed = Object.entries(options).filter(([name, value]) => specs[name]?.default !== value);
  if (changed.length === 0) return "";
  return `{ ${changed.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")} }`;
}

function optimizerText({ type, options }: Experiment["optimizer"]): string {
  const specs: OptionSpecs = OPTIMIZERS[type].options;
  const { lr, beta1, beta2, ...rest } = options;
  const changed = Object.entries(rest).filter(([name, value]) => specs[name]?.default !== value);
  const given = [`lr: ${lr}`, ...changed.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)];
  if (beta1 !== undefined && (beta1 !== specs.beta1.default || beta2 !== specs.beta2.default))
    given.push(`betas: [${beta1}, ${beta2}]`);
  return `{ ${given.join(", ")} }`;
}
