import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers } from "./barriers.ts";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const overflow = (page: StudioPage): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
const text = (page: StudioPage, name: string) => page.getByTestId(name).innerText();
const stepIs = (page: StudioPage, step: number) =>
  expect.poll(() => text(page, "step"), { timeout: 30_000 }).toBe(String(step));

/** A file as it would be chosen. */
const file = (name: string, contents: string) => ({ name, mimeType: "text/csv", buffer: Buffer.from(contents) });
const CSV = `size,colour,kind\n${Array.from({ length: 40 }, (_, row) => `${row % 9},${["red", "blue"][row % 2]},${row % 9 > 4 ? "big" : "small"}`).join("\n")}\n`;

describe.skipIf(!hasBrowser)("the views of the studio (skipped where chromium is missing)", () => {
  let studio: OpenStudio;

  beforeAll(async () => {
    studio = await openStudio();
  });
  afterAll(() => studio?.close());

  describe.each(["en", "vi"])("in the language %s", (lang) => {
    it.each(["data", "network", "train"])("%s keeps nobody out, on phones and desks, light and dark", async (view) => {
      for (const [width, scheme] of [
        [360, "dark"],
        [1440, "light"],
      ] as const) {
        const page = await studio.page(`#${view}?step=30&lang=${lang}`, { width, height: 800, colorScheme: scheme });
        await page.locator("main h2").first().waitFor({ state: "attached" });
        await stepIs(page, 30);
        expect(await page.evaluate("document.documentElement.lang")).toBe(lang);
        expect(await page.evaluate("document.documentElement.dataset.theme")).toBe(scheme);
        expect(await barriers(page)).toEqual([]);
        expect(await overflow(page), `${width} px`).toBe(0);
        expect(page.errors).toEqual([]);
        await page.close();
      }
    });
  });

  it("train on data that are chosen, by keyboard alone", async () => {
    const page = await studio.page("#data?step=0&lang=en");
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.getByRole("radio", { name: "Spirals" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.evaluate("location.hash")).toContain("data=moons,300");
    await page.getByRole("slider", { name: "Noise" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.evaluate("location.hash")).toContain("data=moons,300,0.11");
    await page.getByRole("button", { name: "One epoch" }).focus();
    await page.keyboard.press("Enter");
    await stepIs(page, 12);
    await page.getByRole("button", { name: "Train", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Neuron 3 of layer 2: Linear(2, 12), Tanh" }).focus();
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: "Neuron 3 of layer 2: Tanh()" }).waitFor();
    await page.getByRole("tab", { name: "Runs compared" }).focus();
    for (const panel of ["Confusion matrix", "Histograms", "Loss surface"]) {
      await page.keyboard.press("ArrowRight");
      await page.getByRole("tabpanel", { name: panel }).waitFor();
      await page.getByRole("tabpanel").locator("table").first().waitFor();
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await barriers(page), `${panel}, ${colorScheme}`).toEqual([]);
      }
    }
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("read a file of one's own, show what was inferred and let it be corrected; a broken one gets a message", async () => {
    const page = await studio.page("#data?lang=en");
    const chooser = page.locator("input[type=file]");
    await chooser.setInputFiles(file("broken.csv", 'a,b\n1,2\n3,"4\n5,6,7\n'));
    await page.getByText("broken.csv cannot be used.").waitFor();
    await chooser.setInputFiles(file("empty.csv", ""));
    await page.getByText("empty.csv cannot be used.").waitFor();
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await page.getByText("Không dùng được empty.csv.").waitFor();
    await page.getByText("empty.csv: tệp trống").waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await chooser.setInputFiles(file("things.csv", CSV));
    await page.getByRole("heading", { name: "Columns of things.csv" }).waitFor();
    await expect.poll(async () => Number(await text(page, "step")), { timeout: 30_000 }).toBeGreaterThan(3);
    expect(await barriers(page)).toEqual([]);
    await page.getByLabel("Used as: colour").selectOption("ignore");
    await expect.poll(() => page.evaluate("decodeURIComponent(location.hash)")).toContain('"colour":"ignore"');
    // One feature is left: what the network says along it.
    await page.getByRole("button", { name: "Train", exact: true }).click();
    const along = page.locator("tbody tr").filter({ has: page.getByRole("rowheader", { name: "size", exact: true }) });
    await expect.poll(() => along.locator("td").count()).toBe(5);
    expect(await along.locator("td").last().innerText()).not.toBe(await along.locator("td").first().innerText());
    await page.getByRole("button", { name: "Data", exact: true }).click();
    await page.getByLabel("Learn the column").selectOption("size");
    await page.getByRole("button", { name: "Train", exact: true }).click();
    await page.getByText("Confusion matrix").or(page.getByText("Said against actual")).first().waitFor();
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("name what stands for missing cells in the language of the page", async () => {
    const page = await studio.page("#data?step=0&lang=vi");
    const gaps = CSV.replaceAll(/^3,\w+/gm, "3,");
    await page.locator("input[type=file]").setInputFiles(file("gaps.csv", gaps));
    await page.getByRole("columnheader", { name: "colour=(thiếu)", exact: true }).waitFor();
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("say that a last batch of one joins the one before it, where batch norm needs that", async () => {
    const page = await studio.page(
      "#network?data=spirals,300,0,2&validation=0.25&layers=Linear;outFeatures=4,BatchNorm1d,Tanh,Linear;outFeatures=auto&batch=224&step=0&lang=en",
    );
    const said = page.getByText("225 examples leave a last batch of one", { exact: false });
    await said.waitFor();
    await page.getByLabel("Batch size", { exact: true }).fill("223");
    await said.waitFor({ state: "detached" });
    await page.getByLabel("Batch size", { exact: true }).fill("32");
    await said.waitFor();
    await page.getByRole("button", { name: /^Remove BatchNorm1d/ }).click();
    await said.waitFor({ state: "detached" });
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("say what is wrong with a network where it is wrong", async () => {
    const page = await studio.page("#network?step=0&lang=en");
    await page.getByLabel("Add", { exact: true }).selectOption("GroupNorm");
    const groups = page.getByLabel("Groups");
    await groups.fill("5");
    const card = page.locator("li").filter({ has: groups });
    await card.getByRole("alert").getByText("GroupNorm cannot put 12 channels into 5 groups").waitFor();
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    await page
      .getByText("GroupNorm không chia được 12 kênh thành 5 nhóm bằng nhau: hãy chọn một ước")
      .first()
      .waitFor();
    await page.getByRole("button", { name: "English" }).click();
    await groups.fill("3");
    await card.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Remove GroupNorm/ }).click();
    const removals = page.getByRole("button", { name: /^Remove / });
    for (let left = await removals.count(); left > 0; left--) {
      await removals.first().click();
      await expect.poll(() => removals.count()).toBe(left - 1);
    }
    await page.getByRole("alert").getByText("The network has no layers: add one.").waitFor();
    await expect
      .poll(() => page.getByLabel("Add", { exact: true }).evaluate((each) => each === document.activeElement))
      .toBe(true);
    await page.reload();
    await page.getByRole("alert").getByText("The network has no layers: add one.").waitFor();
    await page.getByRole("button", { name: "Two spirals" }).click();
    await page.getByRole("alert").waitFor({ state: "detached" });
    await page.getByRole("combobox", { name: "Loss" }).selectOption("BCELoss");
    await page.getByRole("alert").getByText("BCELoss takes probabilities").waitFor();
    await page.getByLabel("Add", { exact: true }).selectOption("Sigmoid");
    await page
      .getByRole("button", { name: /^Move Sigmoid/ })
      .first()
      .waitFor();
    await page.getByText("one number: how far it is class 1", { exact: true }).waitFor();
    await page.getByLabel("Learning rate").fill("-1");
    await page.getByText("A number above 0, up to 1,000.").waitFor();
    const rate = page.getByLabel("Learning rate");
    await rate.blur();
    await page.getByText("“-1” was not taken. A number above 0, up to 1,000.").waitFor();
    expect(await rate.inputValue()).toBe("0.01");
    await rate.fill("0.02");
    await page.getByText("was not taken").waitFor({ state: "detached" });
    await rate.blur();
    for (const [name, typed, bounds] of [
      ["Batch size", "2.5", "A whole number from 1 to 10,000."],
      ["Seed", "-1", "A whole number from 0 to 9,007,199,254,740,991."],
    ]) {
      const field = page.getByLabel(name, { exact: true });
      await field.fill(typed);
      await field.blur();
      await page.getByText(`“${typed}” was not taken. ${bounds}`, { exact: true }).waitFor();
    }
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    const vietnamese = page.getByLabel("Tốc độ học");
    await expect.poll(() => vietnamese.inputValue()).toBe("0,02");
    await vietnamese.fill("0,05");
    await expect.poll(() => page.evaluate("location.hash")).toContain("lr=0.05");
    expect(await vietnamese.inputValue()).toBe("0,05");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("give the same data, network and numbers wherever a link is opened", async () => {
    const given =
      "#train?data=blobs,200,0.3,3&layers=Linear;outFeatures=6,ReLU,Dropout;p=0.2,Linear;outFeatures=auto&optimizer=SGD;lr=0.05;momentum=0.9&seed=5&lang=en";
    const weights = async (page: StudioPage): Promise<string> => {
      const waiting = page.waitForEvent("download");
      await page.getByRole("button", { name: "Export weights" }).click();
      return readFileSync(await (await waiting).path()).toString("base64");
    };
    const first = await studio.page(`${given}&step=0`);
    for (let step = 1; step <= 3; step++) {
      await first.getByRole("button", { name: "One batch" }).click();
      await stepIs(first, step);
    }
    await first.getByRole("button", { name: "One epoch" }).click();
    await expect.poll(() => text(first, "epoch")).toBe("1");
    const link = await first.evaluate<string>("location.hash");
    expect(link).toContain("&step=8&");
    const second = await studio.page(link);
    await stepIs(second, 8);
    expect(await text(second, "loss")).toBe(await text(first, "loss"));
    expect(await weights(second)).toBe(await weights(first));
    await first.close();
    await second.close();
  });

  it("give the same of a file of one's own, once it is there: network, target, corrections and step", async () => {
    const open = async (link: string): Promise<StudioPage> => {
      const page = await studio.page(link);
      await page.getByRole("alert").getByText("The file things.csv is not in the link").waitFor();
      await page.evaluate((content) => {
        const files = new DataTransfer();
        files.items.add(new File([content], "things.csv"));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer: files }));
      }, CSV);
      await stepIs(page, 4);
      return page;
    };
    const link =
      "#train?table=things.csv&target=size&kinds=%7B%22colour%22%3A%22ignore%22%7D&layers=Linear;outFeatures=5,Tanh,Linear;outFeatures=auto&loss=L1Loss&optimizer=SGD;lr=0.05&batch=8&seed=3&step=4&lang=en";
    const first = await open(link);
    await first.locator("main h2", { hasText: "Train" }).waitFor({ state: "attached" });
    const address = await first.evaluate<string>("location.hash");
    for (const part of ["ignore", "outFeatures=5,Tanh", "L1Loss", "SGD;lr=0.05", "batch=8", "step=4"])
      expect(address).toContain(part);
    await first.evaluate(() => {
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async () => {} } });
    });
    await first.getByRole("button", { name: "Copy link" }).click();
    await first.getByRole("status").getByText("whoever opens it is asked for things.csv").first().waitFor();
    const second = await open(address);
    expect(await text(second, "loss")).toBe(await text(first, "loss"));
    expect([...first.errors, ...second.errors]).toEqual([]);
    await first.close();
    await second.close();
  });

  it("are gone back and forth between, and training goes on as it was", async () => {
    const page = await studio.page("#train?step=5&lang=en");
    await stepIs(page, 5);
    const heading = (name: string) => page.locator("main h2", { hasText: name }).waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Data", exact: true }).click();
    await heading("Data");
    await page.getByRole("button", { name: "Network", exact: true }).click();
    await heading("Network");
    await page.getByRole("combobox", { name: "Optimizer" }).selectOption("SGD");
    await stepIs(page, 0);
    await page.getByRole("button", { name: "One batch" }).click();
    await stepIs(page, 1);
    await page.goBack();
    await heading("Data");
    await page.goBack();
    await heading("Train");
    expect(await text(page, "step")).toBe("1");
    // The address is that of what is shown, and not of what was when it was left.
    await expect.poll(() => page.evaluate("location.hash")).toMatch(/^#train.*optimizer=SGD.*step=1/);
    await page.goForward();
    await heading("Data");
    expect(await text(page, "step")).toBe("1");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("follow an address that is opened just before they write their own", async () => {
    const page = await studio.page("#train?lang=en");
    await page.locator("main h2").first().waitFor({ state: "attached" });
    await page.evaluate(() => {
      location.hash = "#data?step=30&lang=en";
      document.querySelector<HTMLButtonElement>("nav button:nth-of-type(2)")!.click();
    });
    await stepIs(page, 30);
    expect(await page.evaluate("location.hash")).toMatch(/^#data\b.*step=30/);
    await page.close();
  });

  it("hide what a teacher hides, and show the program", async () => {
    const page = await studio.page("#train?step=0&hide=data,network,diagram&lang=en");
    await page.getByRole("button", { name: "Show code" }).click();
    const program = await page.getByRole("dialog").locator("code").innerText();
    expect(program).toContain('import { data, manualSeed, nn, optim, train } from "noron";');
    expect(program).toContain("new nn.Linear(2, 12),");
    await page.keyboard.press("Escape");
    for (const name of ["Data", "Network"])
      expect(await page.getByRole("button", { name, exact: true }).count()).toBe(0);
    expect(await page.getByRole("heading", { name: "Neurons" }).count()).toBe(0);
    await page.goto(`${studio.address}#train?step=2&hide=all&layers=Liner&lang=en`);
    await page.getByRole("status").getByText("layers=Liner").waitFor();
    await page.getByRole("button", { name: "One batch" }).waitFor({ state: "detached" });
    const buttons = page.getByRole("navigation").getByRole("button");
    await expect.poll(() => buttons.count()).toBe(0);
    await page.getByRole("heading", { name: "What the network says" }).waitFor();
    await page.getByRole("status").getByRole("button", { name: "Close" }).click();
    await page.getByText("layers=Liner").waitFor({ state: "detached" });
    await page.close();
  });

  it("tell of a training that diverges, and which layer went first", async () => {
    const page = await studio.page(
      "#train?data=curve,200,0.05,2&layers=Linear;outFeatures=16,ReLU,Linear;outFeatures=auto&loss=MSELoss&optimizer=SGD;lr=900&lang=en",
    );
    await page.getByText("Training diverged").waitFor();
    // Counted as the network view does, of three.
    await page.getByText(/Layer "[123]" \(\w+\) went first/).waitFor();
    expect(await page.getByText("smaller inputs").or(page.getByText("inputs of about 1")).count()).toBe(0);
    const before = page.getByRole("table", { name: "Loss by step, up to where it diverged" });
    await expect.poll(() => before.locator("tbody tr").count()).toBeGreaterThan(0);
    expect(await before.locator("tbody tr").first().innerText()).toMatch(/^1\s+\d/);
    expect(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()).toBe(true);
    await page.close();
  });

  it.each([
    ["en", false, "Doctor", /^1, since the page is not isolated\./, "No: the host does not send these headers."],
    ["vi", true, "Chẩn đoán", /^(\d+, trên \d+ nhân\.|1, vì máy chỉ cho một nhân\.)/, /^Có: các luồng dùng chung/],
  ] as const)("tell in %s what the engine found (isolated: %s)", async (lang, isolated, name, threads, isolation) => {
    const own = isolated ? await openStudio({ isolated }) : studio;
    const page = await own.page(`#train?step=2&lang=${lang}`, { width: isolated ? 360 : 1440 });
    await stepIs(page, 2);
    expect(await page.locator("body").innerText()).not.toMatch(/thread|luồng/i);
    await page.getByRole("button", { name }).press("Enter");
    const dialog = page.getByRole("dialog");
    const found = (of: string) => dialog.locator(`dt:text-is("${of}") + dd`).innerText();
    expect(await found("noron")).toMatch(/^\d+\.\d+\.\d+/);
    expect(await found(lang === "en" ? "Engine" : "Bộ máy tính")).toBe("WebAssembly");
    expect(await found(lang === "en" ? "Threads" : "Luồng")).toMatch(threads);
    expect(
      await found(lang === "en" ? "Cross-origin isolation (COOP and COEP)" : "Cô lập nguồn gốc (COOP và COEP)"),
    ).toMatch(isolation);
    expect(await found(lang === "en" ? "WebAssembly memory in use" : "Bộ nhớ WebAssembly đang dùng")).toMatch(
      /^\d.* [kM]B$/,
    );
    expect(
      await dialog
        .locator("dd")
        .first()
        .evaluate((each) => getComputedStyle(each).userSelect),
    ).not.toBe("none");
    expect(await barriers(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    expect(page.errors).toEqual([]);
    await page.close();
    if (isolated) await own.close();
  });

  it("move nothing where less motion is wanted", async () => {
    const moving = (page: StudioPage) =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll("*")].filter((each) => {
          const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(each);
          return /[1-9]/.test(transitionDuration) || animationName !== "none" || scrollBehavior === "smooth";
        }).map((each) => each.outerHTML.slice(0, 80))`,
      );
    const page = await studio.page("#train?step=2&lang=en");
    await page.emulateMedia({ reducedMotion: "no-preference" });
    await stepIs(page, 2);
    expect((await moving(page)).length).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const view of ["Data", "Network", "Train", "Inside", "Lessons"]) {
      await page.getByRole("button", { name: view, exact: true }).click();
      await page.locator("main h1, main h2").first().waitFor({ state: "attached" });
      expect(await moving(page), view).toEqual([]);
    }
    await page.close();
  });

  it.each([
    ["classes", "data=spirals,300,0.05,2&layers=Linear;outFeatures=auto", 6, /^[01]$/],
    ["a curve", "data=curve,200,0.05,2&layers=Linear;outFeatures=auto&loss=MSELoss", 2, /^−?\d/],
  ] as const)("say in text what is drawn of %s", async (_, given, rows, cell) => {
    const page = await studio.page(`#train?${given}&step=4&lang=en`);
    await stepIs(page, 4);
    const region = page.getByRole("table", { name: "What the network says at some places of the plot" });
    await expect.poll(() => region.locator("tr").count()).toBe(rows);
    const said = await region.locator("tr").last().locator("td").allInnerTexts();
    expect(said).toHaveLength(5);
    for (const each of said) expect(each).toMatch(cell);
    await page.getByRole("tab", { name: "Histograms" }).click();
    await page
      .getByRole("img", {
        name: /^Weights of Linear, \d in all, from .+ to .+, most often from .+ to .+ \(\d\)$/,
      })
      .waitFor();
    await page.close();
  });

  it("keep two runs in one chart", async () => {
    const page = await studio.page("#train?step=60&optimizer=SGD;lr=0.05;momentum=0.9;nesterov=true&lang=en");
    await stepIs(page, 60);
    await page.getByRole("button", { name: "Keep this run" }).click();
    const english = "1: SGD 0.05, Momentum 0.9, Nesterov · batch 20 · 2 × (12 Tanh)";
    await page.getByRole("link", { name: english, exact: true }).waitFor();
    await page.getByRole("button", { name: "Start over" }).click();
    await stepIs(page, 0);
    const curve = { name: `${english}, validation`, exact: true };
    const kept = page.getByRole("table", { name: "Loss by epoch" }).getByRole("columnheader", curve);
    await kept.waitFor({ state: "attached" });
    await page.getByText(/^\d epochs, validation loss 0\.\d+$/).waitFor();
    const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(wide).toBeLessThanOrEqual(shown);
    await page.getByRole("button", { name: "Tiếng Việt" }).click();
    const vietnamese = "1: SGD 0,05, Động lượng 0,9, Nesterov · lô 20 · 2 × (12 Tanh)";
    await page.getByRole("link", { name: vietnamese, exact: true }).waitFor();
    await page.close();
  });
});
