import { LAYERS, type LayerType, LOSSES, type LossType, OPTIMIZERS, type OptimizerType } from "./catalog.ts";
import { type Experiment, SAMPLES, type SampleName } from "./experiment.ts";
import { isOptionValue, type OptionSpecs, type OptionValue, type Part } from "./options.ts";
import { preset } from "./presets.ts";
import { suitLayers, suitLoss, taskOf } from "./suit.ts";

/** What the address of the page holds after its #. */
export interface Link {
  view: View;
  /** What is shown within a view, such as a lesson. */
  page: string;
  experiment: Experiment;
  /** How many batches are learned when the page opens; null: it runs. */
  step: number | null;
  /** Parts that are not shown, as a teacher wants it. */
  hidden: string[];
  language: "en" | "vi" | null;
}

export const VIEWS = ["run", "data", "network", "train", "inside", "lessons"] as const;
export type View = (typeof VIEWS)[number];

/** What `hide` in an address can name; `all` is all of it. */
const HIDEABLE = [...VIEWS, "controls", "presets", "diagram", "notes", "closer", "code", "all"];

const KINDS = ["number", "category", "boolean", "date", "ignore"] as const;
const LARGEST_SEED = Number.MAX_SAFE_INTEGER;

/** The address that stands for all of this. */
export function writeLink({ view, page, experiment, step, hidden, language }: Link): string {
  const { data, validation, layers, loss, optimizer, batchSize, seed } = experiment;
  const fields: Record<string, string> = {};
  if (data.source === "sample") {
    const { name, count, noise, classes } = data;
    fields.data = [name, count, noise, classes].join(",");
  } else {
    fields.table = data.name;
    fields.target = data.target;
    if (data.task !== null) fields.task = data.task;
    const kinds = Object.entries(data.kinds);
    if (kinds.length > 0) fields.kinds = JSON.stringify(Object.fromEntries(kinds));
  }
  fields.validation = String(validation);
  fields.layers = layers.map((each) => writePart(each, LAYERS[each.type].options)).join(",");
  fields.loss = writePart(loss, LOSSES[loss.type].options);
  fields.optimizer = writePart(optimizer, OPTIMIZERS[optimizer.type].options);
  fields.batch = String(batchSize);
  fields.seed = String(seed);
  if (step !== null) fields.step = String(step);
  if (hidden.length > 0) fields.hide = hidden.join(",");
  if (language !== null) fields.lang = language;
  const query = Object.entries(fields).map(([name, value]) => `${name}=${escape(value)}`);
  return `#${page === "" ? view : `${view}/${encodeURIComponent(page)}`}?${query.join("&")}`;
}

/** Commas, semicolons and equal signs may stand in a fragment as they are, and make it legible. */
function escape(text: string): string {
  return encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3B/g, ";").replace(/%3D/g, "=");
}

function writePart({ type, options }: Part, specs: OptionSpecs): string {
  const changed = Object.entries(options).filter(([name, value]) => specs[name] && specs[name].default !== value);
  return [type, ...changed.map(([name, value]) => `${name}=${value === null ? "auto" : value}`)].join(";");
}

