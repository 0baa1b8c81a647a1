import { type EngineInfo, engineInfo, io, Tensor, tensor, type train } from "@noron/core";
import { InputError } from "../errors.ts";
import { Problem } from "../language/problem.ts";

/** What may change the last bits of results. */
export type Engine = Pick<EngineInfo, "backend" | "blas" | "relaxedSimd">;

/** checkpoint.safetensors of a run folder: all that its training needs to go on. */
export interface Checkpoint {
  /** The version of noron, and the engine, that computed it. */
  noron: string;
  engine: Engine;
  trainer: train.TrainerState;
}

const FORMAT = "noron-checkpoint";

/** The engine that computes here. */
export function presentEngine(): Engine {
  const { backend, blas, relaxedSimd } = engineInfo();
  return { backend, blas, relaxedSimd };
}

/** A checkpoint as bytes. */
export function writeCheckpoint({ noron, engine, trainer }: Checkpoint): Uint8Array {
  const { history, ...rest } = trainer;
  const state = {
    format: FORMAT,
    version: 1,
    noron,
    engine: { ...engine },
    trainer: { ...rest, history: pack(history) },
  };
  return io.saveState(state);
}

/**
 * Reads a checkpoint, trusting nothing: whether it belongs to a training is for that to check.
 * @throws InputError that says what is wrong with it
 */
export function parseCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  const refuse = (problem: Problem | string): never => {
    throw new InputError("bad-checkpoint", { file, problem });
  };
  let state: unknown;
  try {
    state = io.loadState(bytes);
  } catch (error) {
    if (error instanceof io.SafetensorsError) return refuse(error.message);
    throw error;
  }
  const { format, version, noron, engine, trainer } = asRecord(state);
  if (format !== FORMAT) refuse(new Problem("something-else"));
  if (version !== 1) refuse(new Problem("other-version"));
  const { backend, blas, relaxedSimd } = asRecord(engine);
  if (typeof noron !== "string" || typeof backend !== "string" || typeof relaxedSimd !== "boolean")
    refuse(new Problem("no-engine"));
  const { history, ...rest } = asRecord(trainer);
  const { epoch, batch, callbacks } = rest;
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(batch)) refuse(new Problem("no-place"));
  const stopping = Array.isArray(callbacks) && callbacks.length === 1 ? asRecord(callbacks[0]) : {};
  if (typeof stopping.best !== "number" || !Number.isSafeInteger(stopping.bestEpoch) || stopping.weights === undefined)
    refuse(new Problem("no-best-epoch"));
  return {
    noron: noron as string,
    engine: { backend, blas: typeof blas === "string" ? blas : null, relaxedSimd } as Engine,
    trainer: {
      ...rest,
      history: unpack(history) ?? refuse(new Problem("no-history")),
    } as unknown as train.TrainerState,
  };
}

/** What a training remembers of its best epoch; it is told of epochs by nothing else that remembers something. */
export function bestOf({ callbacks }: train.TrainerState): train.EarlyStoppingState {
  return callbacks[0] as train.EarlyStoppingState;
}

/** The weights of the best epoch so far; those of now before the first is whole. */
export function bestWeights({ trainer }: Checkpoint, file: string): Record<string, Tensor> {
  const weights = asRecord(bestOf(trainer).weights ?? trainer.model);
  if (Object.keys(weights).length === 0 || !Object.values(weights).every((value) => value instanceof Tensor))
    throw new InputError("bad-checkpoint", { file, problem: new Problem("no-weights") });
  return weights as Record<string, Tensor>;
}

/** Something that may change the last bits, as it was and as it is. */
export interface Difference {
  what: "backend" | "blas" | "relaxedSimd" | "noron";
  was: string | boolean | null;
  is: string | boolean | null;
}

/** What makes the last bits differ from those of a training that was never stopped; nothing, if they will not. */
export function differences(
  checkpoint: Pick<Checkpoint, "noron" | "engine">,
  noron: string,
  engine: Engine,
): Difference[] {
  const was = { ...checkpoint.engine, noron: checkpoint.noron };
  const is = { ...engine, noron };
  return (["backend", "blas", "relaxedSimd", "noron"] as const)
    .filter((what) => was[what] !== is[what])
    .map((what) => ({ what, was: was[what], is: is[what] }));
}

/** The epochs' numbers as one tensor: as text, those of a long training would be most of the file. */
function pack(history: readonly train.EpochLog[]): { names: string[]; values: Tensor } {
  const names = Object.keys(history[0] ?? {});
  const values = Float64Array.from(history.flatMap((log) => names.map((name) => log[name])));
  return { names, values: tensor(values, { shape: [history.length, names.length] }) };
}

function unpack(packed: unknown): train.EpochLog[] | null {
  const { names, values } = asRecord(packed);
  if (!Array.isArray(names) || !(values instanceof Tensor) || values.shape.length !== 2) return null;
  const [epochs, columns] = values.shape;
  if (columns !== names.length) return null;
  const numbers = values.dataSync();
  return Array.from({ length: epochs }, (_, epoch) => {
    const entries = names.map((name, column) => [String(name), Number(numbers[epoch * columns + column])]);
    return Object.fromEntries(entries) as train.EpochLog;
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
