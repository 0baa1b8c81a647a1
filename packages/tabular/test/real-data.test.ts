import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  applyImages,
  applyPreprocessing,
  encodeTarget,
  findIdxPairs,
  fitImages,
  fitPreprocessing,
  hashData,
  planTable,
  profile,
  readIdxImages,
  readTable,
  splitRows,
} from "@noron/tabular";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));
const withFile = (name: string) => test.skipIf(!existsSync(folder + name));

/** The whole way with default options. */
async function run(file: string, target: string) {
  const table = await readTable(readFileSync(folder + file), { name: file });
  const plan = planTable(table, { target });
  const split = splitRows(plan.rows, { seed: 0 });
  const { preprocessing, notes } = fitPreprocessing(table, split.train, plan);
  const encoded = encodeTarget(preprocessing, table, split.test);
  const applied = applyPreprocessing(preprocessing, table, encoded.rows);
  expect(applied.features.every(Number.isFinite)).toBe(true);
  expect(applied.features.length).toBe(split.test.length * applied.width);
  const kinds = Object.fromEntries(plan.columns.map(({ name, kind }) => [name, kind]));
  return {
    table,
    plan,
    split,
    preprocessing,
    applied,
    kinds,
    codes: [...plan.notes, ...notes].map(({ code }) => code),
  };
}

withFile("penguins.csv")("penguins.csv: three classes, missing cells filled", async () => {
  const { table, plan, kinds, codes, preprocessing } = await run("penguins.csv", "species");
  expect(table.rowCount).toBe(344);
  expect(plan.target).toMatchObject({ task: "classification", classes: ["Adelie", "Chinstrap", "Gentoo"] });
  expect(kinds).toMatchObject({ island: "category", bill_length_mm: "number", body_mass_g: "number", sex: "category" });
  expect(codes).toContain("filled");
  expect(preprocessing.columns.find(({ name }) => name === "sex")).toMatchObject({ missingLevel: true });
});

withFile("mpg.csv")("mpg.csv: the column of names is left out, and said", async () => {
  const { plan, kinds, codes, applied } = await run("mpg.csv", "mpg");
  expect(plan.target.task).toBe("regression");
  expect(kinds).toMatchObject({ name: "ignore", horsepower: "number", origin: "category", model_year: "number" });
  expect(plan.notes.find((note) => note.column === "name")?.text).toMatch(
    /left out: 305 of its 398 texts are different/,
  );
  expect(codes).toContain("filled");
  expect(applied.width).toBe(9);
});

withFile("diamonds.csv.gz")("diamonds.csv.gz: a regression on 26 features", async () => {
  const { table, plan, split, kinds, applied } = await run("diamonds.csv.gz", "price");
  expect(table.rowCount).toBe(53_940);
  expect(plan.target.task).toBe("regression");
  expect(Object.values(kinds).filter((kind) => kind === "category")).toHaveLength(3);
  expect(applied.width).toBe(26);
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([37_758, 8091, 8091]);
});

withFile("t10k-images-idx3-ubyte.gz")("MNIST's test digits: 10,000 images of ten classes", async () => {
  const [pair] = findIdxPairs(["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]);
  const load = (name: string) => ({ name, bytes: Uint8Array.from(readFileSync(folder + name)) });
  const images = await readIdxImages(load(pair.images), load(pair.labels));
  expect(images).toMatchObject({ count: 10_000, height: 28, width: 28 });
  const all = Int32Array.from({ length: images.count }, (_, index) => index);
  const split = splitRows(all, { seed: 0, validation: 0, test: 0.2, labels: images.labels });
  expect([split.train.length, split.test.length]).toEqual([8000, 2000]);
  const applied = applyImages(fitImages(images, split.train), images, split.test);
  expect(applied.features.length).toBe(2000 * 784);
  expect([...applied.classes!].filter((label) => label === 7)).toHaveLength(206);
});

withFile("mpg.csv")("the hash is that of sha256sum", async () => {
  expect(await hashData(readFileSync(`${folder}mpg.csv`))).toBe(
    "sha256:c14b8b855ea7ee86cb9736bf8caaf281c4685ca08826f3eb2acaccaaf40f0d5a",
  );
});

withFile("diamonds.csv.gz")("diamonds.csv.gz looked at: known correlation and duplicates, no leak", async () => {
  const found = profile(await readTable(readFileSync(`${folder}diamonds.csv.gz`)), { target: "price" });
  const carat = found.columns.find(({ name }) => name === "carat");
  expect(carat?.association?.value).toBeCloseTo(0.9215913, 6);
  expect(found.warnings.map(({ code }) => code)).toEqual(["duplicate-rows", ...Array(4).fill("far-values")]);
  expect(found.warnings[0].parameters).toMatchObject({ count: 146 });
});

withFile("penguins.csv")("penguins.csv looked at: nothing to warn of", async () => {
  const found = profile(await readTable(readFileSync(`${folder}penguins.csv`)), { target: "species" });
  expect(found.warnings).toEqual([]);
});
