import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Result {
  /** Whether the engine takes relaxed SIMD instructions. */
  relaxedSimd: boolean;
  /** Whether its multiply-add rounds once. V8's does; JavaScriptCore's (Bun) rounds twice, as plain SIMD does. */
  fused: boolean;
  losses: string[];
  accuracy: number;
  parameters: string;
}

const RUNTIMES: { name: string; binary: string; arguments: string[] }[] = [
  { name: "Node 24", binary: "node_modules/node24/bin/node", arguments: [] },
  { name: "Node 26", binary: "node_modules/node26/bin/node", arguments: [] },
  { name: "Bun", binary: "node_modules/@oven/bun-linux-x64/bin/bun", arguments: ["run"] },
  {
    name: "Deno",
    binary: "node_modules/@deno/linux-x64-glibc/deno",
    arguments: ["run", "--no-lock", "--cached-only", "--allow-read"],
  },
];

async function train(binary: string, before: string[] = [], after: string[] = []): Promise<Result> {
  const environment = { ...process.env, NODE_OPTIONS: "", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  const { stdout } = await run(binary, [...before, here("train.mjs"), ...after], { env: environment, timeout: 60_000 });
  return JSON.parse(stdout);
}

function numbers({ losses }: Result): number[] {
  return losses.map((bits) => new Float32Array(Uint32Array.of(Number.parseInt(bits, 16)).buffer)[0]);
}

function expectNear(actual: Result, expected: Result): void {
  const reference = numbers(expected);
  numbers(actual).forEach((loss, step) => {
    expect(Math.abs(loss - reference[step])).toBeLessThanOrEqual(1e-5 * Math.abs(reference[step]));
  });
}

// Two references, both from the Node that runs the tests: with its fused multiply-add, and with plain SIMD.
const native = train(process.execPath);
const plain = train(process.execPath, [], ["unfused"]);

describe("a small network trained by seed, from what was built", () => {
  it("learns, and rounding once or twice matters only in the last bits", async () => {
    const [first, second] = [await native, await plain];
    expect(first.losses).toHaveLength(30);
    expect(first.accuracy).toBeGreaterThan(0.9);
    expect(second.relaxedSimd).toBe(false);
    expectNear(first, second);
  });

  for (const { name, binary, arguments: before } of RUNTIMES) {
    const installed = existsSync(here(binary));
    const reason = installed ? "" : ` (not installed here: npm ci --prefix test/runtimes)`;
    it.skipIf(!installed)(`gives the same numbers under ${name}${reason}`, async () => {
      const result = await train(here(binary), before);
      const reference = [await native, await plain].find(({ fused }) => fused === result.fused);
      if (reference === undefined) {
        // This Node rounds otherwise, with and without relaxed SIMD.
        expectNear(result, await native);
        return;
      }
      expect({ losses: result.losses, parameters: result.parameters }).toEqual({
        losses: reference.losses,
        parameters: reference.parameters,
      });
    });
  }
});
