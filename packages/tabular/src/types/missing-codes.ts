import { makeNote, type Note } from "../notes/note.ts";
import type { ColumnFacts } from "./column-facts.ts";
import { type DecimalMark, parseNumber } from "./number-format.ts";

/** How often a number that stands for a missing one is there at least: so many times, and this share of all numbers. */
const least = { cells: 3, share: 0.002 };
/** So many different numbers there must be besides, and so many codes are looked for at either end. */
const leastOthers = 3;
const mostCodes = 2;

/** −1, and nines: 99, 999, −9, −99, …; as a cell, and as the number in it. */
const codeCell = /^(?:-(?:1|9+)|99+)(?:[.,]0+)?$/;
const codeNumber = /^(?:-(?:1|9+)|99+)$/;

/**
 * A warning of each number that may stand for a missing one: −1 or made of nines, often there, and farther from all
 * others than these are from each other, or −99, −999, … where no other is negative. Of values that were not all kept, those that were decide.
 */
export function noteMissingCodes({ name, values, numbers }: ColumnFacts, decimal: DecimalMark): Note[] {
  const codes = findCodes(values, decimal);
  const often = Math.max(least.cells, least.share * numbers[decimal].cells);
  if (![...codes.values()].some((times) => times >= often)) return [];
  const others = new Set<number>();
  for (const value of values.keys()) {
    const number = parseNumber(value, decimal);
    if (!Number.isNaN(number)) others.add(number);
  }
  const sorted = Float64Array.from(others).sort();
  const isCode = (number: number) => (codes.get(number) ?? 0) >= often;
  for (let cut = 2 * mostCodes; cut > 0; cut--) {
    for (let below = Math.max(0, cut - mostCodes); below <= Math.min(cut, mostCodes); below++) {
      const above = cut - below;
      if (sorted.length - cut < leastOthers) continue;
      const low = sorted[below];
      const high = sorted[sorted.length - 1 - above];
      const found = [...sorted.subarray(0, below), ...sorted.subarray(sorted.length - above)];
      const far = (number: number) => Math.max(low - number, number - high) > high - low;
      if (!found.every((number) => isCode(number) && (far(number) || (number <= -99 && low >= 0)))) continue;
      return found.map((number) =>
        makeNote("missing-code", { column: name, value: number, count: codes.get(number)!, low, high }),
      );
    }
  }
  return [];
}

function findCodes(values: ColumnFacts["values"], decimal: DecimalMark): Map<number, number> {
  const codes = new Map<number, number>();
  for (const [value, { times }] of values) {
    if (!codeCell.test(value)) continue;
    const number = parseNumber(value, decimal);
    if (codeNumber.test(String(number))) codes.set(number, (codes.get(number) ?? 0) + times);
  }
  return codes;
}
