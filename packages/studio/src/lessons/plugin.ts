import type { Plugin } from "vite";
import { compileLesson } from "./compile-lesson.ts";

/** Makes modules of the lessons' Markdown. */
export function lessons(): Plugin {
  return {
    name: "noron-lessons",
    transform(source, id) {
      if (!id.endsWith(".md") || !id.includes("/src/lessons/")) return null;
      return { code: `export default ${JSON.stringify(compileLesson(source))};`, map: null };
    },
  };
}
