import { describe, expect, test } from "vitest";
import { ERROR_TEXTS } from "./describe-error.ts";
import { english } from "./en/index.ts";
import { chooseLanguage, type Language } from "./language.ts";
import { PROBLEM_TEXTS } from "./problem.ts";
import { type Translate, translator } from "./translate.ts";
import { vietnamese } from "./vi/index.ts";

const flat = (areas: Readonly<Record<string, Readonly<Record<string, string>>>>): Map<string, string> =>
  new Map(
    Object.entries(areas).flatMap(([area, texts]) =>
      Object.entries(texts).map(([name, text]) => [`${area}.${name}`, text] as const),
    ),
  );
const all = (language: Language, areas: Parameters<typeof flat>[0]) =>
  flat({ ...areas, errors: ERROR_TEXTS[language], problems: PROBLEM_TEXTS[language] });
const names = (text: string) => [...text.matchAll(/\{\{(.+?)\}\}/g)].map(([, name]) => name).sort();

describe("texts", () => {
  const [ours, theirs] = [all("en", english), all("vi", vietnamese)];

  test("are there in both languages; of plurals English has two and Vietnamese one", () => {
    const single = [...ours.keys()].filter((key) => !key.endsWith("_one"));
    expect([...theirs.keys()].sort()).toEqual(single.sort());
    for (const key of ours.keys())
      if (key.endsWith("_one")) expect(ours.has(key.replace(/_one$/, "_other"))).toBe(true);
  });

  test.each([...theirs])("%s takes the same parameters in both", (key, text) => {
    expect(names(text)).toEqual(names(ours.get(key)!));
    const one = ours.get(key.replace(/_other$/, "_one"))!;
    expect(names(one)).toEqual(names(text));
  });

  test("are not the English once more", () => {
    const words = (text: string) => text.replace(/\{\{.*?\}\}/g, "").match(/\p{L}{2,}/gu) ?? [];
    const same = [...theirs].filter(([key, text]) => text === ours.get(key) && words(text).length > 2);
    expect(same).toEqual([]);
  });
});

describe("translate", () => {
  const [en, vi] = [translator("en"), translator("vi")];

  test("plurals and numbers", () => {
    expect([0, 1, 12345].map((count) => en("words.rows", { count }))).toEqual(["0 rows", "1 row", "12,345 rows"]);
    expect([0, 1, 12345].map((count) => vi("words.rows", { count }))).toEqual(["0 hàng", "1 hàng", "12\u00a0345 hàng"]);
  });

  test.each(["{{folder}}", "$t(words.hours)", "$&", "<b>&amp;</b>", "__proto__", "{{- x}}"])(
    "values are put in as they are: %s",
    (folder) => {
      expect(en("training.saved", { folder })).toBe(`saved in ${folder}`);
    },
  );

  test("keys and their parameters are typed", () => {
    const typed = (t: Translate) => {
      t("words.classification");
      // @ts-expect-error no such text
      t("words.nothing");
      // @ts-expect-error the count is missing
      t("words.rows");
      // @ts-expect-error a parameter too many
      t("words.classification", { count: 1 });
      // @ts-expect-error another parameter
      t("words.hours", { minutes: 1 });
    };
    expect(typed).toBeTypeOf("function");
  });
});

describe("the language", () => {
  test.each<[string, string[], Record<string, string>, "en" | "vi"]>([
    ["English unless something else is said", [], {}, "en"],
    ["--lang", ["train", "--lang", "vi"], {}, "vi"],
    ["--lang=", ["--lang=vi", "train"], {}, "vi"],
    ["--lang before the locale", ["train", "--lang", "en"], { LC_ALL: "vi_VN.UTF-8" }, "en"],
    ["LANG", [], { LANG: "vi_VN.UTF-8" }, "vi"],
    ["LC_MESSAGES before LANG", [], { LC_MESSAGES: "en_GB", LANG: "vi_VN" }, "en"],
    ["LC_ALL before both", [], { LC_ALL: "vi", LC_MESSAGES: "en_GB", LANG: "C" }, "vi"],
    ["an empty LC_ALL says nothing", [], { LC_ALL: "", LANG: "vi_VN" }, "vi"],
    ["another language", [], { LANG: "vils_XX" }, "en"],
    ["what follows -- is no option", ["predict", "run", "--", "--lang", "vi"], {}, "en"],
    ["JSON is English", ["train", "--log", "json", "--lang", "vi"], { LANG: "vi_VN" }, "en"],
  ])("%s", (_, argv, environment, language) => {
    expect(chooseLanguage(argv, environment)).toBe(language);
  });
});
