import { io, type train } from "@noron/core";
import { expect, test } from "vitest";
import type { Examples } from "../data/examples.ts";
import { parseCheckpoint, presentEngine, writeCheckpoint } from "../run/checkpoint.ts";
import { FitInterrupted, type FitObserver, fitNetwork, type Keeper } from "./fit.ts";
import { buildNetwork, type NetworkShape } from "./network.ts";
import type { Settings } from "./settings.ts";

const ROWS = 50;
const BATCH = 10;
const BATCHES = ROWS / BATCH;

/** Rows of two classes that overlap, so that early stopping has something to stop at. */
function examples(rows: number, seed: number): Examples {
  const classes = Int32Array.from({ length: rows }, (_, row) => row % 2);
  const inputs = Float32Array.from({ length: rows * 2 }, (_, index) => {
    const side = Math.floor(index / 2) % 2 === 0 ? 1 : -1;
    return side + 3 * Math.sin((index + 1) * 12.9898 * seed);
  });
  const target = { kind: "classes", classes } as const;
  return { inputs, width: 2, count: rows, rows: Int32Array.from({ length: rows }, (_, row) => row), target, notes: [] };
}

const shape: NetworkShape = { inputs: 2, hidden: [8], outputs: 2, activation: "relu", norm: "batch", dropout: 0.3 };
const settings: Settings = {
  ...{
    hidden: [8],
    activation: "relu",
    norm: "batch",
    dropout: 0.3,
    loss: "cross-entropy",
    classWeights: [1, 2],
    optimizer: "adamw",
  },
  ...{ optimizerOptions: {}, schedule: null, clipNorm: null },
  ...{ lr: 0.05, batch: BATCH, epochs: 6, patience: 0, seed: 3 },
};

interface Told {
  /** The epochs' lines, and all checkpoints as bytes. */
  lines: train.EpochLog[];
  checkpoints: Uint8Array[];
}

interface Options {
  changes?: Partial<Settings>;
  /** Ctrl-C comes while so many batches have been done. */
  interruptAfter?: number;
  resume?: Uint8Array;
}

async function fit({ changes, interruptAfter, resume }: Options, told: Told = { lines: [], checkpoints: [] }) {
  const controller = new AbortController();
  let batches = 0;
  const observer: FitObserver = {
    begin() {},
    batch() {
      batches++;
      if (batches === interruptAfter) controller.abort();
    },
    epoch() {},
    end() {},
  };
  const keeper: Keeper = {
    addEpoch: (log) => void told.lines.push(log),
    saveState: (trainer) =>
      void told.checkpoints.push(writeCheckpoint({ noron: "0", engine: presentEngine(), trainer })),
  };
  const request = {
    build: () => buildNetwork(shape),
    settings: { ...settings, ...changes },
    training: examples(ROWS, 1),
    validation: examples(20, 2),
    resume: resume && parseCheckpoint(resume, "checkpoint").trainer,
  };
  const fitted = await fitNetwork(request, observer, keeper, controller.signal);
  const plain = (logs: train.EpochLog[]) => logs.map(({ seconds: _, ...rest }) => rest);
  return {
    weights: io.saveSafetensors(fitted.model.stateDict()),
    numbers: [plain(fitted.epochs), fitted.bestEpoch, fitted.stopped, fitted.findings],
    lines: plain(told.lines),
    checkpoints: told.checkpoints,
  };
}

/** Trains until Ctrl-C, then goes on from what was kept. */
async function interrupted(interruptAfter: number, changes?: Partial<Settings>) {
  const told: Told = { lines: [], checkpoints: [] };
  const error = await fit({ interruptAfter, changes }, told).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FitInterrupted);
  const { epoch, batch } = error as FitInterrupted;
  expect((epoch - 1) * BATCHES + (batch ?? BATCHES)).toBe(interruptAfter);
  const kept = told.checkpoints.at(-1)!;
  // What was noted of epochs that are in the checkpoint stays; here all of them are.
  expect(told.lines).toHaveLength(parseCheckpoint(kept, "kept").trainer.history.length);
  return fit({ resume: kept, changes }, { lines: told.lines, checkpoints: [] });
}

