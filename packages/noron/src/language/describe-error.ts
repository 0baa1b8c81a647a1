import type { CodedError, ErrorCode } from "../errors.ts";
import { inputErrors as englishInputErrors } from "./en/input-errors.ts";
import { usageErrors as englishUsageErrors } from "./en/usage-errors.ts";
import { fill } from "./fill.ts";
import type { Language } from "./language.ts";
import { Problem } from "./problem.ts";
import { inputErrors as vietnameseInputErrors } from "./vi/input-errors.ts";
import { usageErrors as vietnameseUsageErrors } from "./vi/usage-errors.ts";

/** The text of every error, by language and code. */
export const ERROR_TEXTS: Readonly<Record<Language, Readonly<Record<ErrorCode, string>>>> = {
  en: { ...englishUsageErrors, ...englishInputErrors },
  vi: { ...vietnameseUsageErrors, ...vietnameseInputErrors },
};

const HINTS: Readonly<Record<Language, string>> = {
  en: " Did you mean {{suggestion}}?",
  vi: " Có phải ý bạn là {{suggestion}}?",
};

/** What an error says, in a language. */
export function describeError({ code, parameters, suggestion }: CodedError, language: Language): string {
  const hint = suggestion === undefined ? "" : fill(HINTS[language], { suggestion }, language);
  const values = Object.entries(parameters).map(([name, value]) => [
    name,
    value instanceof Problem ? value.in(language) : value,
  ]);
  return fill(ERROR_TEXTS[language][code], Object.fromEntries(values), language) + hint;
}
