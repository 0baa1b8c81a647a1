import type { Language } from "@noron/tabular";

export type { Language };

/** The languages that noron speaks. */
export const LANGUAGES: readonly Language[] = ["en", "vi"];

/**
 * The language of a command line: that of `--lang`, or else of the locale as POSIX has it, LC_ALL before LC_MESSAGES before
 * LANG; English for all others. With `--log json` it is English whatever else is said: programs read the same everywhere.
 * @param argv without the program
 */
export function chooseLanguage(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  if (optionOf(argv, "--log") === "json") return "en";
  const asked = optionOf(argv, "--lang");
  if (asked !== undefined) return LANGUAGES.find((language) => language === asked) ?? "en";
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || "";
  return /^vi(?:[_.@-]|$)/i.test(locale) ? "vi" : "en";
}

/** The last value of an option, before it is known what command it belongs to. */
export function optionOf(argv: readonly string[], name: string): string | undefined {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  let value: string | undefined;
  words.forEach((word, index) => {
    if (word === name) value = words[index + 1];
    else if (word.startsWith(`${name}=`)) value = word.slice(name.length + 1);
  });
  return value;
}
