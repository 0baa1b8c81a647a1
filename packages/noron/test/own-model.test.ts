import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseTable } from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { loadRun, type NetworkDefinition, nn } from "../src/index.ts";
import { clouds, events, expectRefusal, file, folder, noron, useRun } from "./command.ts";

const SEQUENTIAL = `import { width } from "./width.ts";

interface Request { inputs: number; outputs: number; nn: typeof import("noron").nn }

enum Share { dropped = 0.25 }

export default ({ inputs, outputs, nn }: Request) =>
  new nn.Sequential(new nn.Linear(inputs, width), new nn.Tanh(), new nn.Dropout(Share.dropped), new nn.Linear(width, outputs));
`;

/** noron is not installed in the folder that this lies in: it is the library that runs the command. */
const CLASS = `import { nn, type Tensor } from "noron";
import { zeros } from "@noron/core";

export default class Residual extends nn.Module {
  private readonly first: nn.Linear;
  private readonly last: nn.Linear;

  constructor({ inputs, outputs }: { inputs: number; outputs: number }) {
    super();
    this.first = new nn.Linear(inputs, inputs);
    this.last = new nn.Linear(inputs, outputs);
  }

  forward(x: Tensor): Tensor {
    return this.last.forward(x.add(this.first.forward(x).relu()).add(zeros([1])));
  }
}
`;

const column = (text: string, name: string) => parseTable(text).columns.find((one) => one.name === name)!.cells;
const result = (told: ReturnType<typeof events>) => told.find(({ event }) => event === "result")!;
const inputs = ["clouds.csv", "net.ts"];

