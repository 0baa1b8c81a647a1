import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const numberIn = async (page: StudioPage, name: string): Promise<number> =>
  Number((await page.getByTestId(name).innerText()).replace(/[,.\s]/g, ""));

describe.skipIf(!hasBrowser)("the studio (skipped where chromium is missing)", () => {
  let studio: OpenStudio;

  beforeAll(async () => {
    studio = await openStudio();
  });
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

describe.skipIf(!hasBrowser)("a long training (skipped where chromium is missing)", () => {
  it("holds memory flat over twenty thousand steps", async () => {
    const studio = await openStudio({ isolated: true });
    try {
      const page = await studio.page("#train?lang=en");
      await page.getByLabel("Speed").selectOption("null");
      const bytesAfter = async (steps: number): Promise<number> => {
        await expect.poll(() => numberIn(page, "step"), { timeout: 100_000, interval: 200 }).toBeGreaterThan(steps);
        return page.evaluate<number>("performance.measureUserAgentSpecificMemory().then(({ bytes }) => bytes)");
      };
      const before = await bytesAfter(3_000);
      const after = await bytesAfter((await numberIn(page, "step")) + 20_000);
      // The curves of all epochs are thinned; what is left over is a collector's whim.
      expect(after).toBeLessThan(before + 25e6);
      expect(page.errors).toEqual([]);
    } finally {
      await studio.close();
    }
  });
});
