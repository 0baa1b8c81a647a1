import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { io } from "@noron/core";
import { DataError } from "@noron/tabular";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { runs } from "../../../test/fuzz.ts";
import { InputError, loadRun, parseRun, UsageError } from "../src/index.ts";
import { parseCheckpoint } from "../src/run/checkpoint.ts";
import { RUN_FILES } from "../src/run/files.ts";
import { listRuns, summarizeRun } from "../src/run/list-runs.ts";
import { readResumable } from "../src/run/resumable.ts";
import { followRun } from "../src/studio/follow-run.ts";
import { answerRunRequest } from "../src/studio/run-routes.ts";
import { clouds, type Fields, folder, useRun } from "./command.ts";

// Whatever the files of a run folder hold, reading it gives a run or an error that says which file is wrong.

type FileName = (typeof RUN_FILES)[keyof typeof RUN_FILES];
const NAMES = Object.values(RUN_FILES);
const ROW = { x: 1, y: 0.5, colour: "red" };

/** The result, or undefined after an error that is meant for users; any other fails the test. */
async function attempt<T>(action: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError || error instanceof DataError)) throw error;
    expect(error.message).not.toBe("");
    expect(error.message.length).toBeLessThan(2000);
    return undefined;
  }
}

/** Reads the folder in all the ways that commands and programs do, and says whether it was taken for a run. */
async function readAll(run: string): Promise<boolean> {
  const loaded = await attempt(() => loadRun(run));
  if (loaded !== undefined) await attempt(async () => void (await loaded.predict([ROW])));
  const summary = await attempt(() => summarizeRun(run));
  if (summary !== undefined) for (const { epoch } of summary.epochs) expect(typeof epoch).toBe("number");
  await attempt(() => listRuns(join(run, "..")));
  await attempt(() => readResumable(run));
  const bytes = (name: FileName) => new Uint8Array(readFileSync(join(run, name)));
  const { config, preprocessing } = RUN_FILES;
  for (const weights of [RUN_FILES.weights, RUN_FILES.checkpoint])
    await attempt(() =>
      parseRun({ config: bytes(config), preprocessing: bytes(preprocessing), weights: bytes(weights) }),
    );
  expect(({} as Fields).polluted).toBe(undefined);
  expect(Object.keys(Object.prototype)).toEqual([]);
  return loaded !== undefined;
}

/** What a value of JSON may be replaced by: another type, an extreme, a path, a name that is everywhere. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, "", 0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, [], {}),
  fc.constantFrom("NaN", "Infinity", "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "-", "sample:iris", "\0"),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"),
  fc.constantFrom<unknown>([[]], [null], [{}], [1e9, 1e9], new Array(2000).fill(1), { length: 4294967295 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const hostileKey = fc.constantFrom("__proto__", "constructor", "prototype", "length", "toJSON", "then");

interface Change {
  /** Which of all places within the value, from 0 to 1. */
  place: number;
  action: "replace" | "remove" | "add" | "repeat";
  key: string;
  value: unknown;
}
const change: fc.Arbitrary<Change> = fc.record({
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  action: fc.constantFrom("replace", "replace", "replace", "remove", "add", "repeat"),
  key: hostileKey,
  value: hostileValue,
});

/** Sets a member as JSON.parse does: "__proto__" is a name like any other. */
function setMember(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The value with one place in it changed. */
function changed(original: unknown, { place, action, key, value }: Change): unknown {
  const root = { root: structuredClone(original) };
  const places: [object, string][] = [];
  const walk = (holder: object) => {
    for (const [name, inner] of Object.entries(holder)) {
      places.push([holder, name]);
      if (typeof inner === "object" && inner !== null) walk(inner);
    }
  };
  walk(root);
  const [holder, name] = places[Math.floor(place * places.length)];
  const present = (holder as Fields)[name];
  if (action === "replace") setMember(holder, name, value);
  else if (action === "remove") delete (holder as Fields)[name];
  else if (action === "repeat" && Array.isArray(holder)) holder.push(present, present);
  else {
    const into = typeof present === "object" && present !== null ? present : holder;
    // Of a list JSON keeps no members but those in it.
    if (Array.isArray(into)) into.push({ polluted: true });
    else setMember(into, key, { polluted: true });
  }
  return root.root;
}

/** Bytes with some replaced, cut off at a share of their length, and others after them. */
const spoiling = fc.record({
  changes: fc.array(fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(255)), {
    maxLength: 6,
  }),
  // Headers and the beginnings of files are where sizes are.
  early: fc.boolean(),
  kept: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
  after: fc.oneof({ weight: 3, arbitrary: fc.constant(new Uint8Array(0)) }, fc.uint8Array({ maxLength: 20 })),
});
type Spoiling = typeof spoiling extends fc.Arbitrary<infer T> ? T : never;

