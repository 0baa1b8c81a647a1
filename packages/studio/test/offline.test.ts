import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { serveStudio } from "../../noron/src/studio/serve-studio.ts";
import { LESSONS } from "../src/lessons/lesson.ts";
import { hasBrowser, type OpenStudio, openStudio } from "./studio.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const scripts = readdirSync(`${dist}assets`).filter((file) => file.endsWith(".js"));
const parquet = fileURLToPath(new URL("../../tabular/test/fixtures/parquet-gzip.parquet", import.meta.url));

/** All that the page loads, then and later, by the names of files. */
function loaded({ context }: OpenStudio): Set<string> {
  const files = new Set<string>();
  context.on("requestfinished", (request) => {
    if (request.url().startsWith("http")) files.add(request.url().split("/").at(-1)!);
  });
  return files;
}

describe.skipIf(!hasBrowser)("without a network (skipped where chromium is missing)", () => {
  it.each(["a static host", "the command's server"])("everything works once the page of %s is loaded", async (host) => {
    const studio = await openStudio();
    const command = host === "a static host" ? null : await serveStudio({ port: 0, run: null });
    try {
      const files = loaded(studio);
      const page = await studio.page(`${command?.address ?? studio.address}#train?step=3&lang=en`);
      // The page fetches the rest by itself, in no time that could be named.
      await expect
        .poll(() => scripts.filter((file) => !files.has(file)), { timeout: 120_000, interval: 200 })
        .toEqual([]);
      await expect.poll(() => page.evaluate<boolean>('document.fonts.check("1em Formulas")')).toBe(true);
      await command?.close();
      studio.stopServing();
      await studio.context.setOffline(true);
      const before = files.size;

      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      for (const language of ["Tiếng Việt", "English"]) {
        await page.getByRole("button", { name: language }).click();
        for (const [index] of LESSONS.entries()) {
          await page.locator("nav ol button").nth(index).click();
          await page.locator("article math").first().waitFor();
          const waiting = page.locator('article section.card > p[role="status"]');
          await expect.poll(() => waiting.count(), { timeout: 60_000 }).toBe(0);
        }
      }
      await page.getByRole("button", { name: "Inside", exact: true }).click();
      await page.getByTestId("operation").waitFor();
      await page.getByRole("button", { name: "Data", exact: true }).click();
      await page.getByLabel("Choose a file").setInputFiles(parquet);
      await page.getByText("Columns of parquet-gzip.parquet").waitFor();
      expect(files.size).toBe(before);
      expect(page.errors).toEqual([]);
    } finally {
      await studio.close();
    }
  });

  it("a view that cannot be fetched says so, and comes when it is asked for again", async () => {
    const studio = await openStudio();
    try {
      await studio.context.route(/assets\/(Inside|Lessons|explorer).*\.js$/, (route) => route.abort());
      const page = await studio.page("#lessons?lang=vi");
      const alert = page.locator("main").getByRole("alert");
      await alert.getByText("Không tải được phần Bài học").waitFor();
      await alert.getByRole("button", { name: "Thử lại" }).click();
      await alert.getByText("Không tải được phần Bài học").waitFor();
      await page.getByRole("button", { name: "English" }).click();
      await page.getByRole("button", { name: "Inside", exact: true }).click();
      await alert.getByText("Inside could not be loaded").waitFor();
      await studio.context.unrouteAll();
      await alert.getByRole("button", { name: "Try again" }).click();
      await page.getByTestId("operation").waitFor();
      await page.getByRole("button", { name: "Lessons", exact: true }).click();
      await page.getByTestId("lesson").waitFor();
    } finally {
      await studio.close();
    }
  });
});
