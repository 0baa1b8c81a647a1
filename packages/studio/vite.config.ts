import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { formulas } from "./src/formulas/plugin.ts";
import { lessons } from "./src/lessons/plugin.ts";

// Layers go by the names of their classes, in what the library says of them.
const output = { keepNames: true };

export default defineConfig({
  // Relative, so that the page works in any folder of a static host.
  base: "./",
  plugins: [svelte(), formulas(), lessons()],
  worker: { format: "es", rolldownOptions: { output } },
  build: {
    target: "es2022",
    // One file of styles: a view whose own did not come would be shown without them, and they are small.
    cssCodeSplit: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { output, checks: { bundlerTimings: false } },
  },
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
});
