import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, expectTypeOf, test } from "vitest";
import { nn, type Tensor, zeros } from "../src/index.ts";

/** What the types know of shapes: what fits is inferred, what does not is an error, and what is unknown is let through. */

const unknownWidth: number = 12;

describe("inferred shapes", () => {
  test("of single layers", () => {
    const x = zeros([32, 784]);
    expectTypeOf(new nn.Linear(784, 128).forward(x)).toEqualTypeOf<Tensor<[32, 128]>>();
    expectTypeOf(new nn.ReLU().forward(x)).toEqualTypeOf<Tensor<[32, 784]>>();
    expectTypeOf(new nn.BatchNorm1d(784).forward(x)).toEqualTypeOf<Tensor<[32, 784]>>();
    expectTypeOf(new nn.LayerNorm([784]).forward(x)).toEqualTypeOf<Tensor<[32, 784]>>();
    expectTypeOf(new nn.Dropout(0.2).forward(x)).toEqualTypeOf<Tensor<[32, 784]>>();
    expectTypeOf(new nn.Linear(4, 2).forward(zeros([5, 3, 4]))).toEqualTypeOf<Tensor<[5, 3, 2]>>();
    const batch = x as Tensor as Tensor<[number, 784]>;
    expectTypeOf(new nn.Linear(784, 10).forward(batch)).toEqualTypeOf<Tensor<[number, 10]>>();
    expectTypeOf(new nn.Linear(784, 10).weight.shape).toEqualTypeOf<[10, 784]>();
  });

  test("of a Sequential", () => {
    const model = new nn.Sequential(
      new nn.Linear(784, 128),
      new nn.BatchNorm1d(128),
      new nn.ReLU(),
      new nn.Dropout(0.2),
      new nn.Linear(128, 10),
    );
    expectTypeOf(model.forward(zeros([2, 784]))).toEqualTypeOf<Tensor<[2, 10]>>();
    const nested = new nn.Sequential(model, new nn.Softmax({ dim: 1 }));
    expectTypeOf(nested.forward(zeros([2, 784]))).toEqualTypeOf<Tensor<[2, 10]>>();
    expectTypeOf(new nn.Sequential(new nn.Tanh(), new nn.ReLU()).forward(zeros([3]))).toEqualTypeOf<Tensor<[3]>>();
    expect(String(nested.forward(zeros([2, 784])).shape)).toBe("2,10");
  });
});

describe("errors", () => {
  test("of layers that do not follow each other", () => {
    // @ts-expect-error: 128 features go into a layer for 127
    new nn.Sequential(new nn.Linear(784, 128), new nn.Linear(127, 10));
    // @ts-expect-error: the activation passes the mismatch on
    new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(127, 10));
    // @ts-expect-error: norms have a number of features too
    new nn.Sequential(new nn.Linear(784, 128), new nn.BatchNorm1d(64));
    // @ts-expect-error
    new nn.Sequential(new nn.Linear(784, 128), new nn.LayerNorm(64));
    // @ts-expect-error
    new nn.Sequential(new nn.Linear(784, 128), new nn.GroupNorm(4, 64));
    // @ts-expect-error: in a Sequential inside too
    new nn.Sequential(new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh()), new nn.Linear(9, 1));
  });

  test("of inputs that do not fit", () => {
    // @ts-expect-error
    expect(() => new nn.Linear(784, 10).forward(zeros([2, 783]))).toThrow("[2, 783]");
    // @ts-expect-error
    expect(() => new nn.BatchNorm1d(4).forward(zeros([2, 5]))).toThrow("[2, 5]");
    // @ts-expect-error
    expect(() => new nn.LayerNorm(4).forward(zeros([2, 5]))).toThrow("[2, 5]");
    const model = new nn.Sequential(new nn.Linear(4, 8), new nn.Linear(8, 1));
    // @ts-expect-error
    expect(() => model.forward(zeros([2, 5]))).toThrow('in layer "0"');
  });

  test("nothing gets in the way where numbers are unknown", () => {
    new nn.Sequential(new nn.Linear(784, unknownWidth), new nn.Linear(unknownWidth, 10));
    new nn.Sequential(new nn.Linear(784, 12), new nn.Linear(unknownWidth, 10));
    const layers: nn.Module[] = [new nn.Linear(3, 4), new nn.Linear(4, 5)];
    const model = new nn.Sequential(...layers);
    expectTypeOf(model.forward(zeros([2, 3]) as Tensor)).toEqualTypeOf<Tensor>();
    const x = zeros([2, 3]) as Tensor;
    expectTypeOf(new nn.Linear(3, 4).forward(x)).toEqualTypeOf<Tensor>();

    class Net extends nn.Module {
      fc1 = new nn.Linear(3, 4);
      fc2 = new nn.Linear(4, 5);
      forward(input: Tensor) {
        return this.fc2.forward(this.fc1.forward(input).relu());
      }
    }
    expectTypeOf(new Net().forward(x)).toEqualTypeOf<Tensor>();
    new nn.Sequential(new nn.Linear(2, 3), new Net(), new nn.Linear(5, 1)).forward(zeros([1, 2]));
    const layer: nn.Layer = new nn.Linear(3, 4);
    expect([...layer.forward(x).shape]).toEqual([2, 4]);
  });
});

