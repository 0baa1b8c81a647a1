import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      "@noron/core/formula": source("./packages/core/src/formula/index.ts"),
      "@noron/core": source("./packages/core/src/index.ts"),
      "@noron/tabular": source("./packages/tabular/src/index.ts"),
    },
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["./test/build.ts"],
    setupFiles: ["./test/setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    reporters: ["default", "./test/count-reporter.ts"],
  },
});
