import { Hono } from "hono";
import type { PageFile } from "./page-files.ts";
import { answerRunRequest } from "./run-routes.ts";

/** What the page may do: run its own code and the WebAssembly that it makes, and talk to nobody but this server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' blob: 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** With the first two a page may share memory among threads. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Names that this machine goes by to itself: a page of elsewhere that had its own name point here is not answered. */
const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Tells the page that a run is served with it, whatever address it is opened at. */
function withRun(page: Uint8Array): string {
  return new TextDecoder().decode(page).replace("<head>", '<head><meta name="noron-run" content="run/config.json">');
}

/** Answers with the files of the page, and with those of a run folder, if there is one. */
export function studioApp(files: ReadonlyMap<string, PageFile>, run: string | null): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    if (!OWN_NAMES.has(new URL(context.req.url).hostname)) return context.text("only localhost is answered", 403);
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  });
  app.all("/run/*", async (context) => {
    const answer = run === null ? null : await answerRunRequest(context.req.raw, run);
    return answer ?? context.notFound();
  });
  app.get("*", (context) => {
    const file = files.get(context.req.path);
    if (file === undefined) return context.notFound();
    const keep = file.lasting ? "public, max-age=31536000, immutable" : "no-cache";
    const body = run !== null && file.type.startsWith("text/html") ? withRun(file.read()) : file.read();
    return context.body(body, 200, { "content-type": file.type, "cache-control": keep });
  });
  return app;
}
