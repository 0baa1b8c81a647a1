import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative, so that the page works in any folder of a static host.
  base: "./",
  plugins: [svelte()],
  worker: { format: "es" },
  build: { target: "es2022", reportCompressedSize: false, chunkSizeWarningLimit: 2000 },
  server: {
    headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" },
  },
});
