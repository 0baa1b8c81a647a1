import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Examples } from "../src/data/examples.ts";
import { baselineLoss } from "../src/health/baseline-loss.ts";
import { chooseClassWeights } from "../src/model/class-weights.ts";
import { events, expectRefusal, file, folder, noron } from "./command.ts";

const classes = ["a", "b", "c,d"];
const rows = (labels: number[]): Examples => ({
  inputs: new Float32Array(labels.length),
  width: 1,
  count: labels.length,
  rows: Int32Array.from(labels.keys()),
  target: { kind: "classes", classes: Int32Array.from(labels) },
  notes: [],
});
const choose = (asked: string[] | undefined, labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]) =>
  chooseClassWeights(asked, { task: "classification", classes, training: rows(labels) });

test("balanced weights are rows / (classes · rows of the class), as scikit-learn has them", () => {
  expect(choose(["balanced"])).toEqual([10 / (3 * 6), 10 / (3 * 3), 10 / (3 * 1)]);
  // A class that is not trained on counts as it is; the others share the rows.
  expect(choose(["balanced"], [0, 0, 0, 1])).toEqual([4 / (2 * 3), 4 / (2 * 1), 1]);
});

test("weights by name, with commas between or repeated, and none", () => {
  expect(choose(undefined)).toBeNull();
  expect(choose(["none"])).toBeNull();
  expect(choose(["b=2.5"])).toEqual([1, 2.5, 1]);
  expect(choose(["b=2, a=0.5"])).toEqual([0.5, 2, 1]);
  expect(choose(["c,d=3", "a=2"])).toEqual([2, 1, 3]);
});

test.each<[string[], RegExp]>([
  [["balancd"], /it is balanced, none, or NAME=WEIGHT/],
  [["balanced", "a=2"], /it is balanced, none, or NAME=WEIGHT/],
  [["A2=3"], /there is no class "A2"/],
  [["a=0"], /"0" is no weight: it is a number above 0/],
  [["a=much"], /"much" is no weight/],
  [["a="], /"" is no weight/],
])("%j is refused", (asked, message) => {
  expect(() => choose(asked)).toThrow(message);
});

test("the best constant answer under weights", () => {
  const loss = (classWeights: number[] | null) =>
    baselineLoss(rows([0, 0, 0, 1]), { loss: "cross-entropy", classWeights });
  expect(loss(null)).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 12);
  expect(loss([1, 3, 1])).toBeCloseTo(Math.log(2), 12);
  // On other rows: still the shares of those of training.
  const elsewhere = (measured: number[]) =>
    baselineLoss(rows([0, 0, 0, 1]), { loss: "cross-entropy", classWeights: null }, rows(measured));
  expect(elsewhere([0, 1])).toBeCloseTo(-(0.5 * Math.log(0.75) + 0.5 * Math.log(0.25)), 12);
  expect(elsewhere([0, 2])).toBe(Number.POSITIVE_INFINITY);
});

/** One row in ten is "rare", and overlaps with the others. */
function overlapping(): string {
  const lines = Array.from({ length: 400 }, (_, row) => {
    const rare = row % 10 === 0;
    const noise = Math.sin(row * 12.9898) + Math.sin(row * 78.233);
    return `${(noise + (rare ? 1 : 0)).toFixed(4)},${row % 7},${rare ? "rare" : "often"}`;
  });
  return `x,y,kind\n${lines.join("\n")}\n`;
}

test("rare classes are answered more often with balanced weights; scores are measured without", async () => {
  file("data.csv", overlapping());
  const train = ["train", "data.csv", "-t", "kind", "--epochs", "40", "--log", "json"];
  const said: number[] = [];
  for (const [name, weights] of Object.entries({ plain: "none", weighted: "balanced" })) {
    const told = events(await noron([...train, "--class-weights", weights, "--out", name]));
    const [, network] = told;
    expect(network.settings.classWeights).toEqual(name === "plain" ? null : [280 / 2 / 252, 280 / 2 / 28]);
    const { stdout } = await noron(["predict", name, "data.csv"]);
    const cells = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(","));
    said.push(cells.filter((row) => row[3] === "rare").length);
    // The logarithm of what was said of the class that it was, every row counting the same.
    const losses = cells.map((row) => -Math.log(Number(row[row[2] === "often" ? 4 : 5])));
    const evaluated = events(await noron(["evaluate", name, "data.csv", "--log", "json"])).at(-1);
    expect(evaluated?.scores.loss).toBeCloseTo(
      losses.reduce((sum, loss) => sum + loss / losses.length, 0),
      4,
    );
  }
  expect(said[1]).toBeGreaterThan(2 * said[0] + 20);
  // Losses of two kinds stand beside each other, and are told apart.
  expect((await noron(["evaluate", "plain", "data.csv"])).stdout).toMatch(/^ {2}loss {2}/m);
  expect((await noron(["evaluate", "weighted", "data.csv"])).stdout).toMatch(/^ {2}loss, unweighted {2}/m);
  const { stdout } = await noron(["runs", ".", "--compare", "plain", "weighted"]);
  expect(stdout).toMatch(/^ {2}loss, unweighted {2}/m);
  expect(stdout).toMatch(/^ {2}validation loss, weighted in weighted {2}/m);
  await noron(["report", "weighted"]);
  const page = readFileSync(join(folder, "weighted/report.html"), "utf8");
  for (const each of ["loss, unweighted", "a row counts by the weight of its class"]) expect(page).toContain(each);
});

test("who gives weights is not told to give some", async () => {
  const rare = overlapping().replace(/,rare/g, (found, at: number) => (at % 3 === 0 ? found : ",often"));
  file("data.csv", rare);
  const train = ["train", "data.csv", "-t", "kind", "--dry-run"];
  const advice = /look at F1, not at accuracy alone, and give the classes weights/;
  expect((await noron(train)).stderr).toMatch(advice);
  const { stderr } = await noron([...train, "--class-weights", "balanced"]);
  expect(stderr).not.toMatch(advice);
  expect(stderr).toMatch(/look at F1, not at accuracy alone$/m);
  const vietnamese = await noron([...train, "--class-weights", "balanced", "--lang", "vi"]);
  expect(vietnamese.stderr).toMatch(/đừng chỉ xem độ chính xác$/m);
});

test("weights of a number are refused", async () => {
  file("data.csv", overlapping());
  const ended = await noron(["train", "data.csv", "-t", "x", "--class-weights", "balanced", "--out", "run"]);
  expectRefusal(ended, 2, /--class-weights is for classes/, ["data.csv"]);
});
