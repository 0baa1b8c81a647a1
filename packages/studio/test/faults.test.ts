import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers } from "./barriers.ts";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const text = (page: StudioPage, name: string) => page.getByTestId(name).innerText();
const button = (page: StudioPage, name: string) => page.getByRole("button", { name, exact: true });

const BIRDS = `mass,length,width,height,age,sex,kind\n${Array.from({ length: 60 }, (_, row) => `${row},${row % 7},${row % 5},${row % 3},${row % 11},${["f", "m"][row % 2]},${["a", "b", "c"][row % 3]}`).join("\n")}\n`;

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

  it("is told at the layer where it can be trained, and what rows have no places for is not offered", async () => {
    const page = await studio.page("#network?step=0&layers=Linear;outFeatures=auto,Softmax&lang=en");
    await page.emulateMedia({ reducedMotion: "reduce" });
    const stack = page.getByRole("list").filter({ has: page.getByLabel("Layer 1", { exact: true }) });
    const caution = page.locator("li:last-child").getByRole("note");
    await caution.getByText("no class can be given more than 73 %").waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await caution.getByText("softmax được tính hai lần").waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("button", { name: "Remove Softmax (2)" }).click();
    await caution.waitFor({ state: "detached" });
    const add = page.getByLabel("Add", { exact: true });
    const offered = await add.locator("option").allInnerTexts();
    expect(offered).toContain("InstanceNorm1d");
    expect(offered).not.toContain("InstanceNorm2d");
    await button(page, "+ Linear").click();
    await expect.poll(() => stack.getByRole("listitem").count()).toBe(2);
    // Once it is known what the new layer gives.
    await stack.getByText(/^\s*→ 8/).waitFor();
    await add.selectOption("InstanceNorm1d");
    await expect.poll(() => stack.getByRole("listitem").count()).toBe(5);
    await stack
      .getByText(/^\s*→ 2 × 4/)
      .last()
      .waitFor();
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("1");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("is told at the column of a file, where it can be undone", async () => {
    const page = await studio.page("#data?lang=en", { width: 360 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    const chooser = page.locator("input[type=file]");
    await chooser.setInputFiles({ name: "birds.csv", mimeType: "text/csv", buffer: Buffer.from(BIRDS) });
    await page.getByRole("heading", { name: "Columns of birds.csv" }).waitFor();
    const kind = page.getByLabel("Used as: sex");
    await kind.selectOption("date");
    await page.getByRole("row").filter({ has: kind }).getByRole("alert").getByText("is not a date").waitFor();
    expect(await page.getByLabel("Used as: mass").inputValue()).toBe("");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await barriers(page), colorScheme).toEqual([]);
    }
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await page.getByRole("alert").getByText("không phải giá trị thuộc kiểu của cột này").waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await kind.selectOption("");
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "What it looks like" }).waitFor();
    expect(await barriers(page)).toEqual([]);
    // A number is learned: what is said against what is so, as text too.
    await page.getByLabel("Learn the column").selectOption("mass");
    await button(page, "Train").click();
    const table = page.getByRole("table", { name: "Said against actual" });
    await expect.poll(() => table.getByRole("row").count()).toBe(13);
    const actual = await table.locator("tbody td:nth-child(2)").allInnerTexts();
    const numbers = actual.map(Number);
    expect(numbers).toEqual([...numbers].sort((first, second) => first - second));
    expect(numbers.every((each) => Number.isInteger(each) && each >= 0 && each < 60)).toBe(true);
    // Rows are those of the file, below its header.
    expect(await table.getByRole("rowheader").allInnerTexts()).toEqual(numbers.map((mass) => String(mass + 2)));
    await expect.poll(async () => Number(await text(page, "epoch"))).toBeGreaterThan(1);
    await button(page, "Pause").click();
    await button(page, "Run").waitFor();
    const note = await page.getByText("RMSE is in the unit of mass.").innerText();
    const [, deviation] = /standard deviations, ([\d.]+) each/.exec(note)!.map(Number);
    const lastOf = async (name: string) =>
      Number(await page.getByRole("table", { name, exact: true }).locator("tbody tr:last-child td").last().innerText());
    const expected = Math.sqrt(await lastOf("Loss by epoch")) * deviation;
    expect(Math.abs((await lastOf("RMSE by epoch")) - expected)).toBeLessThan(0.02 * expected);
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("a file that takes long is cancelled, and what was trained on goes on", async () => {
    const page = await studio.page("#data?step=3&lang=en");
    await expect.poll(() => text(page, "step")).toBe("3");
    await page.evaluate("File.prototype.arrayBuffer = () => new Promise(() => {})");
    const birds = { name: "birds.csv", mimeType: "text/csv", buffer: Buffer.from(BIRDS) };
    await page.locator("input[type=file]").setInputFiles(birds);
    await page.getByText("Reading birds.csv").waitFor();
    expect(await barriers(page)).toEqual([]);
    await button(page, "Cancel").click();
    await page.getByText("Reading birds.csv").waitFor({ state: "detached" });
    await expect.poll(() => text(page, "step")).toBe("3");
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("4");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("a file is said to be read until it is trained on, and can be cancelled until then", async () => {
    const page = await studio.page("#data?step=3&lang=en");
    await expect.poll(() => text(page, "step")).toBe("3");
    // A worker that never comes to the experiment: what it is asked next after the columns is lost.
    await page.evaluate(() => {
      const send = Worker.prototype.postMessage as (this: Worker, message: unknown, more: Transferable[]) => void;
      Worker.prototype.postMessage = function (this: Worker, message: unknown, more: Transferable[]) {
        if (!JSON.stringify(message).includes('["open"]')) send.call(this, message, more ?? []);
      } as typeof Worker.prototype.postMessage;
      Object.assign(window, { mend: () => Object.assign(Worker.prototype, { postMessage: send }) });
    });
    const birds = { name: "birds.csv", mimeType: "text/csv", buffer: Buffer.from(BIRDS) };
    await page.locator("input[type=file]").setInputFiles(birds);
    await page.getByRole("heading", { name: "Columns of birds.csv" }).waitFor();
    await page.getByText("Reading birds.csv").waitFor();
    await page.evaluate("mend()");
    await button(page, "Cancel").click();
    await page.getByText("Reading birds.csv").waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Columns of birds.csv" }).waitFor({ state: "detached" });
    await button(page, "Start over").click();
    await expect.poll(() => text(page, "step")).toBe("0");
    await button(page, "One batch").click();
    await expect.poll(() => text(page, "step")).toBe("1");
    expect(await page.evaluate("location.hash")).toContain("data=spirals");
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
