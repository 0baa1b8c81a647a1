import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { data, manualSeed, nn, optim, RandomStream, train } from "../src/index.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const [images, labels] = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"].map((name) => folder + name);
const present = existsSync(images) && existsSync(labels);

/** 784-128-10 on 8,000 digits, tested on the other 2,000, which are chosen by the seed. */
async function accuracyOf(seed: number, pixels: Uint8Array, classes: Uint8Array): Promise<number> {
  const order = new RandomStream(seed, 7).permutation(10_000);
  const loaderOf = (rows: Int32Array, shuffle: boolean): data.DataLoader => {
    const x = new Float32Array(rows.length * 784);
    rows.forEach((row, place) => {
      for (let pixel = 0; pixel < 784; pixel++) x[place * 784 + pixel] = pixels[row * 784 + pixel] / 255;
    });
    const y = Int32Array.from(rows, (row) => classes[row]);
    const dataset = new data.TensorDataset({ data: x, shape: [rows.length, 784] }, { data: y, shape: [rows.length] });
    return new data.DataLoader(dataset, { batchSize: 64, shuffle, seed }) as unknown as data.DataLoader;
  };
  manualSeed(seed);
  const model = new nn.Sequential(
    new nn.Linear(784, 128),
    new nn.BatchNorm1d(128),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(128, 10),
  );
  const trainer = new train.Trainer({
    model: model as unknown as nn.Layer,
    loss: new nn.CrossEntropyLoss(),
    optimizer: new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true }),
    metrics: [train.accuracy()],
  });
  await trainer.fit(loaderOf(order.slice(0, 8000), true), { epochs: 10 });
  const { accuracy } = await trainer.evaluate(loaderOf(order.slice(8000), false));
  return accuracy as number;
}

it.skipIf(!present)(
  "reads MNIST's digits to 95 % and more after 10 epochs, seeds 0 to 4 (needs shared/data)",
  async () => {
    const pixels = gunzipSync(readFileSync(images)).subarray(16);
    const classes = gunzipSync(readFileSync(labels)).subarray(8);
    const accuracies: number[] = [];
    for (let seed = 0; seed < 5; seed++) accuracies.push(await accuracyOf(seed, pixels, classes));
    expect(accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / 5).toBeGreaterThanOrEqual(0.95);
  },
);
