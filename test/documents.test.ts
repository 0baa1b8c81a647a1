import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import * as noron from "../packages/core/src/index.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/lecture.md", "docs/errors.md"];

describe("the README's example", () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(read("README.md"))!;

  it("is twenty lines of checked TypeScript", () => {
    expect(example).toBe(read("test/readme-example.ts"));
    expect(example.split("\n").length).toBeLessThanOrEqual(21);
  });

  it("runs as it stands, and learns", async () => {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", example], { cwd: root });
    const losses = [...stdout.matchAll(/^epoch \d+: loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
    expect(losses).toHaveLength(20);
    expect(losses[19]).toBeLessThan(0.1 * losses[0]);
    expect(stdout).toContain("322 parameters");
  });
});

describe("the lecture's table", () => {
  const { tensor, randn, rand, manualSeed, nn, optim } = noron;

  // The last column of every row.
  const examples = [...read("docs/lecture.md").matchAll(/^\|.*\| `([^`]+)` \|$/gm)].map(([, code]) => code);

  it("has an example in every row", () => {
    const rows = read("docs/lecture.md").match(/^\|(?! ---|\s*part\b).*\|$/gm)!;
    expect(examples).toHaveLength(rows.length);
    expect(examples.length).toBeGreaterThan(40);
  });

  it.each(examples)("%s", (code) => {
    manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3));
    const classes = tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" });
    const scope: Record<string, unknown> = {
      ...noron,
      model,
      optimizer: new optim.SGD(model.parameters(), { lr: 0.1 }),
      x: randn([6, 4]),
      images: randn([2, 4, 5, 5]),
      y: randn([6, 3]),
      prediction: randn([6, 3]),
      logits: randn([6, 3]),
      probabilities: rand([6, 3]).softmax(1),
      binary: rand([6, 3]),
      labels: tensor([
        [0, 1, 0],
        [1, 0, 1],
        [0, 0, 1],
        [1, 1, 1],
        [0, 0, 0],
        [1, 0, 0],
      ]),
      classes,
    };
    scope.loss = new nn.CrossEntropyLoss().forward(model.forward(scope.x as never), classes);
    if (code.includes("optimizer.step")) (scope.loss as noron.Tensor).backward();
    const made: unknown = new Function(...Object.keys(scope), `return (${code});`)(...Object.values(scope));
    const values = made instanceof noron.Tensor ? made.dataSync() : [];
    expect([...values].every(Number.isFinite)).toBe(true);
  });
});

describe("the documents", () => {
  it.each(DOCUMENTS)("%s names only files that are there", (path) => {
    const text = read(path);
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => join(dirname(path), target));
    const bases = ["", "packages/core/src/", "packages/core/", "packages/", dirname(path)];
    const named = [...text.matchAll(/`([\w@./-]+\.(?:ts|mjs|py|js|json|md)|[\w./-]+\/)`/g)].map(([, file]) => file);
    const missing = [
      ...links.filter((file) => !existsSync(join(root, file))),
      ...named.filter((file) => !bases.some((base) => existsSync(join(root, base, file)))),
    ];
    expect(missing).toEqual([]);
  });
});
