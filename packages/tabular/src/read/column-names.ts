import { makeNote, type Note } from "../notes/note.ts";

/** Every column gets a name, and no two the same. */
export function nameColumns(header: readonly string[], notes: Note[]): string[] {
  const taken = new Set(header);
  const seen = new Set<string>();
  // The next number to try for each name: a header of a hundred thousand equal names must not take for ever.
  const next = new Map<string, number>();
  const free = (base: string): string => {
    let suffix = next.get(base) ?? 2;
    while (taken.has(`${base}_${suffix}`)) suffix++;
    next.set(base, suffix + 1);
    return `${base}_${suffix}`;
  };
  return header.map((original, index) => {
    let name = original;
    if (original === "") {
      name = `column_${index + 1}`;
      if (taken.has(name)) name = free(name);
      notes.push(makeNote("unnamed-column", { column: name, position: index + 1 }));
    } else if (seen.has(original)) {
      name = free(original);
      notes.push(makeNote("duplicate-header", { column: name, name: original, position: index + 1 }));
    }
    seen.add(name);
    taken.add(name);
    return name;
  });
}

/** More columns than this are taken for a mistake. */
export const maximumColumns = 100_000;
