import { describe, expect, test } from "vitest";
import { data, getRandomState, io, manualSeed, nn, optim, rand, type Tensor, tensor, train } from "../index.ts";

type Schedule = "none" | "step" | "one-cycle" | "plateau";

interface Options {
  /** A module of one's own, whose steps are traced and not compiled. */
  own?: boolean;
  schedule?: Schedule;
  /** Batches from a generator that draws its order from the process's random numbers. */
  generator?: boolean;
  watch?: boolean;
  patience?: number;
  /** What the weights come from: a resumed training takes none of its own. */
  seed?: number;
  epochs?: number;
}

const EPOCHS = 6;
const ROWS = 61;
const BATCHES = 6;

function prepare({ own, schedule = "none", generator, patience = 3, seed = 7 }: Options) {
  manualSeed(seed);
  const layers = new nn.Sequential(
    new nn.Linear(2, 12),
    new nn.BatchNorm1d(12),
    new nn.ReLU(),
    new nn.Dropout(0.3),
    new nn.Linear(12, 3),
  );
  class Own extends nn.Module {
    inner = layers;
    forward(x: Tensor): Tensor {
      return this.inner.forward(x as Tensor<[number, 2]>);
    }
  }
  const model = (own ? new Own() : layers) as unknown as nn.Layer;
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05 });
  const schedules = {
    none: () => undefined,
    step: () => new optim.StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
    "one-cycle": () => new optim.OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: EPOCHS * BATCHES }),
    plateau: () => new optim.ReduceLROnPlateau(optimizer, { patience: 0, threshold: 0.05 }),
  };
  const set = data.samples.blobs({ count: ROWS, classes: 3, noise: 1.5 });
  // The loader's seed comes from the process's random numbers, and so from the state.
  const loader = new data.DataLoader(set, { batchSize: 10, shuffle: true });
  const batches = {
    *[Symbol.iterator]() {
      const order = rand([ROWS]).dataSync();
      const rows = [...order.keys()].sort((a, b) => order[a] - order[b]);
      for (let start = 0; start + 10 <= ROWS; start += 10) yield set.batch(rows.slice(start, start + 10));
    },
  };
  const trainer = new train.Trainer({
    model,
    loss: new nn.CrossEntropyLoss(),
    optimizer,
    metrics: [train.accuracy(), train.f1()],
    scheduler: schedules[schedule](),
    clipNorm: 1,
  });
  const validation = new data.DataLoader(data.samples.blobs({ count: 40, classes: 3, noise: 1.5, seed: 2 }), {
    batchSize: 16,
    shuffle: true,
  });
  const stopping = train.earlyStopping({ patience });
  return {
    model,
    optimizer,
    trainer,
    loader: generator ? batches : loader,
    validation,
    stopping,
    log: train.history(),
  };
}

/** Everything that is to be the same: weights, what the optimizer remembers, random numbers, and all numbers. */
function outcome({ model, optimizer, stopping, log }: ReturnType<typeof prepare>, history: train.History) {
  const plain = (epochs: train.EpochLog[]) => epochs.map(({ seconds: _, ...rest }) => rest);
  const bytes = io.saveState({ model: model.stateDict(), optimizer: optimizer.stateDict() });
  const { best, bestEpoch } = stopping;
  const numbers = [plain(history.epochs), plain(log.epochs), history.stopped, best, bestEpoch];
  return { bytes, numbers, random: getRandomState() };
}

/** A whole training, and its state at every epoch's end and after every batch, as bytes. */
async function whole(options: Options) {
  const parts = prepare(options);
  const states: Uint8Array[] = [];
  const take = (_: unknown, trainer: train.Trainer) => void states.push(io.saveState(trainer.stateDict()));
  const history = await parts.trainer.fit(parts.loader, {
    epochs: options.epochs ?? EPOCHS,
    validation: parts.validation,
    callbacks: [parts.stopping, parts.log, { onBatchEnd: take, onEpochEnd: take }],
    watch: options.watch,
  });
  return { states, ...outcome(parts, history) };
}

async function resumed(options: Options, bytes: Uint8Array) {
  const parts = prepare({ ...options, seed: 99 });
  const history = await parts.trainer.fit(parts.loader, {
    epochs: options.epochs ?? EPOCHS,
    validation: parts.validation,
    callbacks: [parts.stopping, parts.log],
    watch: options.watch,
    resume: io.loadState(bytes) as train.TrainerState,
  });
  return outcome(parts, history);
}

