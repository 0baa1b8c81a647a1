import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LESSONS } from "../src/lessons/lesson.ts";
import { barriers } from "./barriers.ts";
import { hasBrowser, type OpenStudio, openStudio, type StudioPage } from "./studio.ts";

const dist = fileURLToPath(new URL("../dist/assets/", import.meta.url));

const STACK =
  "layers=Linear;outFeatures=5,BatchNorm1d,ReLU,Dropout,DropConnect;outFeatures=4,Tanh,Linear;outFeatures=auto&batch=8&step=3";
const WORDS = {
  en: {
    next: "Next →",
    previous: "← Back",
    last: "changes",
    forward: "forward",
    learn: "Learn this batch",
    follow: "Follow a weight of this layer",
    following: "Following weight [1, 2]",
    again: "Draw the mask again",
  },
  vi: {
    next: "Tiếp theo →",
    previous: "← Trước",
    last: "chỉnh",
    forward: "lan truyền xuôi",
    learn: "Học lô này",
    follow: "Theo dấu một trọng số của tầng này",
    following: "Đang theo dấu weight [1, 2]",
    again: "Bốc lại mặt nạ",
  },
} as const;

describe.skipIf(!hasBrowser)("inside and lessons (skipped where chromium is missing)", () => {
  let studio: OpenStudio;

  beforeAll(async () => {
    studio = await openStudio();
  });
  afterAll(() => studio?.close());

  const title = (page: StudioPage): Locator => page.getByTestId("operation");
  const shown = (page: StudioPage): Promise<string> => title(page).innerText();
  const numberOf = (text: string): number => Number(text.replace("−", "-").replace(",", "."));
  /** The result of the last formula, and the chosen number of the table that comes out. */
  const result = async (page: StudioPage): Promise<string> =>
    (await page.locator("article ol.lines .result").last().textContent()) ?? "";
  const chosen = (page: StudioPage): Locator => page.locator("article td.chosen").last();
  const settle = async (page: StudioPage, of: () => Promise<string>, before: string): Promise<void> => {
    await expect.poll(of, { timeout: 20_000 }).not.toBe(before);
    void page;
  };

  it.each(["vi", "en"] as const)("a step is gone through from first to last by keys, in %s", async (language) => {
    const words = WORDS[language];
    const page = await studio.page(`#inside?${STACK}&lang=${language}`);
    await title(page).waitFor();
    expect(await shown(page)).toContain("Linear");
    expect(await shown(page)).toContain(words.forward);
    const steps = Number(/(\d+)\D*$/.exec(await page.locator(".walk [role=status]").innerText())![1]);
    expect(steps).toBeGreaterThan(25);
    const titles = [await shown(page)];
    for (let step = 1; step < steps; step++) {
      const before = await shown(page);
      await page.keyboard.press("ArrowRight");
      await settle(page, () => shown(page), before);
      titles.push(await shown(page));
      const formulas = await page.locator("article ol.lines").allTextContents();
      expect(formulas.length, titles[step]).toBeGreaterThan(0);
      expect(formulas.join(), titles[step]).not.toMatch(/undefined|null|NaN/);
      // The formula ends in the number that is chosen among those that come out, but for a loss, which is one of all.
      if (!titles[step].includes("CrossEntropyLoss") && !titles[step].includes("BatchNorm"))
        expect(await result(page), titles[step]).toContain(
          (await chosen(page).innerText()).replace(/^−/, "").split("e")[0],
        );
    }
    expect(new Set(titles).size).toBe(steps);
    expect(titles.at(-1)).toContain(words.last);
    await page.keyboard.press("Home");
    await expect.poll(() => shown(page)).toBe(titles[0]);
    await page.keyboard.press("ArrowDown");
    await expect.poll(() => page.locator("article tr.sample th").first().innerText()).toContain("2");
    expect(page.errors).toEqual([]);
    expect(page.foreign).toEqual([]);
    await page.close();
  });

  it("a number of another sample and another operation are both come to, however fast they are chosen", async () => {
    const page = await studio.page(`#inside?${STACK}&lang=en`);
    await title(page).waitFor();
    // Both before the page has an answer: the last number of 40, then an operation that gives 16.
    await page.evaluate(() => {
      const cells = document.querySelectorAll<HTMLElement>("article table.choosable button");
      cells[cells.length - 1].click();
      document.querySelector<HTMLElement>('nav button[data-at="6"]')!.click();
    });
    await expect.poll(() => shown(page)).toContain("Linear, layer 7");
    await expect.poll(() => page.locator("article tr.sample th").first().innerText()).toContain("8");
    await expect.poll(() => page.locator("article .chosen").first().innerText()).toContain("[8, ");
    // The other way round: the last of 16 numbers, while an operation that gives 8 is on its way.
    await page.evaluate(() => {
      document.querySelector<HTMLElement>('nav button[data-at="9"]')!.click();
      const cells = document.querySelectorAll<HTMLElement>("article table.choosable button");
      cells[cells.length - 1].click();
    });
    await expect.poll(() => shown(page)).toBe("Linear, layer 7: gradient of weight");
    await page.getByRole("button", { name: "7 Linear ∂L/∂bias" }).click();
    await expect.poll(() => page.locator("article .chosen").first().innerText()).toMatch(/\[[12]\]/);
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("no bias is spoken of where there is none", async () => {
    const page = await studio.page("#inside?layers=Linear;bias=false,Tanh,Linear;outFeatures=auto&step=0&lang=en");
    await page
      .getByText("Each neuron multiplies its inputs by its weights and adds them up.", { exact: true })
      .waitFor();
    await page.getByRole("button", { name: "3 Linear", exact: true }).click();
    await page.getByText(/and adds its bias/).waitFor();
    await page.close();
  });

  it.each(["vi", "en"] as const)(
    "one weight is followed from its first product to its update, in %s",
    async (language) => {
      const words = WORDS[language];
      const page = await studio.page(`#inside?${STACK}&lang=${language}`);
      await title(page).waitFor();
      await page.getByRole("button", { name: "1 Linear ∂L/∂weight" }).click();
      await expect.poll(() => shown(page)).toContain("weight");
      // Arrows move among the numbers that come out.
      await page.locator("article td.chosen button").focus();
      const at = page.locator("article .chosen").first();
      const [, row, column] = /\[(\d+), (\d+)\]/.exec(await at.innerText())!.map(Number);
      for (let up = row - 1; up > 0; up--) {
        await page.keyboard.press("ArrowUp");
        await expect.poll(() => at.innerText()).toContain(`[${up}, ${column}]`);
        await expect.poll(() => page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
      }
      for (let left = column - 1; left > 0; left--) {
        await page.keyboard.press("ArrowLeft");
        await expect.poll(() => at.innerText()).toContain(`[1, ${left}]`);
        await expect.poll(() => page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
      }
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => at.innerText()).toContain("[1, 2]");
      await expect.poll(() => page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
      await page
        .getByRole("button", { name: language === "en" ? "Follow this weight" : "Theo dấu trọng số này" })
        .click();
      await page.getByText(words.following).waitFor();
      const visited: string[] = [];
      const next = page.getByRole("button", { name: words.next });
      while (await next.isEnabled()) {
        const before = await shown(page);
        visited.push(before);
        await next.click();
        await settle(page, () => shown(page), before);
      }
      expect(visited.join()).toContain("CrossEntropyLoss");
      expect(visited.filter((each) => each.includes("weight"))).toHaveLength(1);
      expect(await shown(page)).toMatch(new RegExp(`^Linear, .* 1: Adam ${words.last} weight$`));
      expect(numberOf(await result(page).then((text) => text.trim()))).toBe(numberOf(await chosen(page).innerText()));
      await page.close();
    },
  );

  it("batches are looked at ahead, and learned when that is asked for", async () => {
    const page = await studio.page(`#train?${STACK}&lang=en`);
    await page.getByRole("button", { name: "Inside", exact: true }).click();
    await title(page).waitFor();
    const batch = page.getByLabel("Batch", { exact: true });
    await expect.poll(() => batch.locator("option:checked").innerText()).toContain("Batch 4 of");
    // The focus is where the view was chosen.
    await page.keyboard.press("PageDown");
    await expect.poll(() => batch.locator("option:checked").innerText()).toContain("Batch 5 of");
    // What is chosen in has the keys to itself.
    const speed = page.getByLabel("Speed");
    await speed.focus();
    for (const key of ["PageDown", "ArrowDown", "ArrowRight", "Home"]) await page.keyboard.press(key);
    expect(await batch.locator("option:checked").innerText()).toContain("Batch 5 of");
    expect(await page.locator("article tr.sample th").first().innerText()).toContain("1");
    await page.locator("main").focus();
    expect(await page.getByText("comes later, with the weights of now").isVisible()).toBe(true);
    await page.keyboard.press("PageUp");
    await page.getByRole("button", { name: "Learn this batch" }).click();
    await expect.poll(() => page.getByTestId("step").innerText()).toBe("4");
    await expect.poll(() => batch.locator("option:checked").innerText()).toContain("Batch 5 of");
    await page.getByRole("button", { name: "4 Dropout", exact: true }).click();
    await page.getByRole("table", { name: /^mask m/ }).waitFor();
    await page.getByRole("combobox", { name: /^Mode/ }).selectOption("evaluation");
    await page.getByText("In evaluation mode nothing is dropped").waitFor();
    // Another network at the same step.
    await page.goto(`${studio.address}#inside?layers=Linear;outFeatures=auto&batch=8&step=4`);
    await expect.poll(() => page.getByRole("button", { name: "4 Dropout", exact: true }).count()).toBe(0);
    await expect.poll(() => page.locator("nav section.forward li").count()).toBe(1);
    await page.close();
  });

  it("units of the drawing are reached by keys, from one place for Tab", async () => {
    const page = await studio.page(`#inside?${STACK}&lang=en`);
    await title(page).waitFor();
    const units = page.locator("figure g[role=button]");
    expect(await units.count()).toBeGreaterThan(20);
    expect(await page.locator('figure g[role=button][tabindex="0"]').count()).toBe(1);
    await page.getByRole("combobox", { name: /^Colours/ }).focus();
    await page.keyboard.press("Tab");
    const focused = (): Promise<string> => page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    const first = await focused();
    expect(first).toContain("Linear");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const third = await focused();
    expect(third).toContain("ReLU");
    expect(await shown(page)).toContain("Linear");
    await page.keyboard.press("Enter");
    await expect.poll(() => shown(page)).toContain("ReLU");
    expect(await focused()).toBe(third);
    expect(await page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
    expect(await barriers(page)).toEqual([]);
    await page.close();
  });

  it("one number is linked to: the address gives the same batch, sample, operation and element again", async () => {
    const page = await studio.page(`#inside?${STACK}&lang=en`);
    await title(page).waitFor();
    await page.getByLabel("Batch", { exact: true }).selectOption("5");
    await page.getByRole("combobox", { name: /^Sample/ }).selectOption("2");
    await page.getByRole("button", { name: "7 Linear ∂L/∂x" }).click();
    await expect.poll(() => shown(page)).toContain("gradient sent back");
    // The last number of eight samples with four features.
    await page.locator("article table button").last().click();
    const address = (): Promise<string> => page.evaluate<string>("location.hash");
    await expect.poll(address).toMatch(/^#inside\/batch-6~training~sample-8~backward\.6~element-32\?/);
    const shows = async (of: StudioPage): Promise<string[]> => [
      await of.getByLabel("Batch", { exact: true }).locator("option:checked").innerText(),
      await of
        .getByRole("combobox", { name: /^Sample/ })
        .locator("option:checked")
        .innerText(),
      await shown(of),
      await chosen(of).innerText(),
      await result(of),
      await of.getByTestId("step").innerText(),
    ];
    const [hash, before] = [await address(), await shows(page)];
    await page.reload();
    await title(page).waitFor();
    await expect.poll(() => shows(page), { timeout: 20_000 }).toEqual(before);
    await expect.poll(address).toBe(hash);
    // An address that is typed while the view is open, of a followed weight in evaluation mode; one beyond the step.
    await page.goto(
      `${studio.address}#inside/batch-2~evaluation~sample-3~update.0~element-2~follow-0.weight.1?${STACK}&lang=en`,
    );
    await page.getByText("Following weight [1, 2]").waitFor();
    await expect.poll(() => shown(page)).toBe("Linear, layer 1: Adam changes weight");
    // What the optimizer remembers afterwards is no part of what goes in.
    const onTheWay = page.locator("article").getByRole("region", { name: "on the way" }).locator("caption");
    await expect
      .poll(async () => (await onTheWay.allInnerTexts()).map((each) => each.split(" [")[0]))
      .toEqual(["exp_avg after", "exp_avg_sq after"]);
    expect((await shows(page)).slice(0, 2)).toEqual(["Batch 2 of 28", "Sample 3 of 8"]);
    expect(await page.getByRole("combobox", { name: /^Mode/ }).inputValue()).toBe("evaluation");
    await page.goto(`${studio.address}#inside/batch-999~training~sample-99~forward.40~element-9999?${STACK}&lang=en`);
    await expect.poll(() => shows(page).then((all) => all[0])).toBe("Batch 28 of 28");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it.each(["", "#lessons"])("an address opens at its step while another training runs, from %j", async (before) => {
    const page = await studio.page(before);
    await page.getByRole("button", { name: "Pause" }).or(page.getByTestId("lesson")).first().waitFor();
    await page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      `#inside/batch-5~training~sample-1~forward.0~element-0?${STACK.replace("step=3", "step=40")}&lang=en`,
    );
    await expect.poll(() => page.getByTestId("step").innerText()).toBe("40");
    await title(page).waitFor();
    expect(await page.evaluate("location.hash")).toContain("step=40");
    await page.close();
  });

  it("a running training waits for who comes to look, and says so when it runs again", async () => {
    const page = await studio.page("#inside");
    await title(page).waitFor();
    const step = await page.getByTestId("step").innerText();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByText("The network is learning right now").waitFor();
    await page.locator("main").getByRole("button", { name: "Pause" }).click();
    await title(page).waitFor();
    expect(await page.getByTestId("step").innerText()).not.toBe(step);
    await page.close();
  });

  it.each(["vi", "en"] as const)("every lesson opens and its pieces have numbers, in %s", async (language) => {
    const page = await studio.page(`#lessons?lang=${language}`);
    for (const [index] of LESSONS.entries()) {
      await page.locator("nav ol button").nth(index).click();
      await page.locator("article .prose").first().waitFor();
      const waiting = page.locator('article section.card > p[role="status"]');
      await expect.poll(() => waiting.count(), { timeout: 60_000 }).toBe(0);
      expect(await page.locator("article math").count()).toBeGreaterThan(2);
      expect(await page.locator("article").first().innerText()).not.toMatch(/undefined|NaN|\$/);
    }
    expect(page.errors).toEqual([]);
    expect(page.foreign).toEqual([]);
    await page.close();
  });

  it("pieces answer to what is moved, typed and drawn", async () => {
    const page = await studio.page("#lessons/activations?lang=en");
    const piece = (name: string): Locator => page.getByRole("region", { name });
    const results = (of: Locator): Promise<string[]> => of.locator(".result").allTextContents();
    await piece("Try it: ReLU").getByRole("slider").fill("-3");
    await expect.poll(() => results(piece("Try it: ReLU"))).toEqual(["0", "0"]);
    await piece("Try it: LeakyReLU").getByRole("slider", { name: "x" }).fill("-2");
    await expect.poll(() => results(piece("Try it: LeakyReLU"))).toEqual(["−0.2", "0.1"]);

    await page.goto(`${studio.address}#lessons/normalization?lang=en`);
    const norm = piece("Try it: a batch of five samples");
    await norm.getByLabel("row 5, column 1").fill("20");
    await expect.poll(() => norm.locator("tbody tr.chosen td").first().innerText()).toBe("6");
    const cell = norm.getByLabel("row 5, column 1");
    await cell.fill("abc");
    await cell.blur();
    await norm.getByText("“abc” was not taken: it is not a number.", { exact: true }).waitFor();
    expect(await cell.inputValue()).toBe("20");
    await cell.fill("21");
    await norm.getByText("was not taken").waitFor({ state: "detached" });
    const kinds = piece("Try it: which cells belong together");
    for (const [kind, together] of [
      ["instance norm", 3],
      ["layer norm", 12],
      ["group norm", 6],
      ["batch norm", 6],
    ] as const) {
      await kinds.getByRole("button", { name: kind }).click();
      await expect.poll(() => kinds.locator("button.together").count()).toBe(together);
      // A channel of its own has its own mean, 3 of 2, 4 and 3.
      if (kind === "instance norm")
        expect(
          (await kinds.locator("small").allTextContents()).slice(0, 3).map((text) => text.split(" ").at(-1)),
        ).toEqual(["−1.22", "1.22", "0"]);
    }

    await page.goto(`${studio.address}#lessons/dropout?lang=en`);
    const dropout = piece("Try it: a row of ten numbers");
    const mask = (): Promise<string> => dropout.getByRole("table", { name: /^mask m/ }).innerText();
    await dropout.getByRole("table", { name: /^mask m/ }).waitFor();
    const before = await mask();
    await dropout.getByRole("button", { name: "Draw the mask again" }).click();
    await settle(page, mask, before);
    await dropout.getByRole("button", { name: "evaluation" }).click();
    await expect.poll(() => dropout.getByRole("table", { name: /^mask m/ }).count()).toBe(0);

    await page.goto(`${studio.address}#lessons/optimizers?lang=en`);
    const optimizers = piece("Try it: optimizers on one loss surface");
    await optimizers.getByLabel("Adam", { exact: true }).check();
    await optimizers.getByRole("row", { name: /^Adam / }).waitFor();
    await optimizers.getByRole("slider", { name: "learning rate η" }).fill("0.3");
    await expect
      .poll(() => optimizers.getByRole("row", { name: /^gradient descent/ }).innerText(), { timeout: 30_000 })
      .toContain("diverged");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it("lessons send to a whole network in the studio, and Back returns", async () => {
    const page = await studio.page("#lessons/backpropagation?lang=en&hide=data");
    const open = (): Locator => page.getByRole("link", { name: "Open in the studio" });
    await open().click();
    await title(page).waitFor();
    expect(await page.getByTestId("step").innerText()).toBe("0");
    expect(await page.locator("nav section.forward li").allInnerTexts()).toEqual(["1 Linear", "2 Tanh", "3 Linear"]);
    expect(await page.getByRole("button", { name: "Data", exact: true }).count()).toBe(0);
    await page.goBack();
    await open().waitFor();
    expect(await page.getByTestId("lesson").innerText()).toBe("Feedforward and backpropagation");
    await page.goto(`${studio.address}#lessons/normalization?lang=en`);
    await open().click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    await expect.poll(async () => Number(await page.getByTestId("step").innerText())).toBeGreaterThan(0);
    expect(await page.evaluate<string>("location.hash")).toContain("Linear,BatchNorm1d,Sigmoid,Linear");
    expect(page.errors).toEqual([]);
    await page.close();
  });

  it.each([1440, 360])(
    "axe finds nothing serious at %i pixels, light and dark, and nothing is wider than the page",
    async (width) => {
      const page = await studio.page("#lessons", { width });
      for (const fragment of [`#inside?${STACK}`, ...LESSONS.map((lesson) => `#lessons/${lesson}?lang=vi`)]) {
        await page.goto("about:blank");
        await page.goto(studio.address + fragment);
        await page.locator("article").first().waitFor();
        const waiting = page.locator('article section.card > p[role="status"]');
        await expect.poll(() => waiting.count(), { timeout: 60_000 }).toBe(0);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          expect(await barriers(page), `${fragment} ${colorScheme}`).toEqual([]);
        }
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), fragment).toBe(true);
      }
      await page.close();
    },
    240_000,
  );

  it("formulas and lessons are typeset before they come: neither KaTeX nor Markdown ships", () => {
    const scripts = readdirSync(dist).filter((file) => file.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(4);
    for (const file of scripts)
      expect(readFileSync(`${dist}${file}`, "utf8"), file).not.toMatch(/katex|KaTeX parse error|\\\\operatorname/i);
  });
});
