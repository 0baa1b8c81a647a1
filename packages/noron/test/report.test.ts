import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EvaluatedRows } from "../src/report/evaluated-rows.ts";
import { html } from "../src/report/html.ts";
import { measureClasses } from "../src/report/measure-classes.ts";
import { measureNumbers } from "../src/report/measure-numbers.ts";
import { bars, clouds, events, expectRefusal, file, folder, noron, useRun } from "./command.ts";

const page = (name: string) => readFileSync(join(folder, name), "utf8");

describe("measures", () => {
  test("confusion, precision, recall, F1 and calibration, by hand", () => {
    const rows: EvaluatedRows & { kind: "classes" } = {
      kind: "classes",
      classes: ["a", "b"],
      probabilities: [
        [0.95, 0.05],
        [0.65, 0.35],
        [0.25, 0.75],
        [0.91, 0.09],
      ],
      actual: Int32Array.of(0, 1, 1, 0),
    };
    const { confusion, classes, calibration, calibrationError } = measureClasses(rows);
    expect(confusion).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(classes[0]).toEqual({ name: "a", rows: 2, precision: 2 / 3, recall: 1, f1: 0.8 });
    expect(classes[1]).toEqual({ name: "b", rows: 2, precision: 1, recall: 0.5, f1: 2 / 3 });
    expect(calibration.map(({ rows: count, right }) => [count, right])).toEqual([
      [1, 0],
      [1, 1],
      [2, 1],
    ]);
    // (0.65 + 0.25 + 2 · 0.07) / 4
    expect(calibrationError).toBeCloseTo(0.26, 10);
  });

  test("a class that is never said has no precision, and one without rows no recall", () => {
    const probabilities = [[0, 1, 0]];
    const { classes } = measureClasses({
      kind: "classes",
      classes: ["a", "b", "c"],
      probabilities,
      actual: Int32Array.of(0),
    });
    expect(classes.map(({ precision, recall, f1 }) => [precision, recall, f1])).toEqual([
      [null, 0, 0],
      [0, null, 0],
      [null, null, null],
    ]);
  });

  test("errors in order, and predictions in parts", () => {
    const actual = Float64Array.from({ length: 21 }, (_, row) => row);
    const { quantiles, calibration } = measureNumbers({
      kind: "number",
      predicted: actual.map((value) => value + value / 10),
      actual,
    });
    expect(quantiles.map(({ error }) => Number(error.toFixed(6)))).toEqual([0, 0.1, 0.5, 1, 1.5, 1.9, 2]);
    expect(calibration.reduce((sum, { rows }) => sum + rows, 0)).toBe(21);
    for (const { predicted, actual: mean } of calibration) expect(predicted).toBeCloseTo(1.1 * mean, 9);
  });
});

test("what is put into HTML is escaped, once", () => {
  const evil = `<script>alert("1")</script> & 'x' \u202e\u0000`;
  const text = String(html`<p title="${evil}">${[evil, html`<b>${1}</b>`]}</p>`);
  const escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; \\u202e\\u0000";
  expect(text).toBe(`<p title="${escaped}">${escaped}<b>1</b></p>`);
});

