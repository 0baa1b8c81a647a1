import { io, type Tensor } from "@noron/core";
import { featureNames, imageFeatures, parsePreprocessing } from "@noron/tabular";
import type { AnyPreprocessing } from "../data/examples.ts";
import { InputError, UsageError } from "../errors.ts";
import { Problem } from "../language/problem.ts";
import { buildNetwork, countParameters, type Network } from "../model/network.ts";
import { buildOwnNetwork, isOwn, type OwnModule } from "../model/own-network.ts";
import { classesOf } from "../predict/predictions.ts";
import { bestOf, bestWeights, parseCheckpoint } from "./checkpoint.ts";
import { type KnownConfig, parseConfig } from "./config.ts";
import { RUN_FILES } from "./files.ts";

/** A trained network, ready for new data. */
export interface Run {
  /** Where it comes from, for messages. */
  name: string;
  config: KnownConfig;
  preprocessing: AnyPreprocessing;
  /** Names of the classes; empty for a regression. */
  classes: string[];
  /** In evaluation mode. */
  model: Network;
  /** Of a training that has not ended: the epoch whose weights these are, the best so far. */
  unfinished: Unfinished | null;
}

/** How far a training that has not ended has come. */
export interface Unfinished {
  /** The best epoch; 0 before the first is whole. */
  bestEpoch: number;
  /** How many are whole. */
  epochs: number;
}

/** The bytes of a run folder's files. */
export interface RunBytes {
  /** config.json */
  config: Uint8Array;
  /** preprocessing.json */
  preprocessing: Uint8Array;
  /** model.safetensors; of a training that has not ended checkpoint.safetensors, whose best weights are taken. */
  weights: Uint8Array;
}

/** Larger files of text are none that noron wrote. */
export const LARGEST_TEXT = 2 ** 27;

/**
 * Makes a run of the bytes of its files, trusting nothing in them: every file is checked, and that they belong together;
 * no code is run, and what is allocated is in proportion to the bytes that are there.
 * @param name where they come from: a folder, an address
 * @param own the code of the network, where the run was trained with --model FILE: a run names it, and holds none
 * @throws InputError, DataError; UsageError where that code is missing, or not needed
 */
export function parseRunFiles(name: string, files: RunBytes, own?: OwnModule): Run {
  const path = (file: string) => `${name}/${file}`;
  const config = parseConfigBytes(name, files.config);
  const preprocessing = parsePreprocessingBytes(name, files.preprocessing);
  checkTogether(name, config, preprocessing);
  checkOwn(name, config, own);
  const { tensors, file, unfinished } = config.finished
    ? { ...parseSafetensors(files.weights, path(RUN_FILES.weights)), unfinished: null }
    : parseBest(files.weights, path(RUN_FILES.checkpoint));
  const model = makeModel(tensors, files.weights.length, file, config, own);
  return { name, config, preprocessing, classes: classesOf(preprocessing), model, unfinished };
}

/** config.json of a run. @throws InputError */
export function parseConfigBytes(name: string, bytes: Uint8Array): KnownConfig {
  const path = `${name}/${RUN_FILES.config}`;
  return parseConfig(decodeText(bytes, path), path);
}

/** preprocessing.json of a run. @throws InputError, DataError */
export function parsePreprocessingBytes(name: string, bytes: Uint8Array): AnyPreprocessing {
  const path = `${name}/${RUN_FILES.preprocessing}`;
  return parsePreprocessing(decodeText(bytes, path), path);
}

function decodeText(bytes: Uint8Array, path: string): string {
  if (bytes.length > LARGEST_TEXT) throw new InputError("not-ours", { file: path, bytes: bytes.length });
  return new TextDecoder().decode(bytes);
}

/** That the data of a preprocessing are those that the network is for. @throws InputError */
export function checkTogether(
  name: string,
  { network, task, baseline }: KnownConfig,
  preprocessing: AnyPreprocessing,
): void {
  const refuse = (problem: Problem): never => {
    throw new InputError("run-mismatch", { folder: name, problem });
  };
  const images = preprocessing.input === "images";
  const inputs = images ? imageFeatures(preprocessing) : featureNames(preprocessing).length;
  const classes = classesOf(preprocessing);
  if (classes.length > 0 !== (task === "classification")) refuse(new Problem("other-task", { task }));
  if (inputs !== network.inputs) refuse(new Problem("other-inputs", { inputs: network.inputs, given: inputs }));
  const outputs = Math.max(1, classes.length);
  if (outputs !== network.outputs) refuse(new Problem("other-outputs", { outputs: network.outputs, needed: outputs }));
  if (task === "classification" && !(Number.isInteger(baseline) && baseline >= 0 && baseline < outputs))
    refuse(new Problem("no-such-baseline"));
}

/**
 * That the code of a network is given where a run needs it, and is what it was when the run was trained.
 * @throws UsageError, InputError
 */
export function checkOwn(
  name: string,
  { network }: KnownConfig,
  own: { path: string; hash?: string } | undefined,
): void {
  if (!isOwn(network)) {
    if (own === undefined) return;
    throw new UsageError("network-not-code", { folder: name, file: own.path });
  }
  const { path, hash } = network.module;
  if (own === undefined) {
    throw new UsageError("network-is-code", { folder: name, file: path, hash });
  }
  if (own.hash !== undefined && own.hash !== hash) {
    const trained = { trained: path, trainedHash: hash };
    throw new InputError("other-code", { folder: name, file: own.path, hash: own.hash, ...trained });
  }
}

interface Weights {
  tensors: Record<string, Tensor>;
  /** Where they come from, for messages. */
  file: string;
}

function parseSafetensors(bytes: Uint8Array, file: string): Weights {
  try {
    return { tensors: io.loadSafetensors(bytes).tensors, file };
  } catch (error) {
    if (error instanceof io.SafetensorsError)
      throw new InputError("bad-weights", { file, problem: `${error.message}.` });
    throw error;
  }
}

function parseBest(bytes: Uint8Array, file: string): Weights & { unfinished: Unfinished } {
  const checkpoint = parseCheckpoint(bytes, file);
  const { trainer } = checkpoint;
  const unfinished = { bestEpoch: bestOf(trainer).bestEpoch, epochs: trainer.history.length };
  return { tensors: bestWeights(checkpoint, file), file, unfinished };
}

/** The config may promise any size; the bytes that are there bound what is built. @throws InputError */
export function checkSize(network: KnownConfig["network"], size: number, path: string): void {
  const parameters = isOwn(network) ? 0 : countParameters(network);
  if (parameters * 4 > size) throw new InputError("too-few-weights", { file: path, parameters });
}

/** @param size of the file that the tensors come from */
function makeModel(
  tensors: Record<string, Tensor>,
  size: number,
  path: string,
  { network }: KnownConfig,
  own?: OwnModule,
): Network {
  checkSize(network, size, path);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor.dtype !== "int32" && !tensor.dataSync().every(Number.isFinite))
      throw new InputError("weights-not-finite", { file: path, name: JSON.stringify(name) });
  }
  const model = isOwn(network) ? buildOwnNetwork(own!, network.inputs, network.outputs) : buildNetwork(network);
  try {
    model.loadStateDict(tensors);
  } catch (error) {
    throw new InputError("bad-weights", { file: path, problem: (error as Error).message });
  }
  return model.eval();
}
