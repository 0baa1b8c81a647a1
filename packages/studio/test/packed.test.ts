import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveStudio } from "../../noron/src/studio/serve-studio.ts";

/** Bytes of the tarball; raised only with a reason in the commit. */
const CEILING = 1_100_000;
/** Bytes, compressed, that a page waits for before it shows something, noron itself in its worker aside. */
const FIRST_LOAD = 150_000;

const root = fileURLToPath(new URL("..", import.meta.url));

describe("the page, packed", () => {
  let folder = "";
  let packed: { filename: string; size: number; files: { path: string }[] };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noron-packed-studio-"));
    const args = ["pack", "--json", "--ignore-scripts", "--offline", "--pack-destination", folder];
    const answer = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: "pipe" }));
    packed = Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
    const tarball = packed.filename.replace(/^@/, "").replaceAll("/", "-");
    execFileSync("tar", ["-xzf", tarball], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has what it needs and nothing else, and needs no other package", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", "dist/index.html"]));
    const allowed = /^(LICENSE|README\.md|package\.json|dist\/index\.html|dist\/assets\/[\w.-]+\.(js|css|woff2|txt))$/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(CEILING);
    const manifest = JSON.parse(readFileSync(join(folder, "package", "package.json"), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
    expect(readFileSync(join(folder, "package", "LICENSE"), "utf8")).toBe(
      readFileSync(join(root, "../../LICENSE"), "utf8"),
    );
  });

  it("is there soon: what the page names loads before anything is shown", () => {
    const dist = join(folder, "package", "dist");
    const page = readFileSync(join(dist, "index.html"), "utf8");
    const named = [...page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file);
    expect(named.length).toBeGreaterThan(1);
    const bytes = ["index.html", ...named].map((file) => gzipSync(readFileSync(join(dist, file))).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(FIRST_LOAD);
  });

  it("is served by the command", async () => {
    const studio = await serveStudio({ port: 0, run: null, page: join(folder, "package", "dist") });
    const page = await (await fetch(studio.address)).text();
    expect(page).toContain("<title>noron studio</title>");
    const [, script] = /src="\.\/(assets\/[^"]+)"/.exec(page)!;
    expect((await fetch(new URL(script, studio.address))).headers.get("content-type")).toContain("javascript");
    await studio.close();
  });
});
