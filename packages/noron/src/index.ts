export * from "./browser.ts";
export { loadRun } from "./predict/load-run.ts";
