import { expect, test } from "vitest";
import type { TableData } from "../experiment/experiment.ts";
import { openTable, tableFacts } from "./table.ts";

const rows = Array.from({ length: 20 }, (_, row) => `${row},${["f", "m"][row % 2]},${["a", "b", "c"][row % 3]}`);
const open = await openTable("birds.csv", new TextEncoder().encode(`mass,sex,kind\n${rows.join("\n")}\n`));
const data = (more: Partial<TableData>): TableData => ({
  ...{ source: "table", name: "birds.csv", target: "kind", task: null, kinds: {} },
  ...more,
});

test("a column that cannot be used as was asked for keeps the table, and says why", () => {
  const { columns, problem, task } = tableFacts(open, data({ kinds: { sex: "date", mass: "category" } }));
  expect([problem, task]).toEqual([null, "classification"]);
  const [mass, sex] = columns;
  expect([mass.kind, mass.refused, sex.kind]).toEqual(["category", null, "category"]);
  expect(sex.refused?.en).toContain('"f" is not a date');
  expect(sex.refused?.vi).not.toBe(sex.refused?.en);
});

test("a target that there is not, or that cannot be learned, keeps the table too", () => {
  const other = tableFacts(open, data({ target: "species", kinds: { sex: "date" } }));
  expect(other.columns.map(({ name, refused }) => [name, refused !== null])).toEqual([
    ["mass", false],
    ["sex", true],
    ["kind", false],
  ]);
  expect(other.problem?.en).toContain('there is no column "species"');
  const worded = tableFacts(open, data({ target: "sex", task: "regression" }));
  expect([worded.task, worded.columns.length]).toEqual([null, 3]);
  expect(worded.problem?.en).toContain("number");
  expect(worded.problem?.vi).not.toBe(worded.problem?.en);
});
