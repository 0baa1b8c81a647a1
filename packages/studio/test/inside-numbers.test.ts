import { getRandomState, inspect, type nn, setRandomState, type Tensor, tensor } from "@noron/core";
import { afterAll, describe, expect, it, test } from "vitest";
import { expectBalanced } from "../../core/test/explain-balance.ts";
import { expectNumbersClose, type FixtureTensor, loadFixture, numbersOf } from "../../core/test/fixtures.ts";
import { LAYERS, LOSSES, OPTIMIZERS } from "../src/experiment/catalog.ts";
import type { Experiment } from "../src/experiment/experiment.ts";
import { tableShape } from "../src/inside/places.ts";
import type { StageView, Stop, ValueTable } from "../src/inside/step-view.ts";
import { lookInside } from "../src/worker/inside.ts";
import { InsideStep } from "../src/worker/inside-step.ts";
import { buildNetwork } from "../src/worker/network.ts";
import { Session } from "../src/worker/session.ts";
import { makeLoss, makeOptimizer } from "../src/worker/training-parts.ts";
import { randomExperiment } from "./random-experiments.ts";

const STACKS = 20;
const plain = (values: ArrayLike<unknown>): number[] => Array.from(values as ArrayLike<number>);

/** A session whose training has come to its first batch, or to the one after so many steps. */
async function opened(experiment: Experiment, steps: number): Promise<Session> {
  const session = new Session(experiment, null, { between: () => {} });
  void session.train();
  if (steps > 0) session.advance(steps);
  await waitFor(session, steps);
  return session;
}

