import { makeNote, type Note } from "../notes/note.ts";
import type { ValueCount } from "./summary.ts";

/** Warns of classes of which one has most of the rows, or twenty times those of another. */
export function warnOfImbalance(target: string, classes: readonly ValueCount[]): Note[] {
  if (classes.length === 0) return [];
  const byCount = [...classes].sort((a, b) => b.count - a.count);
  const commonest = byCount[0];
  const rarest = byCount[byCount.length - 1];
  const share = commonest.count / classes.reduce((sum, { count }) => sum + count, 0);
  if (share < 0.8 && rarest.count * 20 > commonest.count) return [];
  const most = { value: commonest.value, count: commonest.count, share: Number(share.toFixed(4)) };
  return [makeNote("class-imbalance", { column: target, ...most, rarest: rarest.value, rarestCount: rarest.count })];
}
