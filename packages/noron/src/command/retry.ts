import { shellWord } from "./format.ts";

/**
 * The command line that was given, to be pasted again with options replaced (a text), or left out (null).
 * @param argv without the program
 */
export function retryCommand(argv: readonly string[], changes: Readonly<Record<string, string | null>>): string {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index];
    // What follows is no option.
    if (word === "--") {
      words.push(...argv.slice(index));
      break;
    }
    const name = word.split("=", 1)[0];
    if (!Object.hasOwn(changes, name)) words.push(word);
    else if (!word.includes("=")) index++;
  }
  const end = words.indexOf("--");
  const given = Object.entries(changes).flatMap(([name, value]) => (value === null ? [] : [name, value]));
  words.splice(end < 0 ? words.length : end, 0, ...given);
  return ["npx", "noron", ...words].map(shellWord).join(" ");
}

/**
 * The command line that was given with one word, or the value of --option=value, replaced by another; null without that word,
 * and where it stands more than once, since only one of them is at fault.
 */
export function mendCommand(argv: readonly string[], wrong: string, right: string): string | null {
  const mended = argv.map((word) => {
    if (word === wrong) return right;
    const [name, ...value] = word.split("=");
    if (value.length === 0 || !word.startsWith("--")) return word;
    return value.join("=") === wrong ? `${name}=${right}` : name === wrong ? `${right}=${value.join("=")}` : word;
  });
  if (mended.filter((word, index) => word !== argv[index]).length !== 1) return null;
  return ["npx", "noron", ...mended].map(shellWord).join(" ");
}
