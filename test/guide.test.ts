import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Every block of code of the guide, in its order, in one folder: commands are run, the TypeScript of a section is one program. */

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const bin = join(root, "packages", "noron", "bin", "noron.js");

interface Block {
  section: string;
  language: string;
  /** The file that it is to be saved as; null where it is run. */
  file: string | null;
  code: string;
}

function readBlocks(text: string): Block[] {
  return text.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf("\n"));
    return [...part.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, file, code]) => {
      return { section, language, file: file ?? null, code };
    });
  });
}

const text = readFileSync(join(root, "docs", "guide.md"), "utf8");
const blocks = readBlocks(text);
let folder = "";

/** A page's fetch, of files that lie in this folder. */
const PAGE = `import { readFileSync as readServed } from "node:fs";
globalThis.fetch = async (path) => new Response(readServed(String(path).replace("/models/", "")));
`;

function run(args: readonly string[]): string {
  const ended = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  expect([ended.status, ended.status === 0 ? "" : ended.stdout + ended.stderr]).toEqual([0, ""]);
  return ended.stdout;
}

function compile(file: string): void {
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom"],
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    strict: true,
    skipLibCheck: true,
    rewriteRelativeImportExtensions: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  run([tsc, "-p", "."]);
}

/** Values as they are written in comments and as they are printed, without what differs. */
const bare = (value: string): string => value.replace(/[\s'"]/g, "");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noron-guide-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "packages", "noron"), join(folder, "node_modules", "noron"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the guide", () => {
  it("has no other blocks", () => {
    expect(blocks.length).toBe((text.match(/^```/gm) ?? []).length / 2);
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(["ts", "sh"]));
    expect(blocks.length).toBeGreaterThan(15);
  });

  // Blocks of TypeScript that follow one another without a command or an import between them are one program.
  const programs: Block[] = [];
  for (const block of blocks) {
    const before = programs.at(-1);
    const goesOn = before?.language === "ts" && before.file === null && before.section === block.section;
    if (goesOn && block.language === "ts" && block.file === null && !/^import /m.test(block.code))
      before.code += block.code;
    else programs.push({ ...block });
  }

  it.each(programs.map((program, index) => [`${program.section}, ${index}`, program, index] as const))(
    "%s",
    (_, { language, file, code }, index) => {
      if (file !== null) {
        writeFileSync(join(folder, file), code);
        return;
      }
      if (language === "sh") {
        for (const line of code.trim().split("\n")) {
          const [, command] = /^npx noron (.+)$/.exec(line)!;
          run([bin, ...command.split(" ")]);
          const [, out] = / --out (\S+)/.exec(command)!;
          expect(existsSync(join(folder, out))).toBe(true);
        }
        return;
      }
      const page = code.includes("fetch(") ? PAGE : "";
      writeFileSync(join(folder, `program-${index}.ts`), page + code);
      compile(`program-${index}.ts`);
      const expected = [...code.matchAll(/^ *console\.log\(.*\); \/\/ (.+)$/gm)].map(([, value]) => bare(value));
      expect(expected.length).toBe((code.match(/console\.log/g) ?? []).length);
      const printed = run([`program-${index}.js`])
        .split("\n")
        .filter(Boolean)
        .map(bare);
      expect(printed).toEqual(expected);
    },
  );
});
