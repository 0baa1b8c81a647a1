export type Language = "en" | "vi";
export const LANGUAGES: readonly Language[] = ["vi", "en"];

/** The same texts in both languages: what one has, the other must have. */
export interface Texts<Of> {
  en: Of;
  vi: Of;
}

type Widened<Of> = { [Key in keyof Of]: Of[Key] extends string ? string : Widened<Of[Key]> };

/** Texts of one part of the page; English says which there are. */
export function texts<const English>(en: English, vi: Widened<English>): Texts<English> {
  return { en, vi: vi as unknown as English };
}
