import i18next, { type TFunction } from "i18next";
import { resources } from "./resources.ts";
import { LANGUAGES, type Language } from "./texts.ts";

const STORED = "noron-studio-language";

function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (LANGUAGES.includes(stored as Language)) return stored as Language;
  return navigator.languages.some((each) => each.toLowerCase().startsWith("vi")) ? "vi" : "en";
}

const first = firstLanguage();
let language = $state<Language>(first);

void i18next.init({
  lng: first,
  fallbackLng: "en",
  ns: ["app", "data", "inside", "lessons", "network", "run", "train"],
  defaultNS: "app",
  resources,
  interpolation: { escapeValue: false },
  initAsync: false,
});
document.documentElement.lang = first;

export function currentLanguage(): Language {
  return language;
}

export function setLanguage(next: Language, remember = true): void {
  void i18next.changeLanguage(next);
  document.documentElement.lang = next;
  if (remember) localStorage.setItem(STORED, next);
  language = next;
}

/** A text by its key, such as "train:run", in the language that is chosen; what shows it changes with the language. */
export const t = ((key: never, options: never) => {
  void language;
  return i18next.t(key, options);
}) as TFunction<["app", "data", "inside", "lessons", "network", "run", "train"]>;

/** Making one takes longer than a hundred numbers in it. */
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(options: Intl.NumberFormatOptions, name: number | string): Intl.NumberFormat {
  const key = `${language} ${name}`;
  const known = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, known);
  return known;
}

/** A number as people of the language write it. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) {
    const text = value
      .toExponential(Math.max(0, digits - 1))
      .replace(/-/g, "−")
      .replace("e+", "e");
    return language === "vi" ? text.replace(".", ",") : text;
  }
  const whole = Number.isInteger(value);
  const format = whole ? formatOf({}, "whole") : formatOf({ maximumSignificantDigits: digits }, digits);
  return format.format(value).replace("-", "−");
}

/** A share as a percentage. */
export function formatShare(value: number): string {
  return formatOf({ style: "percent", maximumFractionDigits: 1 }, "%").format(value);
}