describe("the compiler", () => {
  const library = resolve(import.meta.dirname, "../src/index.ts");
  const check = (source: string): { output: string; instantiations: number } => {
    const folder = mkdtempSync(join(tmpdir(), "types-"));
    try {
      const file = join(folder, "snippet.mts");
      writeFileSync(file, `import { nn } from ${JSON.stringify(library)};\n${source}`);
      const options =
        "--ignoreConfig --noEmit --strict --target es2022 --module nodenext --allowImportingTsExtensions --skipLibCheck";
      const compiler = resolve(import.meta.dirname, "../../../node_modules/typescript/bin/tsc");
      const lib = ["--lib", "es2023,dom", "--types", "", "--extendedDiagnostics"];
      let output: string;
      try {
        output = String(execFileSync(process.execPath, [compiler, ...options.split(" "), ...lib, file]));
      } catch (error) {
        output = String((error as { stdout: Buffer }).stdout);
      }
      const number = (name: string) => Number(new RegExp(`${name}:\\s+([\\d.]+)`).exec(output)?.[1]);
      return { output, instantiations: number("Instantiations") };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("names both numbers, at the wrong layer", () => {
    const { output } = check("new nn.Sequential(\n  new nn.Linear(784, 128),\n  new nn.Linear(127, 10),\n);\n");
    expect(output).toContain("snippet.mts(4,3)");
    expect(output).toContain("this layer takes 127 features, but the one before it gives 128");
  });

  test("names both numbers of a norm too, without a word of what layers hold inside", () => {
    const norms = ["BatchNorm1d(64)", "LayerNorm(64)", "GroupNorm(4, 64)", "RMSNorm(64)"];
    for (const norm of norms) {
      const { output } = check(`new nn.Sequential(\n  new nn.Linear(784, 128),\n  new nn.${norm},\n);\n`);
      expect(output).not.toContain("never");
      expect(output).toContain("this layer takes 64 features, but the one before it gives 128");
    }
  });

  test("checks twenty layers with few instantiations", () => {
    const base = check("export const none = nn;\n");
    const layers = Array.from({ length: 10 }, (_, i) => `new nn.Linear(${i + 1}, ${i + 2}), new nn.ReLU()`);
    const twenty = check(`export const y = new nn.Sequential(${layers.join(", ")}).forward(null as never);\n`);
    expect(twenty.output).not.toContain("error");
    expect(twenty.instantiations - base.instantiations).toBeLessThan(20_000);
  });
});
