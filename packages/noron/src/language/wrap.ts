/**
 * Text in lines of a width, broken at spaces, and within words that are longer than a line.
 * @param first what the first line begins with
 * @param next what the others do
 */
export function wrap(text: string, width: number, first: string, next: string): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.trimEnd().split(" ")) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = next;
      empty = true;
      if (word === "") continue;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
    for (; line.length > width; line = next + line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line.trimEnd()];
}
