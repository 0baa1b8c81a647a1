import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mendCommand, retryCommand } from "../src/command/retry.ts";
import type { HealthFinding } from "../src/health/fitted.ts";
import { joinFindings } from "../src/health/join-findings.ts";
import { describeFinding } from "../src/health/texts.ts";
import { clouds, type Ended, type Fields, file, folder, noron } from "./command.ts";

const DIVERGED = 4;

/** The arguments of the command to paste. */
function pasted(text: string): string[] {
  const line = text.split("\n").find((each) => each.trim().startsWith("npx noron train"));
  return line!.trim().split(" ").slice(2);
}

const lines = ({ stdout }: Ended): Fields[] =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** A network of one's own whose inputs are multiplied by some number. */
const scaled = (by: number): string => `export default ({ inputs, outputs, nn }) => {
  class Unscaled extends nn.Module {
    first = new nn.Linear(inputs, 16);
    second = new nn.Linear(16, outputs);
    forward(x) { return this.second.forward(this.first.forward(x.mul(${by})).relu()); }
  }
  return new Unscaled();
};
`;

describe("training that diverges", () => {
  const cases: [name: string, options: string[]][] = [
    ["sgd, a million", ["--optimizer", "sgd", "--lr", "1e6"]],
    ["momentum", ["--optimizer", "momentum", "--lr=50", "--activation", "tanh"]],
    ["nesterov", ["--optimizer", "nesterov", "--lr", "900"]],
    ["adagrad", ["--optimizer", "adagrad", "--lr", "1e6"]],
    ["rmsprop", ["--optimizer", "rmsprop", "--lr", "1e3"]],
    ["adam", ["--optimizer", "adam", "--lr", "1e6"]],
    ["adamw, with batch norm and dropout", ["--lr", "1e6", "--norm", "batch", "--dropout", "0.2", "--model", "64,32"]],
  ];
  test.each(cases)("ends with 4, names a layer, and gives a rate that holds: %s", async (_, options) => {
    file("sizes.csv", clouds(80, "size"));
    const ended = await noron(["train", "sizes.csv", "-t", "size", ...options]);
    expect(ended.code).toBe(DIVERGED);
    expect(ended.stdout).toBe("");
    expect(ended.stderr).toMatch(/noron: training diverged: the loss became \S+ in epoch \d+/);
    expect(ended.stderr).toMatch(/layer "\d+" \(\w+\) went first: its \w+/);
    expect(ended.stderr).not.toMatch(/^\s+at .*[:(]\d+/m);
    expect(readdirSync(folder)).toEqual(["sizes.csv"]);
    const again = pasted(ended.stderr);
    expect(again.filter((word) => word.startsWith("--lr"))).toHaveLength(1);
    expect(Number(again.at(-1))).toBeLessThanOrEqual(1);
    const mended = await noron([...again, "--epochs", "20", "--out", "run"]);
    expect(mended.stderr).not.toMatch(/diverged/);
    expect(mended.code).toBe(0);
  });

  test("says as JSON what it says in words", async () => {
    file("sizes.csv", clouds(80, "size"));
    const ended = await noron([
      "train",
      "sizes.csv",
      "-t",
      "size",
      "--optimizer",
      "sgd",
      "--lr",
      "1e6",
      "--log",
      "json",
    ]);
    expect(ended.code).toBe(DIVERGED);
    const event = lines(ended).at(-1)!;
    expect(event).toMatchObject({
      event: "error",
      code: "diverged",
      exitCode: DIVERGED,
      epoch: 1,
      cause: "rate",
      kept: null,
      finding: { layer: "Linear" },
    });
    expect(event.command).toBe(`npx noron train sizes.csv -t size --optimizer sgd --log json --lr ${event.lr}`);
    expect(event.loss).toMatch(/NaN|Infinity/);
  });

  test("does not blame the rate where the network's values are huge from the start", async () => {
    file("sizes.csv", clouds(80, "size"));
    file("huge.mjs", scaled(1e12));
    const ended = await noron(["train", "sizes.csv", "-t", "size", "--model", "huge.mjs"]);
    expect(ended.code).toBe(DIVERGED);
    expect(ended.stderr).toMatch(/layer "Unscaled" \(Unscaled\) went first: its outputs reach 1\.\de\+12/);
    expect(ended.stderr).toContain("before a weight has moved: not the learning rate");
    expect(ended.stderr).not.toContain("--lr");
    // Less so, a very low rate holds.
    file("large.mjs", scaled(2000));
    const large = await noron(["train", "sizes.csv", "-t", "size", "--model", "large.mjs", "--optimizer", "sgd"]);
    expect(large.code).toBe(DIVERGED);
    expect(Number(pasted(large.stderr).at(-1))).toBeLessThan(1e-4);
  });

  test("keeps the best epoch where it diverges later", async () => {
    file("sizes.csv", clouds(80, "size"));
    // Its 200th forward in training is out of range: some epochs are whole by then.
    file(
      "late.mjs",
      `export default ({ inputs, outputs, nn }) => {
        class Late extends nn.Module {
          inner = new nn.Linear(inputs, outputs);
          calls = 0;
          forward(x) {
            if (this.training) this.calls++;
            const y = this.inner.forward(x);
            return this.calls > 40 ? y.mul(1e30).mul(1e30) : y;
          }
        }
        return new Late();
      };`,
    );
    const options = ["--model", "late.mjs", "--lr", "0.05", "--out", "run", "--log", "json"];
    const ended = await noron(["train", "sizes.csv", "-t", "size", ...options]);
    expect(ended.code).toBe(DIVERGED);
    const all = lines(ended);
    const epochs = all.filter(({ event }) => event === "epoch");
    const diverged = all.at(-1)!;
    expect(diverged).toMatchObject({ code: "diverged", loss: "Infinity", kept: { folder: "run" } });
    expect(diverged.epoch).toBe(epochs.length + 1);
    expect(epochs.length).toBeGreaterThan(5);
    const best = epochs.reduce((least, each) => (each.validationLoss < least.validationLoss ? each : least));
    expect(diverged.kept.epoch).toBe(best.epoch);
    const config = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8"));
    expect(config.result).toMatchObject({ stopped: "diverged", bestEpoch: best.epoch, epochs: epochs.length });
    // The folder that is there is not asked for again.
    if (diverged.command !== undefined) expect(diverged.command).toMatch(/--out run-2$/);
    const { code } = await noron(["evaluate", "run", "sizes.csv", "--model", "late.mjs"]);
    expect(code).toBe(0);
  });
});

describe("notes at the end of a training", () => {
  test("tell of dead units, and as JSON", async () => {
    file("sizes.csv", clouds(80, "size"));
    const options = ["train", "sizes.csv", "-t", "size", "--lr", "0.1", "--epochs", "40", "--model", "64,32"];
    const { stderr, code } = await noron(options);
    expect(code).toBe(0);
    expect(stderr).toMatch(/note: \d+ of 64 ReLU units of layer "1" \(ReLU\) are dead: .*\. Try a lower learning rate/);
    const ended = await noron([...options, "--log", "json"]);
    const health = lines(ended).find(({ event }) => event === "health")!;
    expect(health.findings).toMatchObject([
      { code: "dead-units", path: "1", rows: 56 },
      { code: "dead-units", path: "3", rows: 56 },
    ]);
    for (const { dead, atFirst } of health.findings) expect(atFirst).toBeLessThan(dead / 2);
  });

  test("tell of overfitting, of gradients that vanish and of nothing learned", async () => {
    file("clouds.csv", clouds());
    // Labels that have nothing to do with the inputs.
    const rows = clouds(160).trim().split("\n");
    const random = rows.map((row, at) => (at === 0 ? row : row.replace(/[^,]+$/, ((at * 7919) % 97) % 2 ? "a" : "b")));
    file("random.csv", `${random.join("\n")}\n`);
    const memorised = await noron(["train", "random.csv", "-t", "kind", "--lr", "0.01", "--epochs", "100"]);
    expect(memorised.stderr).toMatch(/note: the network overfits: since epoch \d+ the validation loss rose from/);
    // The training loss fell far below that of a constant answer; that of the weights which are kept did not.
    expect(memorised.stderr).toMatch(
      /note: nothing was learned that holds for other rows: .*, of epoch \d+, is 0\.\d+/,
    );
    const deep = ["--activation", "sigmoid", "--model", "32,32,32,32,32,32,32,32", "--epochs", "10", "--lr", "1e-6"];
    const { stderr } = await noron(["train", "clouds.csv", "-t", "kind", ...deep]);
    expect(stderr).toMatch(/note: gradients vanish: at layer "\d+" \(Linear\)/);
    expect(stderr).toMatch(/note: nothing was learned/);
  });

  test("are none where all is well", async () => {
    file("clouds.csv", clouds());
    const { stderr } = await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "20"]);
    expect(stderr).not.toMatch(/note: /);
    expect(existsSync(join(folder, "runs"))).toBe(true);
  });
});