async function waitFor(session: Session, steps: number): Promise<void> {
  while (session.step < steps || session.next === null) {
    if (session.diverged !== null) throw new Error("diverged");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What the library makes of the session's next batch without any inspection: layer by layer and back again. */
function byHand({ model, loss, optimizer, next }: Session) {
  const [x, target] = next!;
  const random = getRandomState();
  const inputs: Tensor[] = [];
  const outputs: Tensor[] = [];
  const buffers = Object.fromEntries([...model.namedBuffers()].map(([name, buffer]) => [name, copy(buffer)]));
  let value = x.detach();
  for (const layer of model.layers) {
    inputs.push(value.detach().requiresGrad_());
    outputs.push(layer.forward(inputs.at(-1)!));
    value = outputs.at(-1)!;
  }
  const prediction = value.detach().requiresGrad_();
  const l = loss.forward(prediction, target);
  optimizer.zeroGrad();
  l.backward();
  let gradient = prediction.grad!;
  for (let index = outputs.length - 1; index >= 0; index--) {
    outputs[index].backward(gradient);
    gradient = inputs[index].grad!;
  }
  const found = {
    loss: l.itemSync(),
    prediction,
    target,
    inputs: inputs.map(copy),
    outputs: outputs.map(copy),
    inputGradients: inputs.map(({ grad }) => copy(grad!)),
    outputGradients: [...inputs.slice(1).map(({ grad }) => copy(grad!)), copy(prediction.grad!)],
    parameters: Object.fromEntries([...model.namedParameters()].map(([name, each]) => [name, copy(each)])),
    gradients: Object.fromEntries([...model.namedParameters()].map(([name, each]) => [name, copy(each.grad!)])),
    buffers,
    nextBuffers: Object.fromEntries([...model.namedBuffers()].map(([name, buffer]) => [name, copy(buffer)])),
  };
  for (const [name, buffer] of model.namedBuffers()) buffer.assign(buffers[name].slice());
  optimizer.zeroGrad();
  setRandomState(random);
  return found;
}

type Known = ReturnType<typeof byHand>;
type Numbers = Float32Array;
const copy = (of: Tensor): Numbers => (of.dataSync() as Numbers).slice();

/** The elements that are computed together, such as those that share a mean: lists of places, in the order of their first. */
function groupsOf(type: string, groups: number, shape: readonly number[]): number[][] {
  const [, channels] = shape;
  const inner = shape.slice(2).reduce((a, b) => a * b, 1);
  const row = (at: number): number => Math.floor(at / (channels * inner));
  const channel = (at: number): number => Math.floor(at / inner) % channels;
  const last = (at: number): number => Math.floor(at / shape.at(-1)!);
  const keys: Record<string, (at: number) => string> = {
    BatchNorm1d: (at) => `${channel(at)}`,
    BatchNorm2d: (at) => `${channel(at)}`,
    InstanceNorm1d: (at) => `${row(at)} ${channel(at)}`,
    InstanceNorm2d: (at) => `${row(at)} ${channel(at)}`,
    GroupNorm: (at) => `${row(at)} ${Math.floor(channel(at) / (channels / groups))}`,
    LayerNorm: (at) => `${last(at)}`,
    RMSNorm: (at) => `${last(at)}`,
    Softmax: (at) => `${last(at)}`,
    LogSoftmax: (at) => `${last(at)}`,
  };
  const found = new Map<string, number[]>();
  for (let place = 0; place < shape.reduce((a, b) => a * b, 1); place++) {
    const key = (keys[type] ?? String)(place);
    found.set(key, [...(found.get(key) ?? []), place]);
  }
  return [...found.values()];
}

/** Numbers that layers note on the way, by their definition from what went in. */
function notedByHand(table: ValueTable, view: StageView, session: Session, known: Known): number[] | null {
  const { stage } = view;
  const ofLayer = "layer" in stage;
  const index = ofLayer ? stage.layer : session.model.layers.length - 1;
  const given = ofLayer ? known.inputs[index] : copy(known.prediction);
  const rows = known.prediction.shape[0];
  const whole = index === 0 ? session.examples.shape : session.layers[index - 1].shape!;
  const shape = ofLayer ? [rows, ...whole] : [...known.prediction.shape];
  const { type } = session.experiment.layers[index];
  const kind = ofLayer ? type : "Softmax";
  const groups = (session.model.layers[index] as { numGroups?: number }).numGroups ?? 1;
  const places = groupsOf(kind, groups, shape);
  /** One number a group. */
  const each = (of: (values: number[]) => number): number[] => places.map((group) => of(group.map((at) => given[at])));
  /** One number an element, by what its group has. */
  const spread = <T>(of: (values: number[]) => T, made: (value: number, by: T) => number): number[] => {
    const all: number[] = [];
    for (const group of places) {
      const by = of(group.map((at) => given[at]));
      for (const at of group) all[at] = made(given[at], by);
    }
    return all;
  };
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const variance = (values: number[]): number => mean(values.map((value) => value ** 2)) - mean(values) ** 2;
  const meanSquare = (values: number[]): number => mean(values.map((value) => value ** 2));
  const largest = (values: number[]): number => Math.max(...values);
  const total = (values: number[]): number => {
    const most = largest(values);
    return values.reduce((sum, value) => sum + Math.exp(value - most), 0);
  };
  const eps = (session.model.layers[index] as { eps?: number | null }).eps ?? 2 ** -23;
  switch (table.of) {
    case "mean":
      return each(mean);
    case "variance":
      return each(variance);
    case "meanSquare":
      return each(meanSquare);
    case "normalized":
      if (kind === "RMSNorm") return spread(meanSquare, (value, square) => value / Math.sqrt(square + eps));
      return spread(
        (values) => [mean(values), variance(values)],
        (value, [middle, width]) => (value - middle) / Math.sqrt(width + eps),
      );
    case "largest":
      return each(largest);
    case "powers":
      return spread(largest, (value, most) => Math.exp(value - most));
    case "total":
      return each(total);
    case "difference":
      return Array.from(given, (value, place) => value - (known.target.dataSync() as Numbers)[place]);
    default:
      return null;
  }
}

const seen = {
  layers: new Set<string>(),
  losses: new Set<string>(),
  optimizers: new Set<string>(),
  tables: new Set<string>(),
};

describe("what the Inside view shows of a random stack", () => {
  test.each(Array.from({ length: STACKS }, (_, seed) => seed))("%i is what the library computes", async (seed) => {
    const experiment = randomExperiment(seed);
    const name = `${seed}: ${experiment.layers.map(({ type }) => type).join(" ")}, ${experiment.loss.type}, ${experiment.optimizer.type}`;
    const session = await opened(experiment, seed % 3);
    for (const { type } of experiment.layers) seen.layers.add(type);
    seen.losses.add(experiment.loss.type);
    seen.optimizers.add(experiment.optimizer.type);
    const random = getRandomState();
    const step = lookInside(session, { batch: null, training: true })!;
    expect(getRandomState(), "random numbers are left alone").toEqual(random);
    const known = byHand(session);
    const overview = step.overview();
    expectNumbersClose(plain([overview.loss]), [known.loss], { label: `${name}: loss`, floor: 1e-5 });
    expect(overview.rows).toBe(session.next![0].shape[0]);

    const after: Record<string, number[]> = {};
    const memory: Record<string, Record<string, number[]>> = {};
    const paths = [...session.model.namedParameters()].map(([path]) => path);
    const look = (view: StageView): void => {
      const { stage } = view;
      const where = `${name}: ${Object.values(stage).join(" ")}`;
      for (const line of [...view.lines, ...view.chain]) expectBalanced(line as never, where);
      if (stage.phase === "forward" && view.statistics !== null) {
        const { columns } = view.statistics;
        const of = (column: string) => plain(columns.find((each) => each.name === column)!.values);
        const [path, close] = [
          stage.layer,
          (column: string, buffer: Numbers) =>
            expectNumbersClose(of(column), plain(buffer), { label: `${where} ${column}`, floor: 1e-6 }),
        ];
        close("runningMean", known.buffers[`${path}.running_mean`]);
        close("runningVariance", known.buffers[`${path}.running_var`]);
        close("nextRunningMean", known.nextBuffers[`${path}.running_mean`]);
        close("nextRunningVariance", known.nextBuffers[`${path}.running_var`]);
      }
      for (const table of view.tables) {
        const what = `${where}: ${table.name} ${table.of ?? ""}`;
        const parameter =
          stage.phase === "update"
            ? overview.updates[stage.update].name
            : "layer" in stage
              ? `${stage.layer}.${table.of}`
              : "";
        const layer = "layer" in stage ? stage.layer : session.model.layers.length - 1;
        const expected: Partial<Record<ValueTable["name"], ArrayLike<number>>> = {
          input: known.inputs[layer],
          output: known.outputs[layer],
          prediction: copy(known.prediction),
          target: Float32Array.from(known.target.dataSync() as Numbers),
          inputGradient: known.inputGradients[layer],
          outputGradient: known.outputGradients[layer],
          predictionGradient: known.outputGradients[session.model.layers.length - 1],
          parameter: known.parameters[parameter],
          parameterGradient: known.gradients[parameter],
          before: known.parameters[parameter],
        };
        const values = plain(table.values);
        seen.tables.add(`${table.name} ${table.name === "noted" ? table.of : ""}`);
        if (table.name === "after") after[parameter] = values;
        else if (table.name === "memoryAfter") memory[parameter] = { ...memory[parameter], [table.of!]: values };
        else if (table.name === "noted") {
          const found = notedByHand(table, view, session, known);
          if (found !== null) expectNumbersClose(values, found, { label: what, tolerance: 2e-4, floor: 2e-5 });
        } else if (table.name !== "memoryBefore" && table.name !== "slope") {
          expectNumbersClose(values, plain(expected[table.name]!), { label: what, floor: 3e-6 });
        }
        if (stage.phase === "forward" && table.name === "input" && !("weight" in overview.layers[layer].parameters)) {
          const type = experiment.layers[layer].type;
          const groups = (session.model.layers[layer] as { numGroups?: number }).numGroups ?? 1;
          if (type !== "Linear" && type !== "DropConnect" && type !== "Flatten" && type !== "Unflatten")
            expect(
              [...table.involved].sort((a, b) => a - b),
              `${what} involved`,
            ).toEqual(groupsOf(type, groups, table.shape).find((group) => group.includes(view.place)));
        }
        if (table.of === "mask" && stage.phase === "forward") {
          const mask = values;
          const share = 1 - (experiment.layers[layer].options as { p: number }).p;
          const dropped = view.tables.find((other) => other.of === "dropped");
          const [of, made] =
            dropped === undefined
              ? [known.inputs[layer], known.outputs[layer]]
              : [known.parameters[`${layer}.weight`], plain(dropped.values)];
          expect(mask.every((each) => each === 0 || each === 1)).toBe(true);
          expectNumbersClose(
            plain(made),
            mask.map((kept, place) => (kept * of[place]) / share),
            { label: `${what} masks` },
          );
        }
      }
    };

    const row = seed % overview.rows;
    const stops = step.walk(row);
    expect(stops.map(({ stage }) => stage)).toEqual(overview.stages);
    for (const stop of stops) look(step.view(stop.stage, stop.place));
    // And of other elements: the first and the last of what each stage makes.
    for (const { stage } of stops) {
      const made = step.view(stage, 0).tables.find((table) => table.made);
      if (made === undefined) continue;
      for (const place of [0, made.values.length - 1]) look(step.view(stage, place));
    }

    const followed = {
      layer: overview.layers.findIndex(({ parameters }) => parameters.length > 0),
      parameter: "weight",
      place: 0,
    };
    const path = step.walk(row, followed);
    expect(path.filter(({ stage }) => stage.phase === "parameter" || stage.phase === "update")).toEqual([
      { stage: { phase: "parameter", layer: followed.layer, parameter: "weight" }, place: 0 },
      { stage: { phase: "update", update: paths.indexOf(`${followed.layer}.weight`) }, place: 0 },
    ]);
    for (const stop of path) look(step.view(stop.stage, stop.place));

    const drawing = step.drawing(row);
    expect(drawing.columns).toHaveLength(session.model.layers.length + 1);
    drawing.columns.forEach(({ values, gradients }, column) => {
      const whole = column === 0 ? known.inputs[0] : known.outputs[column - 1];
      const back = column === 0 ? known.inputGradients[0] : known.outputGradients[column - 1];
      const width = whole.length / overview.rows;
      const own = (of: Numbers): number[] => plain(of.subarray(row * width, (row + 1) * width));
      expectNumbersClose(plain(values), own(whole), { label: `${name}: drawn ${column}`, floor: 3e-6 });
      expectNumbersClose(plain(gradients!), own(back), { label: `${name}: drawn gradients ${column}`, floor: 3e-6 });
    });

    // What it says of the update is what the training does next: the same masks, the same moments.
    expect(Object.keys(after)).toEqual(paths);
    session.advance(1);
    await waitFor(session, (seed % 3) + 1);
    const { state } = session.optimizer.stateDict();
    let compared = 0;
    paths.forEach((path, index) => {
      const parameter = session.model.parameters()[index];
      // A gradient that is zero but for rounding, as in front of a normalization, has no sign that two ways to compute it
      // agree on; some optimizers make a whole step of it.
      const largest = Math.max(...known.gradients[path].map(Math.abs));
      const told = (of: ArrayLike<number>): number[] =>
        plain(of).filter((_, at) => Math.abs(known.gradients[path][at]) > 1e-4 * largest && largest > 1e-5);
      compared += told(after[path]).length;
      expectNumbersClose(told(after[path]), told(copy(parameter)), { label: `${name}: ${path} after`, floor: 3e-6 });
      for (const [key, values] of Object.entries(memory[path] ?? {}))
        expectNumbersClose(told(values), told(copy(state[index][key] as Tensor)), {
          label: `${name}: ${path} ${key}`,
          floor: 3e-6,
          // Centred RMSprop divides by the root of a small difference.
          tolerance: experiment.optimizer.options.centered ? 2e-4 : 1e-5,
        });
    });
    expect(compared).toBeGreaterThan(3);
    session.end();
  });

  afterAll(() => {
    expect([...seen.layers].sort(), "every layer was there").toEqual(Object.keys(LAYERS).sort());
    expect([...seen.losses].sort(), "every loss").toEqual(Object.keys(LOSSES).sort());
    expect([...seen.optimizers].sort(), "every optimizer").toEqual(Object.keys(OPTIMIZERS).sort());
    for (const of of [
      "mask",
      "dropped",
      "mean",
      "variance",
      "meanSquare",
      "normalized",
      "largest",
      "powers",
      "total",
      "losses",
    ])
      expect([...seen.tables], of).toContain(`noted ${of}`);
  });
});

describe("the steps of the ladder", () => {
  it("are there for every batch of the epoch, and in evaluation mode without masks", async () => {
    const session = await opened(randomExperiment(1), 2);
    const all = Array.from({ length: session.batches }, (_, batch) => lookInside(session, { batch, training: true })!);
    const rows = all.flatMap((step) => {
      const { input } = Object.fromEntries(
        step.view({ phase: "forward", layer: 0 }, 0).tables.map((table) => [table.name, table]),
      );
      const { rows, columns } = tableShape(input.shape);
      const values = plain(input.values);
      return Array.from({ length: rows }, (_, row) => String(values.slice(row * columns, (row + 1) * columns)));
    });
    expect(rows).toHaveLength(session.examples.training.length);
    expect(new Set(rows).size, "each example once").toBeGreaterThan(0.9 * rows.length);
    expect(all.map((step) => step.overview().position)).toEqual(
      all.map((_, batch) => ({ epoch: 0, batch, batches: session.batches, next: 2 })),
    );
    const { model } = session;
    const modes = [...model.modules()].map(({ training }) => training);
    expect(lookInside(session, { batch: null, training: false })!.overview().training).toBe(false);
    expect([...model.modules()].map(({ training }) => training)).toEqual(modes);
    session.end();
  });

  it("refuse an element that is not there", async () => {
    const session = await opened(randomExperiment(0), 0);
    const step = lookInside(session, { batch: null, training: true })!;
    expect(() => step.view({ phase: "forward", layer: 0 }, 1e6)).toThrow(/there is no element 1000000 in an output/);
    session.end();
  });
});

interface StackCase {
  name: string;
  layers: Experiment["layers"];
  loss: Experiment["loss"];
  optimizer: Experiment["optimizer"];
  outputs: number;
  state: Record<string, FixtureTensor>;
  input: FixtureTensor;
  target: FixtureTensor;
  found: Record<string, FixtureTensor>;
}

describe("a stack that PyTorch trained too", () => {
  it.each(loadStacks())("$name", ({ found, ...given }) => {
    const [x, target] = [given.input, given.target].map(made);
    const built = buildNetwork(given.layers, x.shape.slice(1), given.outputs);
    if ("problem" in built) throw new Error(JSON.stringify(built.problem));
    const { model } = built;
    model.loadStateDict(Object.fromEntries(Object.entries(given.state).map(([name, each]) => [name, made(each)])));
    const loss = makeLoss(given.loss);
    const optimizer = makeOptimizer(given.optimizer, model.parameters());
    inspect.explainStep(model as nn.Module, x, { loss, target, optimizer, perform: true });
    const step = new InsideStep(inspect.explainStep(model as nn.Module, x, { loss, target, optimizer }));
    const compared = new Set<string>();
    const close = (path: string, values: ArrayLike<unknown>): void => {
      compared.add(path);
      expectNumbersClose(plain(values), numbersOf(found[path]), { label: `${given.name}: ${path}`, floor: 2e-6 });
    };
    const overview = step.overview();
    close("loss", [overview.loss]);
    const tablesAt = ({ stage, place }: Stop): ValueTable[] => step.view(stage, place).tables;
    for (const stop of step.walk(1)) {
      const { stage } = stop;
      for (const table of tablesAt(stop)) {
        if (stage.phase === "forward" && (table.name === "input" || table.name === "output"))
          close(`values.${stage.layer + (table.name === "output" ? 1 : 0)}`, table.values);
        if (stage.phase === "backward" && (table.name === "inputGradient" || table.name === "outputGradient"))
          close(`gradients.${stage.layer + (table.name === "outputGradient" ? 1 : 0)}`, table.values);
        if (stage.phase === "lossGradient" && table.name === "predictionGradient")
          close(`gradients.${given.layers.length}`, table.values);
        if (stage.phase === "parameter" && table.name === "parameterGradient")
          close(`parameterGradients.${stage.layer}.${stage.parameter}`, table.values);
        if (stage.phase === "update") {
          const { name } = overview.updates[stage.update];
          if (table.name === "before" || table.name === "after") close(`${table.name}.${name}`, table.values);
        }
      }
      if (stage.phase === "forward") {
        const { statistics } = step.view(stage, stop.place);
        for (const { name, values } of statistics?.columns ?? []) {
          if (name === "nextRunningMean") close(`after.${stage.layer}.running_mean`, values);
          if (name === "nextRunningVariance") close(`after.${stage.layer}.running_var`, values);
        }
      }
    }
    expect([...compared].sort()).toEqual(Object.keys(found).sort());
  });
});

const made = (of: FixtureTensor): Tensor => tensor(numbersOf(of), { shape: of.shape, dtype: of.dtype });

function loadStacks(): StackCase[] {
  return loadFixture<StackCase[]>("../../../studio/test/fixtures/inside.json");
}
