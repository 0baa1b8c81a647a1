import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileLesson } from "./compile-lesson.ts";
import { LESSONS, PIECES } from "./lesson.ts";

const read = (language: string, name: string) =>
  compileLesson(readFileSync(new URL(`./${language}/${name}.md`, import.meta.url), "utf8"));

const plain = (html: string): string => html.replace(/<[^>]*>/g, "");

describe("the lessons", () => {
  it.each(["vi", "en"])("are all there in %s", (language) => {
    expect(readdirSync(new URL(`./${language}/`, import.meta.url)).sort()).toEqual(
      LESSONS.map((name) => `${name}.md`).sort(),
    );
  });

  it("use every piece", () => {
    const used = LESSONS.flatMap((name) => read("vi", name).parts).flatMap((part) =>
      part.kind === "piece" ? [part.name] : [],
    );
    expect([...new Set(used)].sort()).toEqual([...PIECES].sort());
  });

  it.each(LESSONS)("%s says the same in both languages", (name) => {
    const [vietnamese, english] = [read("vi", name), read("en", name)];
    const pieces = (lesson: typeof english) =>
      lesson.parts.map((part) => (part.kind === "piece" ? `${part.name} ${part.of}` : "text"));
    expect(pieces(vietnamese)).toEqual(pieces(english));
    const text = (lesson: typeof english) =>
      lesson.parts.map((part) => (part.kind === "prose" ? part.html : "")).join("");
    const count = (of: RegExp) => [vietnamese, english].map((lesson) => text(lesson).match(of)?.length ?? 0);
    for (const mark of [/<h2/g, /display="block"/g, /<blockquote>/g, /<li>/g]) {
      const [one, other] = count(mark);
      expect(one, String(mark)).toBe(other);
    }
    expect(count(/<math/g)[0]).toBeGreaterThan(2);
    for (const lesson of [vietnamese, english]) {
      const words = plain(text(lesson)).split(/\s+/).length;
      expect(words, lesson.title).toBeGreaterThan(100);
      expect(words, lesson.title).toBeLessThan(700);
      expect(plain(text(lesson))).not.toMatch(/\$|:::|\\[a-z]/);
    }
    expect(plain(text(vietnamese))).toMatch(/[ạảấầậắằặẹếềệỉịọốồộớờợụứừựỳ]/);
    expect(plain(text(english))).not.toMatch(/[ạảấầậắằặẹếềệỉịọốồộớờợụứừựỳ]/);
  });

  it("say what is wrong with one that cannot be read", () => {
    expect(() => compileLesson("no title")).toThrow(/begins with its title/);
    expect(() => compileLesson("# A\n\n::: nothing\n")).toThrow(/no piece "nothing".*linear/);
    expect(() => compileLesson("# A\n\n$\\frac{$\n")).toThrow(/KaTeX parse error/);
  });
});
