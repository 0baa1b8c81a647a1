import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";

/** The page that was built, in a real Chromium. */

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
export const hasBrowser = executablePath !== undefined;

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".woff2": "font/woff2",
};

export interface PageOptions {
  width?: number;
  height?: number;
  /** Given, it is there from the beginning, and with it the wish for less motion. */
  colorScheme?: "light" | "dark";
}

export interface OpenStudio {
  address: string;
  context: BrowserContext;
  /** Opens the page; what it logs as errors, and requests that leave it, are collected. */
  page(fragmentOrAddress?: string, options?: PageOptions): Promise<StudioPage>;
  /** From now on nothing is served; pages stay open. */
  stopServing(): void;
  close(): Promise<void>;
}

export interface StudioPage extends Page {
  errors: string[];
  foreign: string[];
}

/** Serves the built page as a static host does, without headers for threads unless they are asked for. */
export async function openStudio({ isolated = false, locale = "en" } = {}): Promise<OpenStudio> {
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url!, "http://localhost").pathname).replace(/\/$/, "/index.html");
    const content = await readFile(join(dist, path)).catch(() => undefined);
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream");
    if (content === undefined) response.statusCode = 404;
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = await mkdtemp(join(tmpdir(), "noron-studio-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    headless: false,
    locale,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // Memory is measured when it is asked for.
      "--enable-blink-features=ForceEagerMeasureMemory",
    ],
  });
  context.setDefaultTimeout(60_000);
  return {
    address,
    context,
    async page(fragment = "", { width = 1440, height = 900, colorScheme } = {}) {
      const page = Object.assign(await context.newPage(), { errors: [] as string[], foreign: [] as string[] });
      page.on("pageerror", (error) => page.errors.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") page.errors.push(message.text());
      });
      page.on("request", (request) => {
        const url = request.url();
        if (!/^(data|blob):/.test(url) && !url.startsWith(address)) page.foreign.push(url);
      });
      await page.setViewportSize({ width, height });
      if (colorScheme !== undefined) await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(fragment.startsWith("http") ? fragment : address + fragment);
      return page;
    },
    stopServing() {
      server.close();
      server.closeAllConnections();
    },
    async close() {
      await context.close();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