/** What stands in an address: the path, and the fields behind the question mark. */
function splitLink(fragment: string): { path: string; fields: Map<string, string> } {
  const [path, query = ""] = fragment.replace(/^#/, "").split("?", 2);
  const fields = new Map<string, string>();
  for (const pair of query.split("&")) {
    const at = pair.indexOf("=");
    if (at > 0) fields.set(pair.slice(0, at), decode(pair.slice(at + 1)));
  }
  return { path, fields };
}

/** Reads an address; what is missing in it, or makes no sense, is as in the first preset. */
export function readLink(fragment: string): Link {
  const { path, fields } = splitLink(fragment);
  const [name, page = ""] = path.split("/", 2);
  const view = VIEWS.find((each) => each === name) ?? "train";
  const experiment = preset("spirals");
  readData(fields, experiment);
  // What an address says nothing of is as it would be if the data were chosen on the page.
  if (experiment.data.source === "sample") {
    suitLoss(experiment, taskOf(experiment.data.name), null);
    suitLayers(experiment, experiment.data.name);
  }
  const share = readNumber(fields.get("validation"), 0, 0.9);
  if (share !== null) experiment.validation = share;
  const layers = fields
    .get("layers")
    ?.split(",")
    // A network may have lost its last layer.
    .filter((text, _, all) => text !== "" || all.length > 1)
    .map((text) => readPart<LayerType>(text, LAYERS));
  if (layers?.every((each) => each !== null)) experiment.layers = layers;
  experiment.loss = readPart<LossType>(fields.get("loss") ?? "", LOSSES) ?? experiment.loss;
  experiment.optimizer = readPart<OptimizerType>(fields.get("optimizer") ?? "", OPTIMIZERS) ?? experiment.optimizer;
  experiment.batchSize = readWhole(fields.get("batch"), 1, 10_000) ?? experiment.batchSize;
  experiment.seed = readWhole(fields.get("seed"), 0, LARGEST_SEED) ?? experiment.seed;
  const language = fields.get("lang");
  return {
    view,
    page: decode(page),
    experiment,
    step: readWhole(fields.get("step"), 0, 1e7),
    hidden:
      fields
        .get("hide")
        ?.split(",")
        .filter((part) => part !== "") ?? [],
    language: language === "en" || language === "vi" ? language : null,
  };
}

/** The pieces of an address that make no sense, as they stand in it. */
export function misreadIn(fragment: string): string[] {
  const { path, fields } = splitLink(fragment);
  const [view] = path.split("/", 1);
  const found = view === "" || VIEWS.some((each) => each === view) ? [] : [view];
  for (const [name, text] of fields)
    found.push(...(Object.hasOwn(MISREAD, name) ? MISREAD[name](text) : [text]).map((piece) => `${name}=${piece}`));
  return found;
}

const unless = (fits: boolean, text: string): string[] => (fits ? [] : [text]);
const among = (names: readonly string[]) => (text: string) =>
  text.split(",").filter((each) => each !== "" && !names.includes(each));

/** By field, what of its text makes no sense. */
const MISREAD: Readonly<Record<string, (text: string) => string[]>> = {
  data: (text) => {
    const [name, count = "", noise = "", classes = ""] = text.split(",");
    const fits =
      SAMPLES.includes(name as SampleName) &&
      (count === "" || readWhole(count, 10, 5000) !== null) &&
      (noise === "" || readNumber(noise, 0, 1) !== null) &&
      (classes === "" || readWhole(classes, 2, 8) !== null);
    return unless(fits, text);
  },
  table: () => [],
  target: () => [],
  task: among(["classification", "regression"]),
  kinds: (text) => {
    try {
      const kinds: unknown[] = Object.values(JSON.parse(text) as object);
      return unless(
        kinds.every((kind) => KINDS.some((each) => each === kind)),
        text,
      );
    } catch {
      return [text];
    }
  },
  validation: (text) => unless(readNumber(text, 0, 0.9) !== null, text),
  layers: (text) => (text === "" ? [] : text.split(",").flatMap((part) => misreadOfPart(part, LAYERS))),
  loss: (text) => misreadOfPart(text, LOSSES),
  optimizer: (text) => misreadOfPart(text, OPTIMIZERS),
  batch: (text) => unless(readWhole(text, 1, 10_000) !== null, text),
  seed: (text) => unless(readWhole(text, 0, LARGEST_SEED) !== null, text),
  step: (text) => unless(readWhole(text, 0, 1e7) !== null, text),
  hide: among(HIDEABLE),
  lang: among(["en", "vi"]),
};

function misreadOfPart(text: string, catalog: Readonly<Record<string, { options: OptionSpecs }>>): string[] {
  const [type, ...pairs] = text.split(";");
  if (!Object.hasOwn(catalog, type)) return [text];
  const specs = catalog[type].options;
  return pairs
    .filter((pair) => {
      const [name, value = ""] = pair.split("=", 2);
      return !Object.hasOwn(specs, name) || !isOptionValue(specs[name], readValue(value));
    })
    .map((pair) => `${type};${pair}`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readData(fields: ReadonlyMap<string, string>, experiment: Experiment): void {
  const table = fields.get("table");
  if (table !== undefined) {
    const task = fields.get("task");
    experiment.data = {
      source: "table",
      name: table,
      target: fields.get("target") ?? "",
      task: task === "classification" || task === "regression" ? task : null,
      kinds: readKinds(fields.get("kinds")),
    };
    return;
  }
  const given = fields.get("data")?.split(",");
  if (given === undefined || !SAMPLES.includes(given[0] as SampleName)) return;
  const { data } = experiment;
  if (data.source !== "sample") return;
  data.name = given[0] as SampleName;
  data.count = readWhole(given[1], 10, 5000) ?? data.count;
  data.noise = readNumber(given[2], 0, 1) ?? data.noise;
  data.classes = readWhole(given[3], 2, 8) ?? data.classes;
}

function readKinds(text: string | undefined): Record<string, (typeof KINDS)[number]> {
  try {
    const given: unknown = JSON.parse(text ?? "{}");
    const entries = Object.entries(given as object).filter(([, kind]) => KINDS.includes(kind));
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

function readPart<Type extends string>(
  text: string,
  catalog: Readonly<Record<string, { options: OptionSpecs }>>,
): Part<Type> | null {
  const [type, ...pairs] = text.split(";");
  if (!Object.hasOwn(catalog, type)) return null;
  const specs = catalog[type].options;
  const options: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(specs)) options[name] = spec.default;
  for (const pair of pairs) {
    const [name, value = ""] = pair.split("=", 2);
    if (!Object.hasOwn(specs, name)) continue;
    const read = readValue(value);
    if (isOptionValue(specs[name], read)) options[name] = read;
  }
  return { type: type as Type, options };
}

function readValue(text: string): OptionValue {
  if (text === "auto") return null;
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function readNumber(text: string | undefined, least: number, most: number): number | null {
  if (text === undefined || text === "") return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

function readWhole(text: string | undefined, least: number, most: number): number | null {
  const value = readNumber(text, least, most);
  return value !== null && Number.isInteger(value) ? value : null;
}
