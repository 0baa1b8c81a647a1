import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedStudio, serveStudio } from "../src/studio/serve-studio.ts";
import { clouds, file, noron } from "./command.ts";

let place = "";
let studio: ServedStudio;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "noron-page-"));
  mkdirSync(join(place, "page", "assets"), { recursive: true });
  mkdirSync(join(place, "run"));
  writeFileSync(join(place, "page", "index.html"), "<!doctype html><head><title>page</title></head>");
  writeFileSync(join(place, "page", "assets", "main-1.js"), "1;");
  writeFileSync(join(place, "secret.txt"), "secret");
  writeFileSync(join(place, "run", "config.json"), "{}");
  studio = await serveStudio({ port: 0, run: join(place, "run"), page: join(place, "page") });
});
afterAll(async () => {
  await studio.close();
  rmSync(place, { recursive: true, force: true });
});

/** As a program asks that does not mend paths. */
function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: NodeJS.Dict<unknown>; text: string }> {
  const { port } = new URL(studio.address);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
    })
      .on("error", reject)
      .end();
  });
}

describe("the server of the studio", () => {
  test("gives the page with the headers that threads need, and keeps it to itself", async () => {
    expect(studio.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#run$/);
    const page = await get("/");
    expect([page.status, page.text]).toEqual([
      200,
      '<!doctype html><head><meta name="noron-run" content="run/config.json"><title>page</title></head>',
    ]);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    const script = await get("/assets/main-1.js");
    expect([script.status, script.text, script.headers["content-type"]]).toEqual([
      200,
      "1;",
      "text/javascript; charset=utf-8",
    ]);
    expect(script.headers["cache-control"]).toContain("immutable");
  });

  test("gives nothing else of the disk, and nothing to a page of elsewhere", async () => {
    for (const path of [
      "/secret.txt",
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/assets",
      "/assets/../../secret.txt",
      "/run/../secret.txt",
    ])
      expect((await get(path)).status, path).toBe(404);
    expect((await get("/run/config.json")).text).toBe("{}");
    expect((await get("/", { host: "elsewhere.example" })).status).toBe(403);
    expect((await get("/run/config.json", { host: "elsewhere.example:80" })).status).toBe(403);
  });

  test("says that a port is taken, and that a page is not there", async () => {
    const port = Number(new URL(studio.address).port);
    await expect(serveStudio({ port, run: null, page: join(place, "page") })).rejects.toThrow(
      `port ${port} is taken by another program: give another with --port`,
    );
    await expect(serveStudio({ port: 0, run: null, page: join(place, "nowhere") })).rejects.toThrow(/npm run build/);
  });

  test("has no run where none is shown", async () => {
    const other = await serveStudio({ port: 0, run: null, page: join(place, "page") });
    expect(other.address).toMatch(/\/$/);
    expect((await fetch(new URL("/run/config.json", other.address))).status).toBe(404);
    expect(await (await fetch(other.address)).text()).not.toContain("noron-run");
    await other.close();
  });
});

describe("the command", () => {
  test("shows a training while it goes on, and until Ctrl-C", async () => {
    file("clouds.csv", clouds());
    const ended = await noron(["train", "clouds.csv", "-t", "kind", "--epochs", "2", "--out", "run", "--studio", "0"], {
      interruptAfter: ["the run is at http://127.0.0.1:"],
    });
    expect([ended.code, ended.stderr]).toEqual([
      0,
      expect.stringMatching(/see it learn: http:\/\/127\.0\.0\.1:\d+\/#run/),
    ]);
    const lines = await noron(["studio", "run", "--port", "0"], { interruptAfter: ["Ctrl-C ends it."] });
    expect([lines.code, lines.stdout]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#run\n$/)]);
  });

  test("refuses a folder that is no run", async () => {
    const ended = await noron(["studio", "nowhere"]);
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining("nowhere: there is no such run folder")]);
  });
});