describe("a network of one's own", () => {
  test.each([
    ["a function, in TypeScript with imports of its own", SEQUENTIAL, /Sequential of net\.ts; 82 parameters/],
    ["a class of Module", CLASS, /Residual of net\.ts; 42 parameters/],
  ])("%s, is trained, measured and used", async (_, code, description) => {
    file("clouds.csv", clouds());
    file("net.ts", code);
    file("width.ts", "export const width: number = 10;\n");
    const args = ["clouds.csv", "-t", "kind", "--model", "net.ts", "--epochs", "20", "--lr", "0.01"];
    const trained = await noron(["train", ...args, "--out", "run"]);
    expect(trained.stderr).toMatch(description);
    expect(trained.code).toBe(0);
    const again = await noron(["train", ...args, "--out", "again"]);
    expect(again.code).toBe(0);
    const weights = (run: string) => readFileSync(join(folder, run, "model.safetensors"));
    expect(weights("again")).toEqual(weights("run"));

    const said = await noron(["predict", "run", "clouds.csv", "--model", "net.ts"]);
    expect([said.code, said.stderr]).toEqual([0, ""]);
    expect(column(said.stdout, "prediction")).toEqual(column(said.stdout, "kind"));
    file("others.csv", clouds(30));
    const measured = events(await noron(["evaluate", "run", "others.csv", "--model", "net.ts", "--log", "json"]));
    expect(result(measured).scores.accuracy).toBe(1);
    const config = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8"));
    expect(config.network).toEqual({
      inputs: 5,
      outputs: 2,
      module: { path: "net.ts", hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
  });

  test("comes to a program, to a module where its layers are the library's, and to loadRun as a value", async () => {
    file("clouds.csv", clouds());
    file("width.ts", "export const width: number = 10;\n");
    file("net.ts", SEQUENTIAL);
    const train = ["train", "clouds.csv", "-t", "kind", "--epochs", "2", "--model"];
    const program = ["--eject", "program.ts"];
    const trained = await noron([...train, "net.ts", "--out", "run", ...program]);
    expect(trained.code).toBe(0);
    expect(trained.stdout).toMatch(/next: npx noron predict run clouds\.csv --model net\.ts$/m);
    const text = readFileSync(join(folder, "program.ts"), "utf8");
    expect(text).toContain('import network from "./net.ts";\n');
    expect(text).toContain("const model = network({ inputs: 5, outputs: 2, nn });\n");
    const exported = await noron(["export", "run", "--to", "ts", "--model", "net.ts"]);
    expect(exported.stdout).toMatch(/linear\(5, .*\n.*Math\.tanh/);

    file("class.ts", CLASS);
    expect((await noron([...train, "class.ts", "--out", "other"])).code).toBe(0);
    const refused = await noron(["export", "other", "--to", "ts", "--model", "class.ts"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/Residual does not say how it is made/)]);

    const define: NetworkDefinition = ({ inputs, outputs }) =>
      new nn.Sequential(new nn.Linear(inputs, 10), new nn.Tanh(), new nn.Dropout(0.25), new nn.Linear(10, outputs));
    const run = await loadRun(join(folder, "run"), { model: define });
    const [first] = await run.predict([{ x: 1, y: 0.5, colour: "red" }]);
    const { stdout } = await noron(["predict", "run", "clouds.csv", "--model", "net.ts"]);
    expect(["left", "right"]).toContain(first.prediction);
    expect(column(stdout, "prediction")).toHaveLength(80);
    const other: NetworkDefinition = ({ inputs, outputs }) => new nn.Linear(inputs, outputs);
    await expect(loadRun(join(folder, "run"), { model: other })).rejects.toThrow(/does not fit/);
    await expect(loadRun(join(folder, "run"))).rejects.toThrow(
      /holds none: give it with --model net\.ts, or to loadRun/,
    );
  });

  test.each<[string, string, RegExp]>([
    ["nothing by default", "export const net = 1;", /net\.ts: there is no default export that makes a network/],
    ["something else", "export default () => 3;", /net\.ts: the default export gave no nn\.Module/],
    ["a promise", "export default async () => 3;", /net\.ts: the default export is asynchronous/],
    [
      "an error",
      'export default () => { throw new Error("no weights today"); };',
      /making the network failed: no weights/,
    ],
    ["no JavaScript", "export default (", /net\.ts cannot be loaded: /],
    ["an import of nothing", 'import "./nothing.ts"; export default 1;', /net\.ts cannot be loaded: .*nothing/],
    [
      "other inputs",
      "export default ({ nn }) => new nn.Linear(7, 2);",
      /net\.ts: the network does not take rows of 5 features: .*Linear\(7, 2\) needs a last extent of 7/,
    ],
    [
      "other outputs",
      "export default ({ nn, inputs }) => new nn.Linear(inputs, 3);",
      /net\.ts: the network makes \[2, 3\] of two rows, and \[2, 2\] is needed/,
    ],
  ])("a file that gives %s is refused before training", async (_, code, message) => {
    file("clouds.csv", clouds());
    file("net.ts", code);
    const ended = await noron(["train", "clouds.csv", "-t", "kind", "--model", "net.ts", "--out", "run"]);
    expectRefusal(ended, 2, message, inputs);
  });

  test("what the file decides itself cannot be asked for, and the file must be there", async () => {
    file("clouds.csv", clouds());
    file("net.ts", SEQUENTIAL);
    const train = ["train", "clouds.csv", "-t", "kind", "--model"];
    expectRefusal(await noron([...train, "net.ts", "--norm", "batch"]), 2, /net\.ts decides this itself/, inputs);
    expectRefusal(await noron([...train, "nte.ts"]), 3, /no such file or folder\. Did you mean net\.ts\?/, inputs);
  });
});

describe("a run folder never runs code", () => {
  useRun("plain", "clouds.csv", clouds(), ["-t", "kind", "--epochs", "1"]);
  const code = () => {
    const marker = JSON.stringify(join(folder, "ran"));
    return `import { writeFileSync } from "node:fs";
writeFileSync(${marker}, "");
export default ({ inputs, outputs, nn }) => new nn.Linear(inputs, outputs);
`;
  };
  const commands = [
    ["predict", "run", "clouds.csv"],
    ["evaluate", "run", "clouds.csv"],
    ["export", "run", "--to", "ts"],
  ];

  test("the file that it names is loaded only where the command line names it, and only as it was", async () => {
    file("net.ts", code());
    await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "1", "--model", "net.ts", "--out", "run"]);
    const ran = () => existsSync(join(folder, "ran"));
    expect(ran()).toBe(true);
    const path = join(folder, "run", "config.json");
    const config = JSON.parse(readFileSync(path, "utf8"));
    for (const named of [
      "net.ts",
      join(folder, "net.ts"),
      "run/net.ts",
      "file:///etc/passwd",
      "data:text/javascript,1",
    ]) {
      writeFileSync(
        path,
        JSON.stringify({
          ...config,
          network: { ...config.network, module: { ...config.network.module, path: named } },
        }),
      );
      writeFileSync(join(folder, "ran"), "no");
      writeFileSync(join(folder, "run", "net.ts"), code());
      for (const command of named === "net.ts" ? commands : commands.slice(0, 1)) {
        const ended = await noron(command);
        expect([ended.code, ended.stderr]).toEqual([
          2,
          expect.stringMatching(/and a run folder holds none: give it with --model/),
        ]);
      }
      expect(readFileSync(join(folder, "ran"), "utf8")).toBe("no");
    }
    file("net.ts", `${code()}// changed\n`);
    for (const command of commands) {
      const ended = await noron([...command, "--model", "net.ts"]);
      expect([ended.code, ended.stderr]).toEqual([
        3,
        expect.stringMatching(/is not the file that this run was trained with/),
      ]);
    }
    // It is not even evaluated: the hash is compared first.
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe("no");
    file("net.ts", code());
    for (const command of commands) expect((await noron([...command, "--model", "net.ts"])).code).toBe(0);
  });

  test("code is refused for a run that has none", async () => {
    file("net.ts", code());
    const ended = await noron(["predict", "plain", "clouds.csv", "--model", "net.ts"]);
    expectRefusal(ended, 2, /made by noron, not by net\.ts: leave the model out/, ["clouds.csv", "net.ts", "plain"]);
  });
});
