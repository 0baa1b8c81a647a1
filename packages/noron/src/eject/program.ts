import { dirname, relative, sep } from "node:path";
import type { HeldOut } from "../data/preparation.ts";
import type { PreparedData } from "../data/prepare.ts";
import type { Loaded } from "../data/source.ts";
import { UsageError } from "../errors.ts";
import { ACTIVATIONS, LOSSES, NORMS, OPTIMIZERS } from "../model/choices.ts";
import type { NetworkShape } from "../model/network.ts";
import { EVALUATION_BATCH } from "../model/outputs.ts";
import { isClass, isOwn, type NetworkConfig, type OwnModule } from "../model/own-network.ts";
import { SCHEDULES, type Schedule, scheduleOptions } from "../model/schedules.ts";
import type { Settings } from "../model/settings.ts";
import type { AnyData } from "../stream/open-data.ts";

/** A training that is to be written as a program. */
export interface Training {
  /** Where the program will lie. */
  file: string;
  loaded: AnyData;
  /** Rows that were given to choose the epoch by and to test on, where they are no shares of the data. */
  held: { validation?: number | AnyData; test?: number | AnyData };
  prepared: PreparedData;
  network: NetworkConfig;
  /** The code of the network, where it is the user's own. */
  own?: OwnModule;
  settings: Settings;
  /** What was asked for, where it was not left to the data. */
  task?: string;
}

/**
 * A training as a program that uses the library: it reads the same files, trains the same network to the same weights, and
 * prints the same scores. It is TypeScript without a type written out, so that it is JavaScript as well.
 * @throws UsageError for data that a program cannot read again
 */
export function writeProgram(training: Training): string {
  const { file, loaded, held, prepared, own } = training;
  for (const data of [loaded, held.validation, held.test]) if (typeof data === "object") requireReadAgain(data);
  const code = [
    ...(loaded.kind === "images" ? imageData(training) : tableData(training)),
    "",
    ...networkCode(training),
    "",
    ...trainingCode(training),
    "",
    ...scoringCode(prepared),
    "",
    ...savingCode(loaded.name),
  ].join("\n");
  const modules = ["data", "io", "manualSeed", "nn", "noGrad", "optim", "tabular", "tensor", "train"];
  const calls = ["mkdtemp", "readFile", "writeFile"];
  return `// What \`noron train\` does with ${training.loaded.files.map((file) => JSON.stringify(file)).join(" and ")}, as a program of its own.
// Save it as .ts for Node 22.18 and newer, Bun and Deno, or as .mjs; paths are taken from where it is started.
import { ${calls.join(", ")} } from "node:fs/promises";
import { join } from "node:path";
${own === undefined ? "" : `import network from ${show(pathFrom(dirname(file), own.path))};\n`}import { ${modules.join(", ")} } from "noron";

${code}
`;
}

function tableData({ loaded, held, prepared, task, settings }: Training): string[] {
  const { kinds, keep, split } = prepared.preparation;
  const asked = [
    `target: ${show(prepared.target)}`,
    ...(task === undefined ? [] : [`task: ${show(task)}`]),
    ...(Object.keys(kinds).length === 0 ? [] : [`kinds: { ${Object.entries(kinds).map(showMember).join(", ")} }`]),
    ...(keep === null ? [] : [`keep: ${show(keep)}`]),
    ...(isDefaultSplit(prepared) ? [] : [`split: ${show(split)}`]),
  ];
  const classes = prepared.task === "classification";
  const kind = classes ? "classes" : "number";
  const target = classes ? "{ data: target.classes, shape: [count] }" : "{ data: target.values, shape: [count, 1] }";
  const parts = [
    "{ table, rows: split.train }",
    typeof held.validation === "object"
      ? "{ table: validationTable, rows: undefined }"
      : "{ table, rows: split.validation }",
    typeof held.test === "object" ? "{ table: testTable, rows: undefined }" : "{ table, rows: split.test }",
  ];
  return [
    "// The table: columns are recognised, rows split, and made numbers as the training rows say.",
    `const table = ${readTables(loaded)};`,
    ...(typeof held.validation === "object" ? [`const validationTable = ${readTables(held.validation)};`] : []),
    ...(typeof held.test === "object" ? [`const testTable = ${readTables(held.test)};`] : []),
    `const plan = tabular.planTable(table, { ${asked.join(", ")} });`,
    `const split = tabular.splitTable(table, plan, { seed: ${settings.seed}, ${shares(prepared)} });`,
    "const { preprocessing } = tabular.fitPreprocessing(table, split.train, plan);",
    "const parts = [",
    ...parts.map((part) => `  ${part},`),
    "];",
    "const [training, validation, test] = parts.map(({ table, rows }) => {",
    "  const target = tabular.encodeTarget(preprocessing, table, rows);",
    `  if (target.kind !== ${show(kind)}) throw new Error("the target is of another kind");`,
    "  const { features, width } = tabular.applyPreprocessing(preprocessing, table, target.rows);",
    "  const count = target.rows.length;",
    `  const dataset = new data.TensorDataset({ data: features, shape: [count, width] }, ${target});`,
    "  return { dataset, target };",
    "});",
  ];
}

