import { existsSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { InputError, UsageError } from "../errors.ts";
import { pageFiles, pageFolder } from "./page-files.ts";
import { studioApp } from "./studio-app.ts";

/** A studio that is being served to this machine alone. */
export interface ServedStudio {
  /** Where the page is, with the run on it, if there is one. */
  address: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** 0 takes one that is free. */
  port: number;
  /** The folder of a run to be shown; it may not be there yet. */
  run: string | null;
  /** The folder of the page; @noron/studio's unless it is given. */
  page?: string;
}

/**
 * Serves the page, on this machine only.
 * @throws UsageError where the port is taken or may not be used; InputError where the page was not built
 */
export async function serveStudio({ port, run, page = pageFolder() }: ServeOptions): Promise<ServedStudio> {
  if (!existsSync(join(page, "index.html"))) throw new InputError("no-page", { folder: page });
  const app = studioApp(pageFiles(page), run);
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${taken}/${run === null ? "" : "#run"}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Pages that follow a run stay connected.
        server.closeAllConnections();
      }),
  };
}

function refusal(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === "EADDRINUSE") return new UsageError("port-taken", { port });
  if (error.code === "EACCES") return new UsageError("port-forbidden", { port });
  return error;
}
