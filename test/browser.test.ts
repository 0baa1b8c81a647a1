import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const dist = fileURLToPath(new URL("../packages/core/dist/", import.meta.url));

/** What a page's worker, or the page itself, does: products before and after threads had time to start. */
const PROGRAM = `
import { compile, getThreads, manualSeed, randn, setThreads } from "/dist/index.js";
let started = 0;
const { Worker } = globalThis;
globalThis.Worker = class extends Worker {
  constructor(...given) {
    super(...given);
    started++;
  }
};
export async function run(threads) {
  manualSeed(3);
  const isolated = globalThis.crossOriginIsolated;
  setThreads(threads);
  const [a, b] = [randn([384, 384]), randn([384, 384])];
  const product = compile((x, y) => x.matmul(y));
  let values;
  for (let turn = 0; turn < 40; turn++) {
    values = await product(a, b).data();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const bits = new Uint32Array(values.buffer).reduce((sum, word) => (Math.imul(sum, 31) + word) | 0, 0);
  return { isolated, threads: getThreads(), started, bits };
}
`;

const FILES: Record<string, string> = {
  "/": "<!doctype html><title>noron</title>",
  "/isolated": "<!doctype html><title>noron</title>",
  "/program.js": PROGRAM,
  "/worker.js":
    'import { run } from "/program.js"; addEventListener("message", async ({ data }) => postMessage(await run(data)));',
};

interface Result {
  isolated: boolean;
  threads: number;
  /** Workers that the library started. */
  started: number;
  bits: number;
}

/** The library that was built, as it is, in a page: where chromium is installed. */
describe.skipIf(browser === undefined)("in a browser (skipped where chromium is missing)", () => {
  let server: Server;
  let folder: string;
  let context: BrowserContext;
  let address: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const path = new URL(request.url!, "http://localhost").pathname;
      if (path.startsWith("/isolated") || request.headers.referer?.includes("/isolated") || path.endsWith(".js")) {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      const file = path.startsWith("/dist/") ? join(dist, normalize(path.slice(6))) : null;
      const script = extname(path) === ".js";
      response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
      const content = file === null ? FILES[path] : await readFile(file).catch(() => undefined);
      if (content === undefined) response.statusCode = 404;
      response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = await mkdtemp(join(tmpdir(), "noron-browser-"));
    context = await chromium.launchPersistentContext(folder, {
      executablePath: browser,
      headless: false,
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  });

  afterAll(async () => {
    await context?.close();
    server?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  async function inPage(path: string, where: "page" | "worker", threads: number): Promise<Result> {
    const page = await context.newPage();
    await page.goto(address + path);
    const inWorker = `new Promise((resolve, reject) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(${threads});
    })`;
    // As text, since functions are transformed before they come here.
    const result = await page.evaluate<Result>(
      where === "page" ? `import("/program.js").then(({ run }) => run(${threads}))` : inWorker,
    );
    await page.close();
    return result;
  }

  it("shares steps among workers where memory can be shared, with the bits of one thread", async () => {
    const alone = await inPage("/isolated", "worker", 1);
    expect(alone).toMatchObject({ isolated: true, threads: 1, started: 0 });
    expect(await inPage("/isolated", "worker", 2)).toEqual({ ...alone, threads: 2, started: 1 });
    expect(await inPage("/isolated", "page", 2), "a page's own thread may not wait").toEqual(alone);
    expect(await inPage("/", "worker", 2), "without isolation").toEqual({ ...alone, isolated: false });
  });
});