function readTables({ files }: Loaded): string {
  const reads = files.map((file) => `tabular.readTable(await readFile(${show(file)}), { name: ${show(file)} })`);
  if (reads.length === 1) return `await ${reads[0]}`;
  return `tabular.concatTables(await Promise.all([\n${reads.map((read) => `  ${read},\n`).join("")}]))`;
}

function isDefaultSplit({ task, preparation }: PreparedData): boolean {
  return preparation.split === (task === "classification" ? "stratified" : "random");
}

function imageData({ loaded, held, prepared, settings }: Training): string[] {
  const read = (pair: readonly string[]) =>
    `await tabular.readIdxImages(${pair
      .map((path) => `{ name: ${show(path)}, bytes: await readFile(${show(path)}) }`)
      .join(", ")})`;
  const ownTest = held.test === undefined ? loaded.files.slice(2, 4) : [];
  const own = {
    validation: typeof held.validation === "object" ? held.validation.files.slice(0, 2) : [],
    test: typeof held.test === "object" ? held.test.files.slice(0, 2) : ownTest,
  };
  const part = (name: "validation" | "test") =>
    own[name].length > 0
      ? `tabular.applyImages(preprocessing, ${name}Images)`
      : `tabular.applyImages(preprocessing, images, split.${name})`;
  const labels = prepared.preparation.split === "stratified" ? ", labels: images.labels" : "";
  return [
    "// Images with labels: split by the seed, and made numbers as the training images say.",
    `const images = ${read(loaded.files.slice(0, 2))};`,
    ...(own.validation.length > 0 ? [`const validationImages = ${read(own.validation)};`] : []),
    ...(own.test.length > 0 ? [`const testImages = ${read(own.test)};`] : []),
    "const rows = Int32Array.from({ length: images.count }, (_, row) => row);",
    `const split = tabular.splitRows(rows, { seed: ${settings.seed}, ${shares(prepared)}${labels} });`,
    "const preprocessing = tabular.fitImages(images, split.train);",
    "const parts = [",
    "  tabular.applyImages(preprocessing, images, split.train),",
    `  ${part("validation")},`,
    `  ${part("test")},`,
    "];",
    "const [training, validation, test] = parts.map(({ features, width, classes }) => {",
    '  if (classes === undefined) throw new Error("there are no labels");',
    "  const count = classes.length;",
    "  const dataset = new data.TensorDataset({ data: features, shape: [count, width] }, { data: classes, shape: [count] });",
    "  return { dataset, target: { classes } };",
    "});",
  ];
}

/** @throws UsageError for data that a program cannot read as the command did */
function requireReadAgain(data: AnyData): void {
  if (data.kind === "stream") throw new UsageError("eject-in-pieces", { data: data.name });
  if (data.kind === "images" && data.images.files !== undefined)
    throw new UsageError("eject-images", { data: data.name });
  if (data.files.length === 0 || data.files.includes("-")) throw new UsageError("eject-not-files");
}

/** The shares of the rows that are held out: none for a part that has rows of its own. */
function shares({ preparation: { validation, test } }: PreparedData): string {
  const share = (held: HeldOut | null) => (typeof held === "number" ? held : 0);
  return `validation: ${share(validation)}, test: ${share(test)}`;
}

function networkCode({ network, own, settings }: Training): string[] {
  const seeded = [
    "// The network. The seed fixes its first weights and what dropout drops.",
    `manualSeed(${settings.seed});`,
  ];
  if (!isOwn(network)) return [...seeded, ...layerCode(network)];
  const make = `${isClass(own?.definition) ? "new network" : "network"}({ inputs: ${network.inputs}, outputs: ${network.outputs}, nn })`;
  return [...seeded, `const model = ${make};`];
}

function layerCode({ inputs, hidden, outputs, activation, norm, dropout }: NetworkShape): string[] {
  const lines: string[] = [];
  let width = inputs;
  for (const features of hidden) {
    lines.push(`new nn.Linear(${width}, ${features})`);
    const normalize = NORMS[norm](features);
    if (normalize !== null) lines.push(`new nn.${className(normalize)}(${features})`);
    lines.push(`new nn.${className(ACTIVATIONS[activation]())}()`);
    if (dropout > 0) lines.push(`new nn.Dropout(${dropout})`);
    width = features;
  }
  lines.push(`new nn.Linear(${width}, ${outputs})`);
  return ["const model = new nn.Sequential(", ...lines.map((line) => `  ${line},`), ");"];
}

