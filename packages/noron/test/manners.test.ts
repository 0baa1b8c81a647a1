import { existsSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { Log } from "../src/command/log.ts";
import { showProgress } from "../src/command/progress.ts";
import { clouds, file, noron } from "./command.ts";

const commands = ["train", "evaluate", "predict", "explain", "inspect", "report", "runs", "export", "doctor"];

describe("help", () => {
  test.each(commands)("%s has examples, which name the command", async (command) => {
    const { code, stdout, stderr } = await noron([command, "--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    const examples = stdout.split("Examples:\n")[1].split("\n\n")[0].trim().split("\n");
    for (const example of examples) expect(example.trim()).toMatch(new RegExp(`^noron ${command}( |$)`));
  });
});

test("the commands that read tables, and no others, say that they read them in pieces", async () => {
  const told = await Promise.all(
    commands.map(async (command) => [command, (await noron([command, "--help"])).stdout.includes("--stream")] as const),
  );
  expect(told.filter(([, says]) => says).map(([command]) => command)).toEqual([
    "train",
    "evaluate",
    "predict",
    "explain",
    "inspect",
    "report",
  ]);
});

test("results go to stdout, notes and progress to stderr, without control codes", async () => {
  file("clouds.csv", clouds());
  const trained = await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "2", "--out", "run"]);
  expect(trained.stdout).toMatch(/^test on \d+ rows not trained on:\n/);
  expect(trained.stdout).toMatch(/^next: npx noron predict run clouds\.csv$/m);
  expect(trained.stderr).toMatch(/^clouds\.csv: 80 rows, 4 columns\n/);
  expect(trained.stderr).toMatch(/^epoch 1\/2 /m);
  const predicted = await noron(["predict", "run", "clouds.csv"]);
  expect(predicted.stderr).toBe("");
  expect(predicted.stdout).toMatch(/^x,y,colour,kind,prediction,probability left,probability right\n/);
  expect(trained.stdout + trained.stderr + predicted.stdout).not.toMatch(/(?!\n)\p{Cc}/u);
});

test.skipIf(!existsSync("/dev/full"))("a full disk behind stdout is told, and is no mistake inside noron", async () => {
  file("clouds.csv", clouds());
  const train = ["train", "clouds.csv", "-t", "kind", "--epochs", "1", "--out"];
  const full = { stdoutTo: "/dev/full" };
  const said = "noron: standard output cannot be written: ENOSPC: no space is left there.\n";
  const trained = await noron([...train, "run"], full);
  expect([trained.code, trained.stderr.slice(-said.length)]).toEqual([2, said]);
  for (const args of [
    ["predict", "run", "clouds.csv"],
    ["runs", "."],
    ["runs", ".", "--log", "json"],
    ["export", "run", "--to", "json"],
  ]) {
    const { code, stderr } = await noron(args, full);
    expect([code, stderr]).toEqual([2, said]);
  }
});

describe("progress", () => {
  const written = (environment: Record<string, string>, interrupt?: string): string => {
    let all = "";
    const { isTTY } = process.stderr;
    const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      all += text;
      return true;
    });
    for (const [name, value] of Object.entries({ NO_COLOR: "", TERM: "xterm", ...environment }))
      vi.stubEnv(name, value);
    process.stderr.isTTY = true;
    try {
      const interrupted = new AbortController();
      const observer = showProgress(new Log(false), interrupted.signal);
      observer.begin(1, 1, 0);
      if (interrupt !== undefined) {
        interrupted.abort();
        process.stderr.write(interrupt);
      }
      observer.batch();
      observer.epoch({ epoch: 1, loss: 0.5, validationLoss: 0.25, lr: 0.1, seconds: 1 });
      observer.end();
    } finally {
      process.stderr.isTTY = isTTY;
      write.mockRestore();
      vi.unstubAllEnvs();
    }
    return all;
  };

  test("is a bar in a terminal", () => {
    expect(written({})).toContain("\u001b[");
  });

  test("is a bar that is gone before Ctrl-C is answered, and does not come back", () => {
    const all = written({}, "stopping\n");
    expect(all).toMatch(/stopping\n$/);
    const clearLine = "\u001b[2K";
    expect(all.slice(all.lastIndexOf(clearLine) + clearLine.length)).toBe("stopping\n");
  });

  test.each<Record<string, string>>([{ NO_COLOR: "1" }, { TERM: "dumb" }])("is plain lines with %j", (environment) => {
    expect(written(environment)).toBe("epoch 1/1  loss 0.5000  validation 0.2500\n");
  });
});
