import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { io, type Tensor } from "@noron/core";
import { featureNames, nearestName, parsePreprocessing } from "@noron/tabular";
import type { AnyPreprocessing } from "../data/examples.ts";
import { readBytes } from "../data/files.ts";
import { InputError } from "../errors.ts";
import { buildNetwork, countParameters, type Network } from "../model/network.ts";
import { type KnownConfig, parseConfig } from "./config.ts";
import { RUN_FILES } from "./write.ts";

/** A trained network, ready for new data. */
export interface Run {
  folder: string;
  config: KnownConfig;
  preprocessing: AnyPreprocessing;
  /** Names of the classes; empty for a regression. */
  classes: string[];
  model: Network;
}

/** Larger files of text are none that noron wrote. */
const LARGEST_TEXT = 2 ** 27;

/**
 * Reads a run folder, trusting nothing in it: every file is checked, and that they belong together.
 * @throws InputError, DataError
 */
export function readRun(folder: string): Run {
  requireRunFolder(folder);
  const file = (name: string) => join(folder, name);
  const config = parseConfig(readText(file(RUN_FILES.config)), file(RUN_FILES.config));
  const preprocessing = parsePreprocessing(readText(file(RUN_FILES.preprocessing)), file(RUN_FILES.preprocessing));
  const classes = checkTogether(folder, config, preprocessing);
  return { folder, config, preprocessing, classes, model: readModel(file(RUN_FILES.weights), config) };
}

function requireRunFolder(folder: string): void {
  if (!existsSync(folder)) {
    const nearest = nearestName(folder, knownRuns());
    const help = nearest === undefined ? "noron train makes one." : `Did you mean ${nearest}?`;
    throw new InputError(`${folder}: there is no such run folder. ${help}`);
  }
  if (!statSync(folder).isDirectory()) {
    throw new InputError(`${folder} is a file, and a run is a folder: give the folder that noron train has made.`);
  }
  for (const name of [RUN_FILES.config, RUN_FILES.preprocessing, RUN_FILES.weights]) {
    if (existsSync(join(folder, name))) continue;
    throw new InputError(`${folder} is no run folder, or a damaged one: it has no ${name}.`);
  }
}

function knownRuns(): string[] {
  try {
    return readdirSync("runs").map((name) => join("runs", name));
  } catch {
    return [];
  }
}

function readText(path: string): string {
  const { bytes } = readBytes(path);
  if (bytes.length > LARGEST_TEXT) throw new InputError(`${path}: ${bytes.length} bytes are no file that noron wrote.`);
  return new TextDecoder().decode(bytes);
}

function checkTogether(
  folder: string,
  { network, task, baseline }: KnownConfig,
  preprocessing: AnyPreprocessing,
): string[] {
  const refuse = (problem: string): never => {
    throw new InputError(`${folder}: the files of this run do not belong together: ${problem}.`);
  };
  const images = preprocessing.input === "images";
  const inputs = images ? preprocessing.height * preprocessing.width : featureNames(preprocessing).length;
  const classes = images ? preprocessing.classes : classesOf(preprocessing.target);
  if (classes.length > 0 !== (task === "classification")) refuse(`the task is ${task}, and the target is another`);
  if (inputs !== network.inputs) refuse(`the network takes ${network.inputs} features, and the data give ${inputs}`);
  const outputs = Math.max(1, classes.length);
  if (outputs !== network.outputs) refuse(`the network gives ${network.outputs} outputs, and ${outputs} are needed`);
  if (task === "classification" && !(Number.isInteger(baseline) && baseline >= 0 && baseline < outputs))
    refuse("the baseline is none of the classes");
  return classes;
}

function classesOf(target: { kind: "classes"; classes: string[] } | { kind: "number" }): string[] {
  return target.kind === "classes" ? target.classes : [];
}

function readModel(path: string, { network }: KnownConfig): Network {
  let tensors: Record<string, Tensor>;
  const { bytes } = readBytes(path);
  try {
    ({ tensors } = io.loadSafetensors(bytes));
  } catch (error) {
    if (error instanceof io.SafetensorsError) throw new InputError(`${path}: ${error.message}.`);
    throw error;
  }
  // The config may promise any size; the bytes that are there bound what is built.
  const parameters = countParameters(network);
  if (parameters * 4 > bytes.length) {
    throw new InputError(`${path}: the network has ${parameters} parameters by its config, and this file has fewer.`);
  }
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor.dtype !== "int32" && !tensor.dataSync().every(Number.isFinite))
      throw new InputError(`${path}: ${JSON.stringify(name)} holds numbers that are not finite.`);
  }
  const model = buildNetwork(network);
  try {
    model.loadStateDict(tensors);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`);
  }
  return model.eval();
}
