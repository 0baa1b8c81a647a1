import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const text = (page: StudioPage, name: string) => page.getByTestId(name).innerText();
const button = (page: StudioPage, name: string) => page.getByRole("button", { name, exact: true });

describe.skipIf(!hasBrowser)("what goes wrong in the studio (skipped where chromium is missing)", () => {
  let studio: OpenStudio;

  beforeAll(async () => {
    studio = await openStudio();
  });
  afterAll(() => studio?.close());

  it("is told at the layer, and mending it lets training go on", async () => {
    const page = await studio.page("#network?step=0&layers=Linear,BatchNorm1d,Tanh,Linear;outFeatures=auto&lang=en");
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("1");
    await page.getByLabel("Batch size").fill("1");
    await page.getByRole("alert").getByText("BatchNorm1d normalizes over the examples of a batch").waitFor();
    expect(await button(page, "Run").isDisabled()).toBe(true);
    await button(page, "Train").click();
    await page.getByText("This cannot be trained.").waitFor();
    await button(page, "Go to Network").click();
    await page.getByLabel("Batch size").fill("2");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("1");
    await button(page, "Run").click();
    await button(page, "Pause").waitFor();
    await expect.poll(async () => Number(await text(page, "step"))).toBeGreaterThan(2);
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it.each([
    ["the page", (page: StudioPage) => page.evaluate("void Promise.reject(new Error('lost'))")],
    ["its worker", (page: StudioPage) => page.workers()[0].evaluate("void Promise.reject(new Error('lost'))")],
  ])("is told of in words where nobody foresaw it, in %s, and training goes on", async (_, fail) => {
    const page = await studio.page("#train?step=2&lang=en");
    await expect.poll(() => text(page, "step")).toBe("2");
    await fail(page);
    await page
      .getByRole("alert")
      .getByText(/^Something in the page went wrong: .*lost/)
      .waitFor();
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("3");
    await button(page, "Start over").click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.close();
  });
});
