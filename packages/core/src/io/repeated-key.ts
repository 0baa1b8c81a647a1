/** A key that stands twice in one object of a valid JSON text; JSON.parse would take the last and say nothing. */
export function repeatedKey(json: string): string | undefined {
  /** For every open bracket the keys seen so far; null for an array. */
  const open: (Set<string> | null)[] = [];
  let position = 0;
  while (position < json.length) {
    const character = json[position];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(null);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = closingQuote(json, position);
      const keys = open.at(-1);
      if (keys && isKey(json, end + 1)) {
        const key = JSON.parse(json.slice(position, end + 1)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      position = end;
    }
    position++;
  }
  return undefined;
}

function closingQuote(json: string, opening: number): number {
  let position = opening + 1;
  while (json[position] !== '"') position += json[position] === "\\" ? 2 : 1;
  return position;
}

function isKey(json: string, after: number): boolean {
  while (json[after] === " " || json[after] === "\n" || json[after] === "\r" || json[after] === "\t") after++;
  return json[after] === ":";
}