describe("words for findings", () => {
  const where = { path: "2", layer: "Linear" };
  const all: HealthFinding[] = [
    ...(["input", "parameter", "forward", "loss", "backward"] as const).map(
      (phase) => ({ code: "non-finite", phase, value: "NaN", ...where }) as const,
    ),
    { code: "exploded", largest: 1.5e9, input: 2.5, ...where },
    { code: "zero-weights", ...where },
    { code: "no-gradients", ...where },
    { code: "decayed-weights", size: 1e-5, weightDecay: 0.5, ...where },
    { code: "vanishing-gradients", ratio: 0, last: "8", ...where },
    { code: "dead-units", dead: 20, units: 32, share: 20 / 32, rows: 3000, ...where },
    { code: "dead-units", dead: 20, units: 32, share: 20 / 32, rows: 3000, atFirst: 15, ...where },
    { code: "saturated", of: "tanh", share: 0.625, ...where },
    { code: "vanishing-gradients", ratio: 1e-6, last: "8", ...where },
    { code: "exploding-gradients", ratio: 5000, last: "8", ...where },
    { code: "updates-too-large", name: "2.weight", ratio: 0.5, ...where },
    { code: "updates-too-small", name: "2.weight", ratio: 1e-7, ...where },
    { code: "overfitting", epoch: 7, best: 0.25, last: 0.5, trainingBest: 0.2, trainingLast: 0.1 },
    { code: "not-learning", loss: 1.1, baseline: 1.09 },
    { code: "not-learning", loss: 1.07, baseline: 1.09 },
    { code: "costly-errors", loss: 48.9, baseline: Math.LN2, accuracy: 0.907 },
    { code: "not-learning", loss: 300, baseline: 0.6 },
    { code: "not-learning", loss: 2.4, baseline: 0.6 },
    { code: "nothing-learned", epoch: 3, loss: 1.1, baseline: 1.09 },
  ];

  test.each(["en", "vi"] as const)("name the layer and leave no hole: %s", (language) => {
    for (const finding of all) {
      const { what, advice } = describeFinding(finding, language);
      expect(`${what} ${advice}`).not.toMatch(/\{\{|undefined|\(\)/);
      if ("path" in finding && !("phase" in finding && finding.phase === "input"))
        expect(what).toContain('"2" (Linear)');
    }
  });

  test("call a loss that is far above any constant answer's as good as diverged, and blame the rate alone", () => {
    const far = describeFinding({ code: "not-learning", loss: 300, baseline: 0.6 });
    expect(far).toEqual({
      what: "the loss of 300 is 500 times that of always giving the same answer (0.6): training is as good as diverged",
      advice: "a lower learning rate",
    });
    const worse = describeFinding({ code: "not-learning", loss: 2.4, baseline: 0.6 });
    expect(worse.what).toBe("the loss of 2.4 is 4 times that of always giving the same answer (0.6)");
    const near = describeFinding({ code: "not-learning", loss: 0.7, baseline: 0.6 });
    expect(near.advice).toContain("inputs that say something");
  });

  test("call a loss that is shown below the constant answer's hardly better, and not no better", () => {
    const what = (loss: number) => describeFinding({ code: "not-learning", loss, baseline: Math.LN2 }).what;
    expect(what(0.6921)).toMatch(/^next to nothing was learned: the loss of 0.692 is hardly better than .* \(0.693\)$/);
    for (const loss of [Math.LN2, 0.7]) expect(what(loss)).toMatch(/^nothing was learned: .* is no better than/);
  });

  test("say how many answers are right where the wrong ones cost much", () => {
    const costly = { code: "costly-errors", loss: 48.9, baseline: Math.LN2, accuracy: 0.9067 } as const;
    expect(describeFinding(costly)).toEqual({
      what: "up to 90.7 % of the answers are right, yet the loss of 48.9 is 70.5 times that of always giving the same answer (0.693): the wrong ones are far off",
      advice: "a lower learning rate",
    });
    expect(describeFinding(costly, "vi", "vi").what).toMatch(/^có tới 90,7 % câu trả lời/);
  });

  test("do not stand beside those that explain or contradict them", () => {
    const low = { code: "not-learning", loss: 0.5, baseline: 0.25 } as const;
    const near = { ...low, loss: 0.26 };
    const slow = { code: "updates-too-small", name: "2.weight", ratio: 1e-7, ...where } as const;
    const opaque = { code: "no-gradients", ...where } as const;
    expect(joinFindings([low], [slow])).toEqual([slow]);
    expect(joinFindings([near], [slow])).toEqual([near, slow]);
    expect(joinFindings([low], [opaque])).toEqual([opaque]);
    expect(joinFindings([low], [])).toEqual([low]);
  });

  test("name a weight by its layer, as the note's other layers are named", () => {
    const large = { code: "updates-too-large", name: "2.weight", ratio: 0.5, ...where } as const;
    expect(describeFinding(large).what).toMatch(/^each step changes the weight of layer "2" \(Linear\) by 50 %/);
    expect(describeFinding(large, "vi").what).toMatch(/^mỗi bước làm weight của tầng "2" \(Linear\) thay đổi 50 %/);
  });

  test("never call a gradient 0 times another", () => {
    for (const language of ["en", "vi"] as const)
      expect(
        describeFinding({ code: "vanishing-gradients", ratio: 0, last: "8", ...where }, language).what,
      ).not.toMatch(/\b0\b/);
  });

  test("do not blame the rate for units that were dead before training", () => {
    const dead = (atFirst: number) =>
      describeFinding({ code: "dead-units", dead: 20, units: 32, share: 20 / 32, rows: 3000, atFirst, ...where });
    expect(dead(9).advice).toMatch(/^a lower learning rate/);
    expect(dead(9).what).toContain("they give 0 for all of the 3,000 rows looked at");
    expect(dead(15).what).toMatch(/it was 15, so that the learning rate is not the cause$/);
    expect(dead(15).advice).not.toContain("rate");
  });

  test("advise no smaller inputs where they are small", () => {
    const exploded = (input: number) => describeFinding({ code: "exploded", largest: 1e9, input, ...where }).advice;
    expect(exploded(1)).toBe("a lower learning rate");
    expect(exploded(250)).toBe("a lower learning rate, or inputs of about 1 (they reach 250)");
    const forward = { code: "non-finite", phase: "forward", value: "NaN", ...where } as const;
    expect(describeFinding({ ...forward, input: 1 }, "vi").advice).toBe("giảm tốc độ học");
    expect(describeFinding(forward).advice).toBe("a lower learning rate, or smaller inputs");
  });

  test("have their numbers as people write them", () => {
    const saturated = all.find(({ code }) => code === "saturated")!;
    expect(describeFinding(saturated, "en").what).toContain("62.5 %");
    expect(describeFinding(saturated, "vi").what).toContain("62.5 %");
    expect(describeFinding(saturated, "vi", "vi").what).toContain("62,5 %");
  });
});

describe("the command to paste", () => {
  test("replaces an option however it was written, and leaves the rest", () => {
    const argv = ["train", "my data.csv", "--lr", "5", "-t", "size", "--eject=x.ts"];
    expect(retryCommand(argv, { "--lr": "0.5", "--eject": null })).toBe(
      "npx noron train 'my data.csv' -t size --lr 0.5",
    );
    expect(retryCommand(["train", "--lr=5", "--", "--lr"], { "--lr": "1e-7" })).toBe(
      "npx noron train --lr 1e-7 -- --lr",
    );
  });

  test("has the mistyped word mended, and is not guessed where that word stands twice", () => {
    expect(mendCommand(["train", "a.csv", "--target=siez"], "siez", "size")).toBe(
      "npx noron train a.csv --target=size",
    );
    expect(mendCommand(["train", "a.csv", "-t", "gia", "--out", "gia"], "gia", "giá")).toBeNull();
  });
});