describe("report", () => {
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "20"]);

  test("says of a network that takes every row for one class that it does", async () => {
    const one = join(folder, "kinds", "model.safetensors");
    const bytes = readFileSync(one);
    // Weights of 0 give every class the same, and the first one is taken.
    bytes.fill(0, 8 + Number(bytes.readBigUInt64LE(0)));
    writeFileSync(one, bytes);
    expect((await noron(["report", "kinds"])).code).toBe(0);
    expect(page("kinds/report.html")).toContain(
      "All of these 12 rows are taken for “left”: the network tells no class",
    );
    const evaluated = await noron(["evaluate", "kinds", "clouds.csv"]);
    expect(evaluated.stderr).toMatch(/^note: all of these 80 rows are taken for "left": the network tells no class/m);
  });

  test("is one page with all sections, without a script and without an address", async () => {
    const ended = await noron(["report", "kinds"]);
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, "report written to kinds/report.html\n", ""]);
    const text = page("kinds/report.html");
    for (const heading of [
      "Result",
      "Data",
      "Training",
      "Confusion matrix",
      "Each class",
      "Calibration",
      "Importance",
      "Worst errors",
      "Configuration",
      "Environment",
    ])
      expect(text).toContain(heading);
    expect(text).not.toMatch(/<script|<link|src="http|@import|url\(/i);
    expect(text).toContain("On 12 rows that it was not trained on, its accuracy is 1.0000");
    // Each chart has a title and a description.
    for (const [svg] of text.matchAll(/<svg[\s\S]*?<\/svg>/g))
      expect(svg).toMatch(/<title id=.+>.+<\/title><desc id=.+>.+<\/desc>/);
    expectRefusal(await noron(["report", "kinds"]), 2, /kinds\/report\.html is there already.*--force/, [
      "clouds.csv",
      "kinds",
    ]);
  });

  test("says the same as train and evaluate, and the same each time", async () => {
    const [first] = events(await noron(["report", "kinds", "--log", "json", "--out", "a.html"]));
    const [second] = events(await noron(["report", "kinds", "--log", "json", "--out", "b.html"]));
    expect({ ...second, file: "a.html" }).toEqual(first);
    expect(page("a.html")).toBe(page("b.html"));
    const { result } = JSON.parse(page("kinds/config.json"));
    expect(first.scores).toEqual(result.test);
    // x decides, the colour does not.
    const importance = new Map(first.importance.map(({ name, mean }: { name: string; mean: number }) => [name, mean]));
    expect(importance.get("x")).toBeGreaterThan(0.05);
    expect(Math.abs(importance.get("colour") as number)).toBeLessThan(0.05);
    file("more.csv", clouds(50));
    const [other] = events(await noron(["report", "kinds", "more.csv", "--log", "json", "--out", "c.html"]));
    const [evaluated] = events(await noron(["evaluate", "kinds", "more.csv", "--log", "json"]));
    expect(other).toMatchObject({ heldOut: false, rows: 50, scores: evaluated.scores });
  });

  test("in Vietnamese", async () => {
    const ended = await noron(["report", "kinds", "--lang", "vi", "--out", "vi.html"]);
    expect(ended.stdout).toBe("đã ghi báo cáo vào vi.html\n");
    const text = page("vi.html");
    expect(text).toContain('<html lang="vi">');
    expect(text).toContain("Ma trận nhầm lẫn");
    expect(text).not.toMatch(/Confusion|Calibration|rows\b/);
  });

  test("is refused where the data are gone or others, and takes them by another name", async () => {
    file("moved.csv", clouds());
    file("clouds.csv", clouds(70));
    const inputs = ["clouds.csv", "kinds", "moved.csv"];
    expectRefusal(
      await noron(["report", "kinds"]),
      3,
      /is not what it was.*\n {2}npx noron report kinds DATA$/m,
      inputs,
    );
    const [found] = events(await noron(["report", "kinds", "moved.csv", "--log", "json"]));
    expect(found).toMatchObject({ heldOut: true, rows: 12 });
  });
});

test("numbers: errors, and a column that would be a script", async () => {
  const evil = "<img src=x onerror=alert(1)>";
  file("sizes.csv", clouds(80, "size").replace("colour", evil).replaceAll("red", '"</td><script>alert(2)</script>"'));
  await noron(["train", "sizes.csv", "-t", "size", "--epochs", "5", "--out", "sizes"]);
  const [found] = events(await noron(["report", "sizes", "--log", "json"]));
  expect(found.worst[0].error).toBeGreaterThanOrEqual(found.worst[1].error);
  expect(found.importance.map(({ name }: { name: string }) => name).sort()).toEqual([evil, "x", "y"]);
  const text = page("sizes/report.html");
  expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;");
  expect(text).not.toMatch(/<script|<img/);
});

test("numbers of many rows: some are drawn, which is told, and the worst are among them, within the axes", async () => {
  const rows = clouds(2600, "size").trim().split("\n");
  // A row far off, in the part that is held out, wherever that is.
  file("train.csv", rows.slice(0, 300).join("\n"));
  const far = rows[1001].replace(/[^,]+$/, "900");
  file("new.csv", [...rows.slice(0, 1001), far, ...rows.slice(1002)].join("\n"));
  await noron(["train", "train.csv", "-t", "size", "--epochs", "2", "--out", "sizes"]);
  const [found] = events(await noron(["report", "sizes", "new.csv", "--log", "json"]));
  expect(found.worst[0]).toMatchObject({ row: 1002, actual: "900" });
  const text = page("sizes/report.html");
  expect(text).toMatch(/6\d\d of 2,600 rows, those with the largest errors among them; on the dashed line/);
  const circles = Array.from(text.matchAll(/<circle cx="([^"]+)" cy="([^"]+)"/g), ([, x, y]) => [Number(x), Number(y)]);
  expect(circles.length).toBeGreaterThan(1200);
  // Epochs are whole.
  const curve = /<svg[^>]*loss-title[\s\S]*?<\/svg>/.exec(text)?.[0] ?? "";
  expect(curve).toContain(">2</text>");
  expect(curve).not.toMatch(/y="198"[^>]*>1\.\d/);
  for (const [x, y] of circles) {
    expect(x).toBeGreaterThanOrEqual(48);
    expect(x).toBeLessThanOrEqual(328);
    expect(y).toBeGreaterThanOrEqual(12);
    expect(y).toBeLessThanOrEqual(184);
  }
  const vietnamese = ["report", "sizes", "new.csv", "--lang", "vi", "--force"];
  expect((await noron(vietnamese)).code).toBe(0);
  expect(page("sizes/report.html")).toMatch(/gồm cả những hàng có sai số lớn nhất/);
});

