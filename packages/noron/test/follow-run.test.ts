import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockFolder } from "../src/run/lock.ts";
import { type Followed, followRun } from "../src/studio/follow-run.ts";
import { answerRunRequest } from "../src/studio/run-routes.ts";

let folder = "";
let metrics = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noron-follow-"));
  metrics = join(folder, "metrics.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Follows the folder into a list, until it is told to end. */
function following(): { seen: string[]; until(count: number): Promise<void>; end(): Promise<void> } {
  const ending = new AbortController();
  const seen: string[] = [];
  const done = (async () => {
    for await (const each of followRun(folder, ending.signal, 5)) seen.push(...texts(each));
  })();
  return {
    seen,
    async until(count) {
      for (const start = Date.now(); seen.length < count; ) {
        if (Date.now() - start > 5000) throw new Error(`only ${seen.length} of ${count}: ${seen.join(" ")}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    async end() {
      ending.abort();
      await done;
    },
  };
}

const texts = (each: Followed): string[] => (each.kind === "lines" ? each.lines : ["reset"]);

describe("following a run", () => {
  test("gives what is there, then each line once it is whole", async () => {
    writeFileSync(metrics, '{"a":1}\n{"a":2}\n{"a"');
    const follower = following();
    await follower.until(2);
    appendFileSync(metrics, ':"ơ"');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(follower.seen).toEqual(['{"a":1}', '{"a":2}']);
    appendFileSync(metrics, "}\n");
    await follower.until(3);
    expect(follower.seen[2]).toBe('{"a":"ơ"}');
    await follower.end();
  });

  test("waits for a folder that is not there yet, and tells of a file that was cut or replaced", async () => {
    const later = folder;
    renameSync(later, `${later}.tmp`);
    const follower = following();
    await new Promise((resolve) => setTimeout(resolve, 20));
    renameSync(`${later}.tmp`, later);
    writeFileSync(metrics, "1\n2\n3\n");
    await follower.until(3);
    truncateSync(metrics, 4);
    await follower.until(6);
    expect(follower.seen).toEqual(["1", "2", "3", "reset", "1", "2"]);
    writeFileSync(`${metrics}.new`, "1\n2\n4\n5\n");
    renameSync(`${metrics}.new`, metrics);
    await follower.until(11);
    expect(follower.seen.slice(6)).toEqual(["reset", "1", "2", "4", "5"]);
    await follower.end();
  });

  test("is as quick with a long history", async () => {
    const lines = Array.from({ length: 100_000 }, (_, epoch) => `{"event":"epoch","epoch":${epoch},"loss":0.123456}`);
    writeFileSync(metrics, `${lines.join("\n")}\n`);
    const follower = following();
    await follower.until(lines.length);
    expect(follower.seen).toEqual(lines);
    await follower.end();
  });
});

describe("a page's requests", () => {
  const get = (path: string, init?: RequestInit) =>
    answerRunRequest(new Request(`http://localhost${path}`, init), folder);

  test("get the files of the run, and nothing else", async () => {
    writeFileSync(join(folder, "config.json"), "{}");
    writeFileSync(join(folder, "secret.txt"), "no");
    mkdirSync(join(folder, "sub"));
    const config = (await get("/run/config.json"))!;
    expect([config.status, config.headers.get("content-type"), await config.text()]).toEqual([
      200,
      "application/json",
      "{}",
    ]);
    expect((await get("/run/model.safetensors"))!.status).toBe(404);
    for (const path of ["secret.txt", "../secret.txt", "%2e%2e/secret.txt", "sub", "", "constructor"]) {
      const answer = await get(`/run/${path}`);
      expect(answer === null || answer.status === 404, path).toBe(true);
    }
    expect(await get("/index.html")).toBeNull();
    expect((await get("/run/config.json", { method: "POST" }))!.status).toBe(405);
  });

  test("follow the time series, whenever they come, until they go", async () => {
    writeFileSync(metrics, "1\n2\n");
    const leaving = new AbortController();
    const answer = (await get("/run/events", { signal: leaving.signal }))!;
    expect(answer.headers.get("content-type")).toBe("text/event-stream");
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const until = async (wanted: string) => {
      while (!seen.includes(wanted)) seen += (await reader.read()).value ?? "";
    };
    await until("data: 2\n\n");
    appendFileSync(metrics, "3\n");
    await until("data: 3\n\n");
    const untrained = "event: training\ndata: false\n\n";
    const [start, ...rest] = seen.split(untrained);
    expect([start, rest.join("")]).toEqual(["retry: 1000\nevent: reset\ndata:\n\n", "data: 1\ndata: 2\n\ndata: 3\n\n"]);
    const late = (await get("/run/events"))!;
    const other = late.body!.pipeThrough(new TextDecoderStream()).getReader();
    let history = "";
    while (!history.includes("data: 3")) history += (await other.read()).value ?? "";
    await other.cancel();
    leaving.abort();
    for (let end = false; !end; ) end = (await reader.read()).done;
  });

  test("learn whether a process trains it", async () => {
    const told = async () => {
      const reader = (await get("/run/events"))!.body!.pipeThrough(new TextDecoderStream()).getReader();
      let seen = "";
      while (!seen.includes("event: training\ndata: ") || !seen.endsWith("\n\n")) seen += (await reader.read()).value;
      await reader.cancel();
      return /training\ndata: (.*)\n/.exec(seen)![1];
    };
    expect(await told()).toBe("false");
    const unlock = lockFolder(folder);
    expect(await told()).toBe("true");
    unlock();
    // What a process that was killed has left.
    writeFileSync(join(folder, "training.lock"), JSON.stringify({ pid: 2 ** 30, host: hostname() }));
    expect(await told()).toBe("false");
  });
});
