import { Marked, type TokenizerAndRendererExtension } from "marked";
import { typeset } from "../formulas/typeset.ts";
import { type Lesson, type LessonPart, PIECES, type PieceName } from "./lesson.ts";

/**
 * Markdown with $formulas$, $$displayed ones$$ and lines such as `::: activation Tanh` for pieces that run, made ready while
 * the page is built: neither Markdown nor LaTeX reaches it.
 * @throws Error for a lesson without a title, a piece that there is not, or a formula that is no LaTeX
 */
export function compileLesson(source: string): Lesson {
  const [, title, body] = /^# (.+)\n([\s\S]*)$/.exec(source) ?? [];
  if (title === undefined) throw new Error("a lesson begins with its title: # Title");
  const parts: LessonPart[] = [];
  for (const [index, piece] of body.split(/^::: *(.+)$/m).entries()) {
    if (index % 2 === 0) {
      if (piece.trim() !== "") parts.push({ kind: "prose", html: markdown.parse(piece, { async: false }) });
      continue;
    }
    const [name, of = ""] = piece.trim().split(" ");
    if (!PIECES.includes(name as PieceName))
      throw new Error(`there is no piece "${name}" for lessons; there are ${PIECES.join(", ")}`);
    parts.push({ kind: "piece", name: name as PieceName, of });
  }
  return { title, parts };
}

const formula = (name: string, level: "block" | "inline", pattern: RegExp): TokenizerAndRendererExtension => ({
  name,
  level,
  start: (source) => source.indexOf(level === "block" ? "\n$$" : "$"),
  tokenizer(source) {
    const found = pattern.exec(source);
    return found === null ? undefined : { type: name, raw: found[0], latex: found[1].trim() };
  },
  // A wide formula is scrolled, by keys too.
  renderer: ({ latex }) =>
    level === "block" ? `<div class="formula" tabindex="0">${typeset(latex, { display: true })}</div>` : typeset(latex),
});

const markdown = new Marked({
  extensions: [formula("displayed", "block", /^\$\$([^$]+)\$\$\n?/), formula("formula", "inline", /^\$([^$\n]+)\$/)],
});
