import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../src/", import.meta.url));

test("the package runs in a browser: it imports nothing of Node, and of the library only its random numbers", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const text = readFileSync(source + file, "utf8");
    for (const [statement, from] of text.matchAll(/^(?:import|export)[^;]*?from "([^"]+)"/gm)) {
      if (from.startsWith(".")) expect(from, file).toMatch(/\.ts$/);
      else
        expect(
          ["papaparse", "@noron/core", ...(statement.startsWith("import type") ? ["hyparquet"] : [])],
          file,
        ).toContain(from);
      if (from === "@noron/core") expect(statement).toBe('import { RandomStream } from "@noron/core"');
    }
    expect(text, file).not.toMatch(/\b(?:Buffer|process|require)\b[.(]/);
  }
});