test("a run whose rows would be split otherwise now is refused: nobody knows what was held out", async () => {
  file("clouds.csv", clouds());
  await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "1", "--out", "before"]);
  const path = join(folder, "before", "config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  config.split.training--;
  config.split.test++;
  writeFileSync(path, JSON.stringify(config));
  expectRefusal(await noron(["report", "before"]), 3, /clouds\.csv is read otherwise now than when/, [
    "before",
    "clouds.csv",
  ]);
  file("others.csv", clouds(50));
  expect((await noron(["report", "before", "others.csv"])).code).toBe(0);
});

test("rows of other files than the run's data are told with their file", async () => {
  file("one.csv", clouds(60));
  file("two.csv", clouds(30));
  await noron(["train", "one.csv", "-t", "kind", "--test", "two.csv", "--epochs", "2", "--out", "other"]);
  await noron(["train", "one.csv", "two.csv", "-t", "kind", "--epochs", "2", "--out", "both"]);
  const where = async (run: string, ...args: string[]) => {
    const [{ worst }] = events(await noron(["report", run, ...args, "--log", "json"]));
    return worst.map((row: { where: string }) => row.where.replace(/\d+$/, "ROW"));
  };
  expect(new Set(await where("other"))).toEqual(new Set(["two.csv ROW"]));
  for (const each of await where("both")) expect(["one.csv ROW", "two.csv ROW"]).toContain(each);
  expect(new Set(await where("both", "one.csv", "--out", "again.html"))).toEqual(new Set(["ROW"]));
  expect(page("other/report.html")).toMatch(/<tr><t[hd][^>]*>two\.csv \d+</);
  const explained = await noron(["explain", "both", "--row", "3"]);
  expect(explained.stdout).toMatch(/^Row 3 of one\.csv\n/);
});

test("images: the wrong ones as pictures", async () => {
  const { images, labels } = bars(200);
  // Some labels are wrong, which nothing can learn.
  for (let at = 8; at < labels.length; at += 9) labels[at] = 1 - labels[at];
  file("a-images-idx3-ubyte", images);
  file("a-labels-idx1-ubyte", labels);
  await noron(["train", "a-images-idx3-ubyte", "--model", "8", "--epochs", "4", "--out", "bars"]);
  const [found] = events(await noron(["report", "bars", "--log", "json"]));
  expect(found.worst.length).toBeGreaterThan(0);
  const pictures = [
    ...page("bars/report.html").matchAll(
      /<img src="data:image\/bmp;base64,[^"]+" alt="Image (\d+): it is (\d), and was taken for (\d)/g,
    ),
  ];
  expect(pictures.map(([, row, actual, said]) => [Number(row), actual, said])).toEqual(
    found.worst.map(({ row, actual, predicted }: { row: number; actual: string; predicted: string }) => [
      row,
      actual,
      predicted,
    ]),
  );
});

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const why = executable === undefined ? " (skipped: there is no Chromium here)" : "";

describe.skipIf(executable === undefined)(`in a browser${why}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const flags =
      "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
    browser = await chromium.launch({ executablePath: executable, args: flags.split(" ") });
  });
  afterAll(() => browser?.close());
  useRun("kinds", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "20"]);

  test.each<[number, "light" | "dark"]>([
    [360, "light"],
    [1440, "dark"],
  ])("%d pixels wide, %s: nothing hinders readers, and nothing sticks out", async (width, colorScheme) => {
    await noron(["report", "kinds"]);
    const view = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const requests: string[] = [];
    view.on("request", (request) => requests.push(request.url()));
    const address = `file://${join(folder, "kinds/report.html")}`;
    await view.goto(address);
    await view.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    expect(requests).toEqual([address]);
    expect(await view.evaluate("document.documentElement.scrollWidth")).toBe(width);
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await view.evaluate(axe);
    const found = await view.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
    expect(found).toEqual([]);
    await view.close();
  });
});
