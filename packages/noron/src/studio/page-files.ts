import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** A file of the page, read when it is asked for. */
export interface PageFile {
  type: string;
  /** Whether its name changes with its contents, so that a browser may keep it. */
  lasting: boolean;
  read(): Uint8Array<ArrayBuffer>;
}

/** The folder of the built page: @noron/studio's. */
export function pageFolder(): string {
  return join(dirname(createRequire(import.meta.url).resolve("@noron/studio/package.json")), "dist");
}

/** The files of a built page by their paths on the server; what is not listed now is never looked up. */
export function pageFiles(folder: string): Map<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const address = `/${path
      .slice(folder.length + 1)
      .split(sep)
      .join("/")}`;
    const type = TYPES[extname(entry.name)] ?? "application/octet-stream";
    const lasting = address.startsWith("/assets/");
    files.set(address, { type, lasting, read: () => new Uint8Array(readFileSync(path)) });
  }
  const index = files.get("/index.html");
  if (index !== undefined) files.set("/", index);
  return files;
}
