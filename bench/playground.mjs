/**
 * Steps a second of noron beside TensorFlow Playground's own engine, on the network that Playground opens with and a larger
 * one: the same examples, batches, rate and first weights, and weights that agree after an epoch, or nothing is timed.
 *
 *     git clone --depth 1 https://github.com/tensorflow/playground ../playground
 *     npm ci && node bench/playground.mjs ../playground/src/nn.ts
 *
 * Playground's engine is in no package; nothing of it is in this repository.
 */
import { resolve } from "node:path";
import * as noron from "@noron/core";
import { createJiti } from "jiti";
import { median } from "./lib/statistics.mjs";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("say where Playground's src/nn.ts is: node bench/playground.mjs PATH");
const playground = await createJiti(import.meta.url).import(resolve(path));
const { data, nn, optim, tensor, train } = noron;

const BATCH = 10;
const RATE = 0.03;
const COUNT = 250;
const ROUNDS = 9;
const SLICE = 200;

const made = data.samples.spirals({ count: COUNT, noise: 0.02, seed: 1 });
const inputs = made.columns[0].data;
const targets = Float32Array.from(made.columns[1].data, (label) => (label === 1 ? 1 : -1));
const points = Array.from({ length: COUNT }, (_, row) => [inputs[2 * row], inputs[2 * row + 1]]);

/** Playground's loop: every example forward and back, weights after each batch. */
function ofPlayground(shape) {
  const { TANH } = playground.Activations;
  const network = playground.buildNetwork(shape, TANH, TANH, null, ["x", "y"]);
  return {
    network,
    epoch() {
      for (let row = 0; row < COUNT; row++) {
        playground.forwardProp(network, points[row]);
        playground.backProp(network, targets[row], playground.Errors.SQUARE);
        if ((row + 1) % BATCH === 0) playground.updateWeights(network, RATE, 0);
      }
    },
  };
}

/** The same network with the same weights, and its examples in the same batches. */
function ofNoron(shape, network) {
  const layers = shape.slice(1).flatMap((outputs, index) => {
    const linear = new nn.Linear(shape[index], outputs);
    const nodes = network[index + 1];
    linear.weight.assign(tensor(nodes.map(({ inputLinks }) => inputLinks.map(({ weight }) => weight))));
    linear.bias.assign(tensor(nodes.map(({ bias }) => bias)));
    return [linear, new nn.Tanh()];
  });
  const model = new nn.Sequential(...layers);
  // Playground's error is half of the square.
  const optimizer = new optim.SGD(model.parameters(), { lr: RATE / 2 });
  return { model, optimizer, loss: new nn.MSELoss() };
}

function compiled(shape, network) {
  const { model, optimizer, loss } = ofNoron(shape, network);
  const step = noron.compile((x, y) => {
    optimizer.zeroGrad();
    const value = loss.forward(model.forward(x), y);
    value.backward();
    optimizer.step();
    return value;
  });
  const batches = Array.from({ length: COUNT / BATCH }, (_, index) => [
    tensor(inputs.slice(2 * BATCH * index, 2 * BATCH * (index + 1)), { shape: [BATCH, 2] }),
    tensor(targets.slice(BATCH * index, BATCH * (index + 1)), { shape: [BATCH, 1] }),
  ]);
  return {
    model,
    epoch() {
      for (const [x, y] of batches) step(x, y);
    },
  };
}

/** As the studio trains: with its loader, an accuracy, and each batch's loss read. */
function trained(shape, network) {
  const { model, optimizer, loss } = ofNoron(shape, network);
  const set = new data.TensorDataset({ data: inputs, shape: [COUNT, 2] }, { data: targets, shape: [COUNT, 1] });
  const loader = new data.DataLoader(set, { batchSize: BATCH });
  const trainer = new train.Trainer({ model, loss, optimizer, metrics: [train.rmse()] });
  return { model, epoch: () => trainer.fit(loader, { epochs: 1, watch: true }) };
}

function requireEqual(network, model) {
  const linears = model.layers.filter((layer) => layer instanceof nn.Linear);
  for (const [index, { weight }] of linears.entries()) {
    const wanted = network[index + 1].flatMap(({ inputLinks }) => inputLinks.map((link) => link.weight));
    const largest = Math.max(...wanted.map(Math.abs));
    for (const [place, value] of weight.dataSync().entries())
      if (!(Math.abs(value - wanted[place]) <= 1e-5 * largest))
        throw new Error(`weight ${place} of layer ${index} is ${value}, and Playground's ${wanted[place]}`);
  }
}

/** Epochs in so many milliseconds, a second. */
async function rate(epoch, milliseconds) {
  const start = performance.now();
  let epochs = 0;
  let taken = 0;
  for (; taken < milliseconds; taken = performance.now() - start) {
    await epoch();
    epochs++;
  }
  return (1000 * epochs) / taken;
}

console.log(
  `| network | ${["Playground's engine", "noron, compiled step", "noron, as the studio trains"].join(" | ")} |`,
);
console.log("| --- | ---: | ---: | ---: |");
for (const shape of [
  [2, 4, 2, 1],
  [2, 8, 8, 1],
  [2, 64, 64, 1],
]) {
  const own = ofPlayground(shape);
  const contenders = [own, compiled(shape, own.network), trained(shape, own.network)];
  for (const { epoch } of contenders) await epoch();
  for (const { model } of contenders.slice(1)) requireEqual(own.network, model);
  const rates = contenders.map(() => []);
  for (const { epoch } of contenders) await rate(epoch, 2 * SLICE);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, { epoch }] of contenders.entries()) rates[index].push(await rate(epoch, SLICE));
  const steps = rates.map((each) => Math.round((median(each) * COUNT) / BATCH));
  console.log(`| ${shape.join("-")} | ${steps.map((each) => each.toLocaleString("en")).join(" | ")} |`);
}
