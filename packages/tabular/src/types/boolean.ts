const words = new Map<string, boolean>([
  ["true", true],
  ["false", false],
  ["yes", true],
  ["no", false],
  ["y", true],
  ["n", false],
  ["t", true],
  ["f", false],
  ["on", true],
  ["off", false],
  ["có", true],
  ["không", false],
  ["đúng", true],
  ["sai", false],
  ["1", true],
  ["0", false],
]);

/** The truth value that a cell spells (true, yes, y, t, on, có, đúng, 1 and their opposites, in any case), or undefined. */
export function parseBoolean(cell: string): boolean | undefined {
  return cell.length > 6 ? undefined : words.get(cell.toLowerCase());
}