describe("a training that goes on from its state is the one that never stopped, to the bit", () => {
  test.each<[string, Options]>([
    ["compiled steps", {}],
    ["a module of one's own, a schedule by epochs", { own: true, schedule: "step" }],
    ["a schedule by batches", { schedule: "one-cycle", patience: 99 }],
    ["a schedule by the validation loss, watched", { schedule: "plateau", watch: true }],
    ["batches from a generator", { generator: true, patience: 99 }],
    ["early stopping", { patience: 1, epochs: 40 }],
  ])("%s", async (_, options) => {
    const { states, ...expected } = await whole(options);
    if (options.patience === 1) expect(expected.numbers[2]).toMatch(/not become better/);
    else expect(expected.numbers[0]).toHaveLength(EPOCHS);
    // The last batch of one is merged for batch norm: 6 batches an epoch.
    expect(states.length % (BATCHES + 1)).toBe(0);
    // Between epochs, after the first, a middle and the last batch.
    const places = states.map((_, index) => index).filter((index) => [0, 2, 5, 6].includes(index % 7));
    for (const place of [...places.slice(0, 8), ...places.slice(-4)]) {
      const found = await resumed(options, states[place]);
      expect(found.numbers, `state ${place}`).toEqual(expected.numbers);
      expect(found.random).toEqual(expected.random);
      expect(Buffer.compare(found.bytes, expected.bytes), `state ${place}`).toBe(0);
    }
  });

  test("with more epochs it is the longer training", async () => {
    const expected = await whole({ patience: 99, epochs: 5 });
    const short = await whole({ patience: 99, epochs: 3 });
    const found = await resumed({ patience: 99, epochs: 5 }, short.states.at(-1)!);
    expect(found.numbers).toEqual(expected.numbers);
    expect(Buffer.compare(found.bytes, expected.bytes)).toBe(0);
    // The bytes would differ if anything did: the control.
    expect(Buffer.compare(short.bytes, expected.bytes)).not.toBe(0);
  });
});

describe("a state is refused", () => {
  const fit = async (state: unknown, options: Options = {}) => {
    const { trainer, loader, validation, stopping, log } = prepare(options);
    const resume = state as train.TrainerState;
    return trainer.fit(loader, { epochs: EPOCHS, validation, callbacks: [stopping, log], resume });
  };

  test("where it does not belong to the training", async () => {
    const { states } = await whole({ schedule: "step", epochs: 2 });
    const good = io.loadState(states[3]) as train.TrainerState;
    const refused = (state: unknown, message: RegExp, options: Options = { schedule: "step" }) =>
      expect(fit(state, options).catch((error) => `${error.name}: ${error.message}`)).resolves.toMatch(message);
    await refused(null, /TrainerStateError: .*no object/);
    await refused({}, /epoch is undefined/);
    await refused({ ...good, epoch: 1.5 }, /epoch is 1.5/);
    await refused({ ...good, batch: 2 }, /another number of batches/);
    await refused({ ...good, epoch: 3 }, /does not follow its history/);
    await refused({ ...good, callbacks: [] }, /fit the callbacks: 2 remember something/);
    await refused({ ...good, callbacks: [{}, {}] }, /no state of early stopping/);
    await refused({ ...good, model: { x: tensor([1]) } }, /fit the model: .*missing/s);
    await refused({ ...good, optimizer: { state: {}, groups: [] } }, /fit the optimizer: .*groups of/);
    await refused({ ...good, scheduler: null }, /fit the schedule/);
    await refused({ ...good, scheduler: { lastEpoch: -1, baseLrs: [1] } }, /lastEpoch is -1/);
    await refused({ ...good, loader: { ...(good.loader as object), length: 5 } }, /length 61, .* length 5/);
    await refused({ ...good, totals: { ...good.totals, metrics: {} } }, /no sums of the metric accuracy/);
    await refused({ ...good, random: { seed: -1, counter: 0 } }, /fit the random numbers: a seed/);
    const settings = { ...good.optimizer.groups[0], momentum: 0.9 };
    await refused({ ...good, optimizer: { ...good.optimizer, groups: [settings] } }, /one with .*momentum/);
    const wrong = { ...good.optimizer.groups[0], lr: "0.1" };
    await refused({ ...good, optimizer: { ...good.optimizer, groups: [wrong] } }, /lr in the state is a string/);
    await expect(fit(good, { schedule: "step" })).resolves.toMatchObject({ epochs: { length: EPOCHS } });
  });

  test("where it could not be whole", async () => {
    const { trainer, loader, stopping } = prepare({});
    expect(() => trainer.stateDict()).toThrow("while it trains");
    const early = { onEpochEnd: () => void trainer.stateDict() };
    await expect(trainer.fit(loader, { callbacks: [early, stopping] })).rejects.toThrow(/after those that remember/);
    const plain = new train.Trainer({
      model: trainer.model,
      loss: trainer.loss,
      optimizer: trainer.optimizer,
      metrics: [{ name: "own", mode: "min", reset() {}, update() {}, compute: () => 0 }],
    });
    const saving = { onBatchEnd: () => void plain.stateDict() };
    await expect(plain.fit(loader, { callbacks: [saving] })).rejects.toThrow(/the metric own has no stateDict/);
    await plain.fit(loader, { callbacks: [{ onEpochEnd: () => void plain.stateDict() }] });
  });
});