test("interrupted after any batch, and gone on with, a training is the one that never stopped, to the bit", async () => {
  const whole = await fit({});
  expect(whole.numbers[0]).toHaveLength(6);
  for (let batch = 1; batch < 6 * BATCHES; batch += batch < 12 ? 1 : 4) {
    const found = await interrupted(batch);
    expect(found.numbers, `batch ${batch}`).toEqual(whole.numbers);
    expect(found.lines).toEqual(whole.lines);
    expect(Buffer.compare(found.weights, whole.weights), `batch ${batch}`).toBe(0);
    expect(stateOf(found.checkpoints.at(-1)!)).toEqual(stateOf(whole.checkpoints.at(-1)!));
  }
});

test.each<[string, Partial<Settings>]>([
  ["one-cycle", { schedule: { name: "one-cycle", options: { totalSteps: 6 * BATCHES } } }],
  ["plateau, clipped", { schedule: { name: "plateau", options: { factor: 0.5, patience: 0 } }, clipNorm: 0.5 }],
  [
    "step, momentum",
    {
      ...{ schedule: { name: "step", options: { stepSize: 2, gamma: 0.5 } }, optimizer: "nesterov" },
      optimizerOptions: { momentum: 0.8, nesterov: true, weightDecay: 0.01 },
    },
  ],
])("with a schedule: %s", async (_, changes) => {
  const whole = await fit({ changes });
  expect(new Set(whole.lines.map(({ lr }) => lr)).size).toBeGreaterThan(1);
  for (const batch of [7, 15]) {
    const found = await interrupted(batch, changes);
    expect(found.numbers).toEqual(whole.numbers);
    expect(Buffer.compare(found.weights, whole.weights)).toBe(0);
  }
});

test("with early stopping too, and its best weights", async () => {
  const changes = { epochs: 60, patience: 2 };
  const whole = await fit({ changes });
  const [epochs, best, stopped] = whole.numbers;
  expect((epochs as unknown[]).length).toBe((best as number) + 2);
  expect(stopped).toMatch(/not become better/);
  for (const batch of [2, ((epochs as unknown[]).length - 1) * BATCHES - 1]) {
    const found = await interrupted(batch, changes);
    expect(found.numbers).toEqual(whole.numbers);
    expect(Buffer.compare(found.weights, whole.weights)).toBe(0);
  }
});

test("gone on with after its end: more epochs, or more patience, give what they would have given at once", async () => {
  const many = { epochs: 9 };
  const whole = await fit({ changes: many });
  const short = await fit({});
  const more = await fit({ changes: many, resume: short.checkpoints.at(-1)! }, { lines: [], checkpoints: [] });
  expect(more.numbers).toEqual(whole.numbers);
  expect(Buffer.compare(more.weights, whole.weights)).toBe(0);
  expect(Buffer.compare(short.weights, whole.weights)).not.toBe(0);

  const patient = { epochs: 40, patience: 9 };
  const impatient = await fit({ changes: { ...patient, patience: 2 } });
  const expected = await fit({ changes: patient });
  const found = await fit({ changes: patient, resume: impatient.checkpoints.at(-1)! });
  expect((found.numbers[0] as unknown[]).length).toBeGreaterThan((impatient.numbers[0] as unknown[]).length);
  expect(found.numbers).toEqual(expected.numbers);
  expect(Buffer.compare(found.weights, expected.weights)).toBe(0);
  // With the same patience there is nothing more to do.
  const again = await fit({ changes: { ...patient, patience: 2 }, resume: impatient.checkpoints.at(-1)! });
  expect(again.lines).toEqual([]);
  expect(again.numbers).toEqual(impatient.numbers);
});

/** A checkpoint without the time it took. */
function stateOf(bytes: Uint8Array): unknown {
  const { trainer } = parseCheckpoint(bytes, "checkpoint");
  const history = trainer.history.map(({ seconds: _, ...rest }) => rest);
  return io.saveState({ ...trainer, seconds: 0, history });
}
