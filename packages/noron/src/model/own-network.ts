import { nn, noGrad, zeros } from "@noron/core";
import { UsageError } from "../errors.ts";
import type { Network, NetworkShape } from "./network.ts";

/** What a network of the user's own is told. */
export interface NetworkRequest {
  /** Features of a row: the network takes [rows, inputs]. */
  inputs: number;
  /** Classes, or 1 for a number: the network gives [rows, outputs], logits or the standardised number. */
  outputs: number;
  /** The library's layers, for a file that imports nothing. */
  nn: typeof nn;
}

/**
 * How a network of the user's own is made, the default export of the file of `--model`: a function that gives it, or a
 * class of Module whose constructor takes the same.
 *
 *     export default ({ inputs, outputs, nn }) => new nn.Sequential(new nn.Linear(inputs, outputs));
 */
export type NetworkDefinition = ((request: NetworkRequest) => nn.Module) | (new (request: NetworkRequest) => nn.Module);

/** A network of the user's own, in numbers: what a run keeps of it. The code stays where it is. */
export interface OwnNetwork {
  inputs: number;
  outputs: number;
  /** The file that made it, as it was given, and the hash of its bytes. */
  module: { path: string; hash: string };
}

/** What a run says of its network. */
export type NetworkConfig = NetworkShape | OwnNetwork;

export function isOwn(network: NetworkConfig): network is OwnNetwork {
  return "module" in network;
}

/** The code of a network of the user's own, loaded because the user asked for it. */
export interface OwnModule {
  /** Where it comes from, for messages. */
  path: string;
  /** The hash of its file; undefined where there is none. */
  hash?: string;
  definition: unknown;
}

/**
 * Makes a network by the user's definition and tries it on two rows, so that a mistake in it is found before training.
 * @throws UsageError that says what is wrong with it
 */
export function buildOwnNetwork({ path, definition }: OwnModule, inputs: number, outputs: number): Network {
  const file = path;
  const failed = (error: unknown) => [{ file, problem: (error as Error).message, inputs }, { cause: error }] as const;
  if (typeof definition !== "function") throw new UsageError("no-default-export", { file });
  let model: unknown;
  try {
    const request: NetworkRequest = { inputs, outputs, nn };
    model = isClass(definition) ? new definition(request) : definition(request);
  } catch (error) {
    throw new UsageError("network-failed", ...failed(error));
  }
  if (model instanceof Promise) throw new UsageError("network-asynchronous", { file });
  if (!(model instanceof nn.Module)) throw new UsageError("no-module", { file });
  const layer = model as nn.Layer;
  let shape: readonly number[] = [];
  try {
    const said: unknown = noGrad(() => layer.eval().forward(zeros([2, inputs])));
    shape = (said as { shape?: readonly number[] } | null)?.shape ?? [];
  } catch (error) {
    throw new UsageError("network-inputs", ...failed(error));
  }
  if (shape.length !== 2 || shape[0] !== 2 || shape[1] !== outputs)
    throw new UsageError("network-outputs", { file, shape: shape.join(", "), outputs });
  return layer.train();
}

/** Whether a definition is a class of Module; a plain function is called. */
export function isClass(definition: unknown): definition is new (request: NetworkRequest) => nn.Module {
  return typeof definition === "function" && definition.prototype instanceof nn.Module;
}
