import { type Profile, parseTable, profile, profileImages } from "@noron/tabular";
import { afterEach, describe, expect, test } from "vitest";
import { tellImagesProfile, tellProfile } from "../src/command/tell-profile.ts";
import { speak } from "../src/language/current.ts";
import { bars, clouds, events, expectRefusal, file, hasRealData, noron, realData } from "./command.ts";

afterEach(() => speak("en"));

const noise = (row: number, step: number) => (Math.sin(row * 12.9898 + step * 78.233) * 43758.5453).toFixed(2);
const longest = (lines: readonly string[]) => Math.max(...lines.map((line) => [...line].length));
/** A little of everything, with a name that is long, one in Vietnamese, and cells that a terminal would obey. */
function mixed(): Profile {
  const rows = Array.from({ length: 90 }, (_, row) => {
    const size = Math.sin(row * 12.9898) * 1e6;
    const state = row % 30 === 0 ? "lost" : row % 2 ? "\u001b[31mkept" : "";
    return `${size},${row % 3 ? "xanh" : "đỏ"},2024-01-${(row % 28) + 1},${row % 2 ? "có" : "không"},${row},${state},${size}`;
  });
  const table = parseTable(
    `a_${"very_".repeat(9)}long_name,màu sắc,ngày,đúng sai,id,state,copy\n${rows.join("\n")}\n`,
    { name: "mixed.csv" },
  );
  return profile(table, { target: "state" });
}

describe("a profile on a terminal", () => {
  test.each([40, 60, 80, 120, 200])("of %d columns keeps inside it, in both languages", (width) => {
    for (const language of ["en", "vi"] as const) {
      speak(language);
      for (const full of [true, false]) {
        const lines = tellProfile(mixed(), { width, full });
        expect(longest(lines)).toBeLessThanOrEqual(width);
        expect(lines.join("\n")).not.toMatch(/[^\P{Cc}\n]/u);
      }
    }
  });

  test("says what each column is taken for and why, what is in it, and what to be wary of", () => {
    const text = tellProfile(mixed(), { width: 120, full: false }).join("\n");
    expect(text).toMatch(/^mixed\.csv: 90 rows, 7 columns$/m);
    expect(text).toMatch(/^màu sắc +category +2 +V 0\.\d\d +xanh 60, đỏ 30$/m);
    expect(text).toMatch(/^ngày +date +28 .* 2024-01-01 to 2024-01-28$/m);
    expect(text).toMatch(/^state +target +42 +2 /m);
    expect(text).toMatch(/^ {2}id +it numbers the rows$/m);
    expect(text).toMatch(/- column "copy" holds the same as/);
    expect(text).toContain("\\u001b[31mkept");
  });

  test("sums up a table of 2,000 columns", () => {
    const names = Array.from({ length: 2000 }, (_, index) => `c${index}`);
    const rows = Array.from({ length: 60 }, (_, row) =>
      names.map((_, index) => (index === 1999 ? row * 2 : index % 400 === 7 && row === 3 ? "" : noise(row, index))),
    );
    const table = parseTable(`${names.join(",")}\n${rows.map((row) => row.join(",")).join("\n")}\n`);
    const found = profile(table, { target: "c1999" });
    const lines = tellProfile(found, { width: 80, full: false });
    expect(lines.length).toBeLessThan(100);
    expect(longest(lines)).toBeLessThanOrEqual(80);
    expect(lines.join(" ")).toMatch(/2,000 number; 5 with missing cells\s+shown are the 11 of 2,000 columns/);
    expect(tellProfile(found, { width: 80, full: true }).length).toBeGreaterThan(4000);
  });
});

test("of images, with a warning where there are few of one", () => {
  const images = {
    name: "i",
    count: 30,
    height: 2,
    width: 2,
    pixels: Uint8Array.from({ length: 120 }, (_, at) => (at % 4 === 0 ? 9 : at % 250)),
    labels: Int32Array.from({ length: 30 }, (_, at) => (at === 0 ? 1 : 0)),
  };
  const found = profileImages(images);
  expect(found).toMatchObject({
    images: 30,
    constantPixels: 1,
    classes: [
      { value: "0", count: 29 },
      { value: "1", count: 1 },
    ],
  });
  expect(found.warnings.map(({ code }) => code)).toEqual(["class-imbalance", "tiny-data"]);
  expect(tellImagesProfile(found, 60).join("\n")).toMatch(/2 classes: 0 29, 1 1/);
  // In colour: of 1 × 2 pixels, the left one is the same in all, and the right one only in red.
  const coloured = profileImages({
    name: "c",
    count: 2,
    height: 1,
    width: 2,
    channels: 3,
    pixels: Uint8Array.from(
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [1, 2],
        [3, 40],
        [5, 60],
      ].flat(),
    ),
    labels: Int32Array.of(0, 1),
    classNames: ["cat", "dog"],
  });
  expect(coloured).toMatchObject({ channels: 3, constantPixels: 1, classes: [{ value: "cat" }, { value: "dog" }] });
});

