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
