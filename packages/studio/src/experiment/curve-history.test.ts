import { expect, test } from "vitest";
import { CurveHistory } from "./curve-history.ts";

const log = (epoch: number) => ({ epoch, loss: 1 / epoch, lr: 0.1, seconds: 0.01 });

test("a history thins as it grows, and always has its last epoch", () => {
  const history = new CurveHistory();
  expect(history.epochs).toEqual([]);
  for (let epoch = 1; epoch <= 10_000; epoch++) {
    history.add([log(epoch)]);
    expect(history.epochs.at(-1)).toEqual(log(epoch));
    expect(history.epochs.length).toBeLessThan(1202);
  }
  const epochs = history.epochs.map(({ epoch }) => epoch);
  expect(epochs.slice(0, 3)).toEqual([1, 17, 33]);
  expect(new Set(epochs).size).toBe(epochs.length);
});

test("a history keeps the epoch with the least validation loss, in its place", () => {
  const history = new CurveHistory();
  for (let epoch = 1; epoch <= 5000; epoch++) history.add([{ ...log(epoch), validationLoss: Math.abs(epoch - 26) }]);
  const epochs = history.epochs.map(({ epoch }) => epoch);
  expect(epochs).toContain(26);
  expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
});