/** A path as an import takes it. */
function pathFrom(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

function className(object: object): string {
  return object.constructor.name;
}

function trainingCode({ prepared, settings }: Training): string[] {
  const { optimizer, optimizerOptions, lr, schedule, clipNorm, loss, classWeights, batch, epochs, patience, seed } =
    settings;
  const { algorithm } = OPTIMIZERS[optimizer];
  const weights = classWeights === null ? "" : `{ weight: tensor([${classWeights.join(", ")}]) }`;
  const metrics = prepared.task === "classification" ? ["  metrics: [train.accuracy()],"] : [];
  return [
    "// Training. The weights of the epoch with the best validation loss are kept.",
    `const optimizer = new optim.${algorithm.name}(model.parameters(), ${showOptions({ lr, ...optimizerOptions })});`,
    "const trainer = new train.Trainer({",
    "  model,",
    `  loss: new nn.${className(LOSSES[loss].make())}(${weights}),`,
    "  optimizer,",
    ...(schedule === null ? [] : [`  scheduler: ${scheduleCode(schedule, lr)},`]),
    ...(clipNorm === null ? [] : [`  clipNorm: ${clipNorm},`]),
    ...metrics,
    "});",
    `await trainer.fit(new data.DataLoader(training.dataset, { batchSize: ${batch}, shuffle: true, seed: ${seed} }), {`,
    `  epochs: ${epochs},`,
    `  validation: new data.DataLoader(validation.dataset, { batchSize: ${EVALUATION_BATCH} }),`,
    "  callbacks: [",
    `    train.earlyStopping({ monitor: "validationLoss", patience: ${patience === 0 ? "Infinity" : patience} }),`,
    '    { onEpochEnd: ({ epoch, loss, validationLoss }) => console.error("epoch", epoch, loss, validationLoss) },',
    "  ],",
    "});",
  ];
}

function scheduleCode(schedule: Schedule, lr: number): string {
  return `new optim.${SCHEDULES[schedule.name].algorithm.name}(optimizer, ${showOptions(scheduleOptions(schedule, lr))})`;
}

function showOptions(options: object): string {
  const members = Object.entries(options).map(([name, value]) => `${name}: ${show(value)}`);
  return `{ ${members.join(", ")} }`;
}

function scoringCode({ task, outputs, test }: PreparedData): string[] {
  const shape = task === "classification" ? `[${test.count}, ${outputs}]` : null;
  const compared =
    shape !== null
      ? [`const prediction = tensor(said, { shape: ${shape} });`, "const target = tensor(test.target.classes);"]
      : [
          'if (preprocessing.target.kind !== "number") throw new Error("the target is no number");',
          "const prediction = tensor(tabular.restoreTarget(preprocessing.target, said));",
          "const target = tensor(test.target.original);",
        ];
  const metrics =
    shape !== null
      ? ["train.accuracy()", 'train.f1({ average: "macro" })']
      : ["train.rmse()", "train.mae()", "train.r2()"];
  return [
    "// The scores on rows that were not trained on.",
    "model.eval();",
    `const said = new Float32Array(${test.count * outputs});`,
    "let place = 0;",
    `for (const [x] of new data.DataLoader(test.dataset, { batchSize: ${EVALUATION_BATCH} })) {`,
    "  const outputs = await noGrad(() => model.forward(x)).data();",
    "  said.set(outputs, place);",
    "  place += outputs.length;",
    "}",
    ...compared,
    `for (const metric of [${metrics.join(", ")}]) {`,
    "  metric.update(prediction, target);",
    "  console.log(metric.name, metric.compute());",
    "}",
  ];
}

function savingCode(name: string): string[] {
  const folder = name.replace(/\..*$/, "").replace(/[^\p{L}\p{N}_-]+/gu, "-") || "model";
  return [
    "// A new folder with the weights, which PyTorch reads too, and with what is done to rows.",
    `const folder = await mkdtemp(${show(`${folder}-`)});`,
    'await writeFile(join(folder, "model.safetensors"), io.saveSafetensors(model.stateDict(), { format: "pt" }));',
    'await writeFile(join(folder, "preprocessing.json"), JSON.stringify(preprocessing));',
    'console.log("saved in", folder);',
  ];
}

/** A member of an object; the one name that would be no member as it is goes into brackets. */
function showMember([name, value]: [string, unknown]): string {
  return `${name === "__proto__" ? `[${show(name)}]` : show(name)}: ${show(value)}`;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
