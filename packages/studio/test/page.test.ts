import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const numberIn = async (page: StudioPage, name: string): Promise<number> =>
  Number((await page.getByTestId(name).innerText()).replace(/[,.\s]/g, ""));

describe.skipIf(!hasBrowser)("the studio (skipped where chromium is missing)", () => {
  let studio: OpenStudio;

  beforeAll(async () => {
    studio = await openStudio();
  }, 60_000);
  afterAll(() => studio?.close());

  it("is training when it opens, asks nothing of other hosts, and pauses", async () => {
    const page = await studio.page();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await expect.poll(() => numberIn(page, "step"), { timeout: 30_000 }).toBeGreaterThan(20);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Run", exact: true }).waitFor();
    const stopped = await numberIn(page, "step");
    await page.getByRole("button", { name: "One batch" }).click();
    await expect.poll(() => numberIn(page, "step")).toBe(stopped + 1);
    expect(page.errors).toEqual([]);
    expect(page.foreign).toEqual([]);
    await page.close();
  });
});