function spoiled(good: Uint8Array, { changes, early, kept, after }: Spoiling): Uint8Array {
  const bytes = Uint8Array.from(good.subarray(0, Math.ceil(kept * good.length)));
  const range = early ? Math.min(400, bytes.length) : bytes.length;
  for (const [place, value] of changes) if (range > 0) bytes[Math.floor(place * range)] = value;
  return Uint8Array.from([...bytes, ...after]);
}

/** A safetensors file with another header before the same data. */
function withHeader(good: Uint8Array, edit: (header: unknown) => unknown): Uint8Array {
  const length = Number(new DataView(good.buffer, good.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(good.subarray(8, 8 + length)));
  const text = new TextEncoder().encode(JSON.stringify(edit(header)));
  return Uint8Array.from([
    ...new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer),
    ...text,
    ...good.subarray(8 + length),
  ]);
}

describe("whatever a run folder holds", () => {
  const table = clouds(40);
  useRun("run", "clouds.csv", table, ["-t", "kind", "--epochs", "3", "--model", "4", "--norm", "batch"]);

  let run = "";
  let good: Record<FileName, Uint8Array>;
  const put = (name: FileName, contents: string | Uint8Array) => writeFileSync(join(run, name), contents);
  beforeEach(() => {
    run = join(folder, "run");
    good = Object.fromEntries(
      NAMES.map((name) => [name, new Uint8Array(readFileSync(join(run, name)))]),
    ) as typeof good;
  });
  const json = (name: FileName) => JSON.parse(new TextDecoder().decode(good[name]));

  /** As it is when its training was stopped. */
  const unfinish = () => {
    const config = json(RUN_FILES.config);
    const text = JSON.stringify({ ...config, finished: null, result: { baseline: config.result.baseline } });
    good[RUN_FILES.config] = new TextEncoder().encode(text);
    put(RUN_FILES.config, text);
  };

  const fuzz = async <T>(
    arbitrary: fc.Arbitrary<T>,
    count: number,
    mutate: (name: FileName, value: T) => Uint8Array | string,
  ) => {
    let tried = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), arbitrary, async (name, value) => {
        tried++;
        put(name, mutate(name, value));
        if (await readAll(run)) taken++;
        put(name, good[name]);
      }),
      runs(count),
    );
    // Some changes are harmless, others are to be refused: both must have been tried.
    expect(taken).toBeGreaterThan(0.05 * tried);
    expect(taken).toBeLessThan(0.95 * tried);
  };

  describe.each(["finished", "unfinished"])("%s", (state) => {
    beforeEach(() => {
      if (state === "unfinished") unfinish();
    });

    test("as it was written, it is read", async () => {
      const loaded = await loadRun(run);
      expect(loaded.unfinished === null).toBe(state === "finished");
      expect(await loaded.predict([ROW])).toHaveLength(1);
      expect(summarizeRun(run).epochs).toHaveLength(3);
      expect(readResumable(run).checkpoint?.trainer.history).toHaveLength(3);
    });

    test("other bytes in a file", async () => {
      await fuzz(fc.uint8Array({ maxLength: 300 }), 60, (_, bytes) => bytes);
      await fuzz(spoiling, 250, (name, how) => spoiled(good[name], how));
    });

    test("JSON with other values, members and sizes", async () => {
      await fuzz(fc.array(change, { minLength: 1, maxLength: 2 }), 350, (name, changes) => {
        const edit = (value: unknown) => changes.reduce(changed, value);
        if (name.endsWith(".safetensors")) return withHeader(good[name], edit);
        if (name.endsWith(".json")) return JSON.stringify(edit(json(name))) ?? "";
        const lines = new TextDecoder().decode(good[name]).trim().split("\n");
        return lines.map((line) => JSON.stringify(edit(JSON.parse(line))) ?? "").join("\n");
      });
    });

    test("a checkpoint whose state is another", async () => {
      const saved = io.loadState(good[RUN_FILES.checkpoint]) as object;
      const shallow = (value: unknown) => {
        try {
          return io.saveState(value as never);
        } catch {
          // What cannot be saved is no file.
          return good[RUN_FILES.checkpoint];
        }
      };
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...statePlaces(saved)), hostileValue, async (place, value) => {
          const bytes = shallow(withPlace(saved, place, value));
          put(RUN_FILES.checkpoint, bytes);
          await readAll(run);
          await attempt(() => parseCheckpoint(bytes, "checkpoint"));
        }),
        runs(150),
      );
    });
  });

  test("a link out of the folder is opened by nothing, a page neither", async () => {
    const secret = join(folder, "secret");
    for (const name of NAMES) {
      writeFileSync(secret, good[name]);
      rmSync(join(run, name));
      symlinkSync(secret, join(run, name));
      const read = { config: summarizeRun, metrics: summarizeRun, preprocessing: loadRun, weights: loadRun } as Fields;
      const key = Object.entries(RUN_FILES).find(([, file]) => file === name)![0];
      const reader = read[key] ?? readResumable;
      await expect((async () => reader(run))()).rejects.toThrow(/is a link that leads out of the run folder/);
      const answer = await answerRunRequest(new Request(`http://localhost/run/${name}`), run);
      expect(answer?.status).toBe(404);
      expect(lstatSync(join(run, name)).isSymbolicLink()).toBe(true);
      rmSync(join(run, name));
      put(name, good[name]);
    }
    const answer = await answerRunRequest(new Request("http://localhost/run/config.json"), run);
    expect(answer?.status).toBe(200);
    const lines = new TextDecoder().decode(good[RUN_FILES.metrics]).trim().split("\n");
    // Those who follow a run get its lines, and nothing of a file elsewhere.
    const followed = async (milliseconds: number) => {
      const seen: string[] = [];
      for await (const each of followRun(run, AbortSignal.timeout(milliseconds), 20)) {
        if (each.kind === "lines") seen.push(...each.lines);
        if (seen.length === lines.length) break;
      }
      return seen;
    };
    expect(await followed(20_000)).toEqual(lines);
    rmSync(join(run, RUN_FILES.metrics));
    symlinkSync(secret, join(run, RUN_FILES.metrics));
    expect(await followed(200)).toEqual([]);
  });

  test("paths in the config are names: loading opens none of them", async () => {
    const config = json(RUN_FILES.config);
    mkdirSync(join(folder, "outside"));
    const marker = join(folder, "ran");
    const code = join(folder, "outside", "model.mjs");
    writeFileSync(code, `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, "");`);
    for (const path of [code, "../outside/model.mjs", "/dev/zero", "file:///dev/zero", "http://localhost:1/x.csv"]) {
      const { inputs, outputs } = config.network;
      put(RUN_FILES.config, JSON.stringify({ ...config, data: { ...config.data, source: [path], name: path } }));
      expect(await (await loadRun(run)).predict([ROW])).toHaveLength(1);
      expect(summarizeRun(run).config.data.source).toEqual([path]);
      const network = { inputs, outputs, module: { path, hash: "sha256:0" } };
      put(RUN_FILES.config, JSON.stringify({ ...config, network }));
      await expect(loadRun(run)).rejects.toThrow(UsageError);
      expect(() => readFileSync(marker)).toThrow(/ENOENT/);
    }
  });
});

/** The members of a state, by their paths; what tensors are made of is not looked into. */
function statePlaces(value: unknown, path: string[] = []): string[][] {
  if (!isPlain(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...path, key], ...statePlaces(inner, [...path, key])]);
}

/** A copy with another value at a place. */
function withPlace(value: unknown, [key, ...rest]: string[], put: unknown): unknown {
  if (key === undefined) return put;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  setMember(copy, key, withPlace((value as Fields)[key], rest, put));
  return copy;
}

function isPlain(value: unknown): value is object {
  return Array.isArray(value) || (typeof value === "object" && value?.constructor === Object);
}
