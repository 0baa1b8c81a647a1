import type { Groups } from "./values.ts";

/** Two groups, and how many rows have both. */
export interface Pair {
  first: number;
  second: number;
  times: number;
}

/** The pairs of groups that there are, with no more memory than the rows take, however many groups there are. */
export function* countPairs({ groups, count }: Groups, other: Groups): Generator<Pair> {
  const codes = new Float64Array(groups.length);
  let rows = 0;
  for (let row = 0; row < groups.length; row++) {
    if (groups[row] < 0 || other.groups[row] < 0) continue;
    codes[rows++] = groups[row] * other.count + other.groups[row];
  }
  if (count * other.count <= 2 * rows) {
    const times = new Int32Array(count * other.count);
    for (let row = 0; row < rows; row++) times[codes[row]]++;
    for (let code = 0; code < times.length; code++) if (times[code] > 0) yield pair(code, other.count, times[code]);
    return;
  }
  const sorted = codes.subarray(0, rows).sort();
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && sorted[end] === sorted[start]) end++;
    yield pair(sorted[start], other.count, end - start);
    start = end;
  }
}

function pair(code: number, count: number, times: number): Pair {
  const first = Math.floor(code / count);
  return { first, second: code - first * count, times };
}
