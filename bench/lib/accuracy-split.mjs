/** The rows that noron trains and tests on, as it makes them numbers, written for other programs. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { tabular } from "../../packages/noron/dist/index.js";

/** Writes the parts of a data set as float32 and meta.json into a folder, prepared as `noron train --seed` prepares them. */
export async function writeSplit({ files, target }, seed, folder) {
  const inputs = files.map((file) => ({ name: basename(file), bytes: readFileSync(file) }));
  const split = target === undefined ? await splitImages(inputs, seed) : await splitRows(inputs[0], target, seed);
  for (const [name, { features, targets }] of Object.entries(split.parts)) {
    writeFileSync(join(folder, `${name}.x.f32`), features);
    writeFileSync(join(folder, `${name}.y.f32`), Float32Array.from(targets));
  }
  writeFileSync(join(folder, "meta.json"), JSON.stringify({ ...split.meta, seed }));
}

async function splitRows({ name, bytes }, target, seed) {
  const table = await tabular.readTable(bytes, { name });
  const plan = tabular.planTable(table, { target });
  const split = tabular.splitTable(table, plan, { seed });
  const { preprocessing } = tabular.fitPreprocessing(table, split.train, plan);
  let width = 0;
  const encode = (rows) => {
    const encoded = tabular.encodeTarget(preprocessing, table, rows);
    const applied = tabular.applyPreprocessing(preprocessing, table, encoded.rows);
    width = applied.width;
    return { features: applied.features, targets: encoded.kind === "classes" ? encoded.classes : encoded.values };
  };
  const parts = { training: encode(split.train), validation: encode(split.validation), test: encode(split.test) };
  const { standardDeviation } = preprocessing.target;
  return { parts, meta: { task: plan.target.task, width, standardDeviation } };
}

async function splitImages([images, labels], seed) {
  const read = await tabular.readIdxImages(images, labels);
  const rows = Int32Array.from({ length: read.count }, (_, row) => row);
  const split = tabular.splitRows(rows, { seed, validation: 0.1, test: 0.2, labels: read.labels });
  const preprocessing = tabular.fitImages(read, split.train);
  const encode = (part) => {
    const { features, classes } = tabular.applyImages(preprocessing, read, part);
    return { features, targets: classes };
  };
  const parts = { training: encode(split.train), validation: encode(split.validation), test: encode(split.test) };
  return { parts, meta: { task: "classification", width: read.height * read.width } };
}
