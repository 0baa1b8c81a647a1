import type { Reporter, TestModule } from "vitest/node";

/** Ends the run with one plain line that says how many tests passed, failed and were skipped. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    let passed = 0;
    let failed = 0;
    let skipped = 0;
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const state = test.result().state;
        if (state === "passed") passed++;
        else if (state === "failed") failed++;
        else skipped++;
      }
      if (module.state() === "failed" && tests === 0) failed++;
    }
    setImmediate(() => console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`));
  }
}
