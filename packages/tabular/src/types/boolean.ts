/** What says yes, and what says no beside it. */
const pairs = [
  ["true", "false"],
  ["yes", "no"],
  ["y", "n"],
  ["t", "f"],
  ["on", "off"],
  ["1", "0"],
  ["có", "không"],
  ["đúng", "sai"],
  ["ja", "nein"],
  ["wahr", "falsch"],
  ["j", "n"],
  ["oui", "non"],
  ["vrai", "faux"],
  ["sí", "no"],
  ["si", "no"],
  ["verdadero", "falso"],
  ["sim", "não"],
  ["sim", "nao"],
  ["verdadeiro", "falso"],
  ["sì", "no"],
  ["vero", "falso"],
  ["ja", "nee"],
  ["ja", "nej"],
  ["ja", "nei"],
  ["да", "нет"],
  ["是", "否"],
  ["はい", "いいえ"],
] as const;

const words = new Map<string, boolean>(
  pairs.flatMap(([yes, no]): [string, boolean][] => [
    [yes, true],
    [no, false],
  ]),
);
const longest = Math.max(...Array.from(words.keys(), ({ length }) => length));

/**
 * The truth value that a cell spells, in any case, or undefined: true, yes, y, t, on, 1 and their opposites, and the words of
 * other languages (có, ja, oui, sí, sim, …).
 */
export function parseBoolean(cell: string): boolean | undefined {
  return cell.length > longest ? undefined : words.get(cell.toLowerCase());
}

/** How a word is written: "no", "NO", "No". A letter alone is in capitals or not. */
const cases: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => word.toUpperCase(),
  (word) => word[0].toUpperCase() + word.slice(1),
];

/**
 * What to call no and yes where they are spelled in several ways: the pair of words, both written alike, that most cells are.
 * @param times how many cells each spelling has
 */
export function booleanNames(times: ReadonlyMap<string, { times: number }>): { no: string; yes: string } {
  let best = { no: "false", yes: "true" };
  let most = 0;
  for (const [yesWord, noWord] of pairs) {
    for (const write of cases) {
      const [yes, no] = [write(yesWord), write(noWord)];
      const cells = (times.get(yes)?.times ?? 0) + (times.get(no)?.times ?? 0);
      if (cells > most) [best, most] = [{ no, yes }, cells];
    }
  }
  return best;
}
