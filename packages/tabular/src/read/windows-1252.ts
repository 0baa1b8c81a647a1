/** What Windows-1252 has at 0x80 to 0x9f; the five codes that it leaves out stand for themselves, as in the WHATWG's table. */
const upper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Windows-1252 as text. Some versions of Node's TextDecoder take it for Latin-1, and "€" for a control character: these are put right. */
export function decodeWindows1252(bytes: Uint8Array): string {
  const text = new TextDecoder("windows-1252").decode(bytes);
  return text.replace(/[\u0080-\u009f]/g, (character) => upper[character.charCodeAt(0) - 0x80]);
}
