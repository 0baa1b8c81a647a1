import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunOutlook } from "../../noron/src/run/config.ts";
import { lockFolder } from "../../noron/src/run/lock.ts";
import { type ServedStudio, serveStudio } from "../../noron/src/studio/serve-studio.ts";
import { barriers } from "./barriers.ts";
import { hasBrowser, type OpenStudio, openStudio } from "./studio.ts";

const CONFIG = {
  created: "2025-01-31T09:30:15.000Z",
  finished: null,
  data: { name: "penguins.csv", rows: 344 },
  task: "classification",
  target: "species",
  split: { training: 240, validation: 52, test: 52 },
  network: { inputs: 8, hidden: [64, 32], outputs: 3, activation: "relu", norm: "none", dropout: 0 },
  settings: { optimizer: "adamw", lr: 0.001, loss: "cross-entropy", batch: 32, seed: 0, epochs: 50 },
  // What the command knows before training has ended.
  result: { baseline: 0 } satisfies RunOutlook,
};
const line = (epoch: number) =>
  `${JSON.stringify({ epoch, loss: 1 / epoch, lr: 0.001, seconds: 0.1, accuracy: 0.9, validationLoss: 1.1 / epoch, validationAccuracy: 0.8 })}\n`;

describe.skipIf(!hasBrowser)("a run of the command, in the studio (skipped where chromium is missing)", () => {
  let browser: OpenStudio;
  let served: ServedStudio;
  let run = "";

  beforeAll(async () => {
    run = join(mkdtempSync(join(tmpdir(), "noron-studio-run-")), "run");
    mkdirSync(run);
    writeFileSync(join(run, "config.json"), JSON.stringify(CONFIG));
    writeFileSync(join(run, "metrics.jsonl"), line(1) + line(2));
    browser = await openStudio();
    served = await serveStudio({ port: 0, run });
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    rmSync(join(run, ".."), { recursive: true, force: true });
  });

  it("is followed while it trains", async () => {
    const unlock = lockFolder(run);
    const page = await browser.page(served.address);
    await page.getByRole("heading", { name: "species of penguins.csv" }).waitFor();
    await page.locator("main header").getByText("training", { exact: true }).waitFor();
    await expect.poll(() => page.getByTestId("run-epochs").innerText()).toBe("2");
    appendFileSync(join(run, "metrics.jsonl"), line(3));
    await expect.poll(() => page.getByTestId("run-epochs").innerText()).toBe("3");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page), colorScheme).toEqual([]);
    }
    unlock();
    await page.reload();
    await page.locator("main header").getByText("not finished", { exact: true }).waitFor();
    await expect.poll(() => page.getByTestId("run-epochs").innerText()).toBe("3");
    await page.getByText("of 50 at most").waitFor();
    await page.getByText("npx noron train --resume RUN").waitFor();
    // All else of the page is there too, and trains under the policy that the server sends.
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByRole("button", { name: "One batch" }).click();
    await expect.poll(() => page.getByTestId("step").innerText()).toBe("1");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("is what the server's own address opens, and in the views of any other", async () => {
    const page = await browser.page(new URL("/", served.address).href);
    await page.getByRole("heading", { name: "species of penguins.csv" }).waitFor();
    await page.goto("about:blank");
    await page.goto(new URL("/#data?step=0&lang=en", served.address).href);
    await page.locator("main h2", { hasText: "Data" }).waitFor({ state: "attached" });
    await page.getByRole("navigation").getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("heading", { name: "species of penguins.csv" }).waitFor();
    // With one view more all of them are still in sight on a phone.
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto("about:blank");
    await page.goto(new URL("/#run?lang=vi", served.address).href);
    await page.getByRole("heading", { name: "species của penguins.csv" }).waitFor();
    expect(
      await page.evaluate("document.querySelector('nav').scrollWidth <= document.querySelector('nav').clientWidth"),
    ).toBe(true);
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("is shown after ten thousand epochs, and goes on in the same chart", async () => {
    const metrics = join(run, "metrics.jsonl");
    writeFileSync(metrics, Array.from({ length: 10_000 }, (_, index) => line(index + 1)).join(""));
    const page = await browser.page(served.address);
    const epochs = () => page.getByTestId("run-epochs").innerText();
    await expect.poll(epochs).toBe("10,000");
    expect(await page.locator("dt:text-is('Seconds') + dd").innerText()).toBe("1,000");
    const chart = await page.locator("canvas").first().elementHandle();
    appendFileSync(metrics, line(10_001));
    await expect.poll(epochs).toBe("10,001");
    const last = page.getByRole("table", { name: "Loss by epoch" }).getByRole("row").last();
    expect(await last.getByRole("rowheader").innerText()).toBe("10001");
    expect(await chart!.evaluate((each) => each.isConnected)).toBe(true);
    appendFileSync(metrics, `{"epoch":\n${line(10_002)}`);
    await expect.poll(epochs).toBe("10,002");
    await page.getByText("1 line of the run's metrics.jsonl is damaged and left out.").waitFor();
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("is told in Vietnamese, with what its numbers are of", async () => {
    const result = { baseline: 2, bestEpoch: 2, test: { rmse: 1.5, mae: 1.2, r2: 0.4 }, testBaseline: { rmse: 2.5 } };
    const finished = "2025-01-31T09:31:15.000Z";
    writeFileSync(join(run, "config.json"), JSON.stringify({ ...CONFIG, task: "regression", finished, result }));
    for (const name of ["preprocessing.json", "model.safetensors"]) writeFileSync(join(run, name), "");
    const page = await browser.page(served.address);
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await page.getByText("Mất mát tính trên species đã chuẩn hóa, như khi học;").waitFor();
    await page.getByText("8 → 64 → 32 → 3 · relu · không chuẩn hóa · dropout 0", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Trọng số của epoch tốt nhất (2)", exact: true }).waitFor();
    await page.getByRole("row", { name: "RMSE 1,5 2,5", exact: true }).waitFor();
    writeFileSync(
      join(run, "config.json"),
      JSON.stringify({ ...CONFIG, result: { ...result, test: { f1: 0.5, loss: 1.25 } } }),
    );
    await page.reload();
    await page.getByRole("row", { name: "F1 (macro) 50%", exact: true }).waitFor();
    await page.getByRole("row", { name: "Mất mát 1,25", exact: true }).waitFor();
    await page.close();
  });
});
