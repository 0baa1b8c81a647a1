import { createInstance } from "i18next";
import { writeCount } from "./count.ts";
import { english } from "./en/index.ts";
import type { Language } from "./language.ts";
import type { Names } from "./names.ts";
import { vietnamese } from "./vi/index.ts";

type English = typeof english;

/** Plurals are two texts, NAME_one and NAME_other, and one key. */
type Singular<Name> = Name extends `${infer Stem}_one` | `${infer Stem}_other` ? Stem : Name;

/** "area.name": every text that there is. */
export type TextKey = {
  [Area in keyof English & string]: `${Area}.${Singular<keyof English[Area] & string>}`;
}[keyof English & string];

type TextOf<Key> = Key extends `${infer Area extends keyof English & string}.${infer Name}`
  ? Name extends keyof English[Area]
    ? English[Area][Name]
    : `${Name}_other` extends keyof English[Area]
      ? English[Area][`${Name}_other`]
      : never
  : never;

type Values<Key> = { [Name in Names<TextOf<Key>>]: Name extends "count" ? number : string | number };

/** A text of a key, with a value for each of the names in it. */
export type Translate = <Key extends TextKey>(
  key: Key,
  ...values: [Names<TextOf<Key>>] extends [never] ? [] : [Values<Key>]
) => string;

const translators = new Map<Language, Translate>();

/** The texts in a language. Where the text says {{name, number}} a number is written as "12,345", in every language. */
export function translator(language: Language): Translate {
  const made = translators.get(language) ?? makeTranslator(language);
  translators.set(language, made);
  return made;
}

function makeTranslator(language: Language): Translate {
  const texts = { en: english, vi: vietnamese }[language];
  const instance = createInstance();
  void instance.init({
    lng: language,
    resources: { [language]: { translation: texts } },
    initAsync: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  instance.services.formatter?.add("number", (value: unknown) =>
    typeof value === "number" ? writeCount(value, language) : String(value),
  );
  return (key, ...[values]) => instance.t(key, values ?? {});
}