describe("noron inspect", () => {
  test("tells a table, and the next command", async () => {
    file("clouds.csv", clouds());
    const { code, stdout, stderr } = await noron(["inspect", "clouds.csv", "-t", "kind", "--drop", "colour"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^x +number +80 +η 0\.9\d/m);
    expect(stdout).toMatch(/^colour +left out/m);
    expect(stderr).toBe("\nnext: npx noron train clouds.csv --target kind\n");
    const { stderr: without } = await noron(["inspect", "clouds.csv"]);
    expect(without).toBe("\nnext: npx noron inspect clouds.csv --target COLUMN\n");
  });

  test("gives the same to programs", async () => {
    file("clouds.csv", clouds());
    const [found, ...others] = events(await noron(["inspect", "clouds.csv", "-t", "kind", "--log", "json"]));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ event: "profile", rows: 80, target: { name: "kind", task: "classification" } });
    expect(found.columns.map(({ kind }: { kind: string }) => kind)).toEqual([
      "number",
      "number",
      "category",
      "category",
    ]);
  });

  test("a target that cannot be learned is a warning; one that is not there, a mistake", async () => {
    file("one.csv", "x,y\n1,a\n2,a\n3,a\n");
    const ended = await noron(["inspect", "one.csv", "-t", "y"]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/the target cannot be learned: .*"a" in\s+every row/);
    expectRefusal(await noron(["inspect", "one.csv", "-t", "z"]), 3, /there is no column "z"/, ["one.csv"]);
  });

  test("a table in pieces is told the same", async () => {
    const found = `${clouds(300)}${clouds(100).split("\n").slice(1, 40).join("\n")}\n`;
    file("clouds.csv", found);
    const [whole] = events(await noron(["inspect", "clouds.csv", "-t", "kind", "--log", "json"]));
    const [, , , pieces] = events(await noron(["inspect", "clouds.csv", "-t", "kind", "--stream", "--log", "json"]));
    expect(pieces).toEqual(whole);
    expect(whole.warnings.map(({ code }: { code: string }) => code)).toContain("duplicate-rows");
  });

  test("images", async () => {
    file("a-images-idx3-ubyte", bars().images);
    file("a-labels-idx1-ubyte", bars().labels);
    const [found] = events(await noron(["inspect", "a-images-idx3-ubyte", "--log", "json"]));
    expect(found).toMatchObject({ event: "images", images: 60, height: 4, width: 4, warnings: [] });
    const refused = await noron(["inspect", "a-images-idx3-ubyte", "--drop", "x"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/images have no columns/)]);
  });

  test.skipIf(!hasRealData("diamonds.csv.gz"))("diamonds.csv.gz", async () => {
    const [found] = events(await noron(["inspect", `${realData}diamonds.csv.gz`, "-t", "price", "--log", "json"]));
    expect(found.warnings.map(({ code }: { code: string }) => code)).toContain("duplicate-rows");
    const carat = found.columns.find(({ name }: { name: string }) => name === "carat");
    expect(carat.association.value).toBeCloseTo(0.9216, 3);
  });
});

test("what is read as missing counts as missing, and large numbers of a range are told apart", () => {
  const rows = Array.from({ length: 40 }, (_, row) => {
    const [words, size] = [row % 8 === 0 ? "Nan" : row % 7, 9_007_199_254_740_000 + row * 2];
    return `${words},${size},${noise(row, 3)}`;
  });
  const table = parseTable(`words,size,target\n${rows.join("\n")}\n`);
  const found = profile(table, { target: "target" });
  const text = tellProfile(found, { width: 120, full: false }).join("\n");
  expect(text).toMatch(/^words +number +5 +7 /m);
  expect(text).toMatch(/9007199254740000 to 9007199254740080/);
  expect(found.warnings.map(({ code, column }) => [code, column])).not.toContainEqual(["far-values", "size"]);
});
