/** Text on one line: line breaks and characters that a terminal would obey, written as \\u and four digits. */
export function plain(text: string): string {
  const escape = (character: string) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, escape);
}
