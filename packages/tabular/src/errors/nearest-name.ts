/**
 * The candidate that is most like a name: letter case and diacritics count for nothing, then the edit distance
 * decides (insert, delete, replace, or swap two neighbours), and a name that contains the other is near it.
 * @returns undefined when nothing is near enough to be worth suggesting
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  if (wanted === "") return undefined;
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const other = fold(candidate);
    const limit = Math.floor(Math.max(wanted.length, other.length) * 0.4);
    let distance = editDistance(wanted, other);
    const shorter = Math.min(wanted.length, other.length);
    if (distance > limit && shorter >= 3 && (wanted.includes(other) || other.includes(wanted))) distance = limit;
    if (distance <= limit && distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

function fold(name: string): string {
  return name
    .slice(0, 200)
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll("đ", "d")
    .replace(/[\s_.-]+/g, "");
}

/** Optimal string alignment distance, three rows of the table at a time. */
function editDistance(first: string, second: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let i = 1; i <= first.length; i++) {
    const current = [i];
    for (let j = 1; j <= second.length; j++) {
      const same = first[i - 1] === second[j - 1] ? 0 : 1;
      let best = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + same);
      if (i > 1 && j > 1 && first[i - 1] === second[j - 2] && first[i - 2] === second[j - 1]) {
        best = Math.min(best, before[j - 2] + 1);
      }
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[second.length];
}
