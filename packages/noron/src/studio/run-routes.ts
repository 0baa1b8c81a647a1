import { readFile } from "node:fs/promises";
import { isTrainedInto } from "../run/lock.ts";
import { requireInside } from "../run/read.ts";
import { followRun } from "./follow-run.ts";

/** What a page can ask for of a run folder, and nothing else: names that are not in it are not looked up on the disk. */
const SERVED: Readonly<Record<string, string>> = {
  "config.json": "application/json",
  "preprocessing.json": "application/json",
  "model.safetensors": "application/octet-stream",
  "checkpoint.safetensors": "application/octet-stream",
  "metrics.jsonl": "application/jsonl; charset=utf-8",
};

/** Saying this often whether it is trained keeps the connection, and tells that nobody listens any more. */
const BREATH = 5_000;

/**
 * Answers a page's requests for a run, one that is being trained or a finished one: `GET /run/config.json` and the other files of
 * its folder, and `GET /run/events`, its time series as server-sent events. Each connection gets the history first: an event
 * "reset", then the lines of metrics.jsonl as messages of one or more lines, as they are written; another "reset" where all begins anew;
 * and events "training", true while a process trains it.
 * @returns null for what is none of this
 */
export async function answerRunRequest(request: Request, folder: string): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith("/run/")) return null;
  if (request.method !== "GET" && request.method !== "HEAD")
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  const name = pathname.slice("/run/".length);
  if (name === "events") return runEvents(folder, request.signal);
  if (!Object.hasOwn(SERVED, name)) return new Response(null, { status: 404 });
  try {
    const body = new Uint8Array(await readFile(requireInside(folder, name)));
    return new Response(body, { headers: { "content-type": SERVED[name], "cache-control": "no-store" } });
  } catch {
    // Not there yet, as weights come with the end of training; or a link out of the folder, which is for no page.
    return new Response(null, { status: 404 });
  }
}

function runEvents(folder: string, signal: AbortSignal): Response {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      let told: boolean | null = null;
      const tellTraining = () => {
        told = isTrainedInto(folder);
        send(`event: training\ndata: ${told}\n\n`);
      };
      const breath = setInterval(tellTraining, BREATH);
      breath.unref();
      try {
        send("retry: 1000\nevent: reset\ndata:\n\n");
        tellTraining();
        for await (const each of followRun(folder, ending.signal)) {
          send(each.kind === "lines" ? `data: ${each.lines.join("\ndata: ")}\n\n` : "event: reset\ndata:\n\n");
          // As when a run is gone on with.
          if (isTrainedInto(folder) !== told) tellTraining();
        }
        controller.close();
      } catch (error) {
        // Of a page that was closed nobody is to be told.
        if (!ending.signal.aborted) controller.error(error);
      } finally {
        clearInterval(breath);
        signal.removeEventListener("abort", end);
      }
    },
    cancel: end,
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
