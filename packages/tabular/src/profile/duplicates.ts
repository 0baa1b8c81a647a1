import { makeNote, type Note } from "../notes/note.ts";
import type { Table } from "../read/table.ts";

/** Rows that are there more than once, and columns that hold the same cells as one before them. */
export function findDuplicates(table: Table): Note[] {
  const notes: Note[] = [];
  const rows = countRepeatedRows(table);
  if (rows > 0) notes.push(makeNote("duplicate-rows", { count: rows, share: rows / table.rowCount }));
  const seen = new Map<number, number[]>();
  table.columns.forEach(({ name, cells }, index) => {
    const hash = hashCells(cells);
    const candidates = seen.get(hash) ?? [];
    const twin = candidates.find((other) => table.columns[other].cells.every((cell, row) => cell === cells[row]));
    // Columns of one value are told elsewhere.
    if (twin !== undefined && cells.some((cell) => cell !== cells[0])) {
      notes.push(makeNote("duplicate-column", { column: name, other: table.columns[twin].name }));
    } else if (twin === undefined) seen.set(hash, [...candidates, index]);
  });
  return notes;
}

/** How many rows are the same, cell by cell, as one before them. */
function countRepeatedRows({ columns, rowCount }: Table): number {
  const seen = new Map<number, number[]>();
  let repeated = 0;
  for (let row = 0; row < rowCount; row++) {
    let hash = 0;
    for (const { cells } of columns) hash = mix(hash, hashText(cells[row]));
    const candidates = seen.get(hash);
    if (candidates === undefined) {
      seen.set(hash, [row]);
      continue;
    }
    if (candidates.some((other) => columns.every(({ cells }) => cells[other] === cells[row]))) repeated++;
    else if (candidates.length < 100) candidates.push(row);
  }
  return repeated;
}

function hashCells(cells: readonly string[]): number {
  let hash = 0;
  for (const cell of cells) hash = mix(hash, hashText(cell));
  return hash;
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

function mix(hash: number, next: number): number {
  return Math.imul((hash << 5) ^ (hash >>> 27) ^ next, 0x9e3779b1);
}
