import { DataError, describeNote, describeReason, type Note, profile, readTable, type Table } from "@noron/tabular";
import type { TableData } from "../experiment/experiment.ts";
import type { InBoth, TableFacts } from "./protocol.ts";

/** A file that was dropped on the page, as it was read. */
export interface OpenTable {
  table: Table;
}

/** Files are held whole, beside the tensors that are made of them. */
const LARGEST = 200e6;

/** Reads a file. @throws DataError that says what is wrong with it, and where */
export async function openTable(name: string, bytes: Uint8Array): Promise<OpenTable> {
  if (bytes.length > LARGEST) {
    const problem = `${Math.round(bytes.length / 1e6)} MB are more than a page holds: use the command, or fewer rows.`;
    throw new DataError("too-large", problem, { file: name });
  }
  return { table: await readTable(bytes, { name }) };
}

/** The column that is learned unless another is chosen: the last one that can be, as most files have it. */
export function likelyTarget({ table }: OpenTable): string {
  const names = table.columns.map(({ name }) => name).reverse();
  return names.find((target) => profile(table, { target }).target?.problem === null) ?? names[0];
}

/** What the inference of the command line says of a table. */
export function tableFacts({ table }: OpenTable, { target, task, kinds }: TableData): TableFacts {
  const found = profile(table, { target, kinds, ...(task === null ? {} : { task }) });
  const words = (note: Note): InBoth => ({ en: describeNote(note, "en"), vi: describeNote(note, "vi") });
  return {
    name: table.name,
    rows: table.rowCount,
    target,
    task: found.target?.task ?? null,
    problem: found.target?.problem ?? null,
    columns: found.columns.map(
      ({ name, isTarget, kind, why, missing, unique, numbers, dates, values, association }) => ({
        ...{ name, isTarget, kind, missing, unique },
        reason: { en: describeReason(why, "en"), vi: describeReason(why, "vi") },
        range:
          numbers !== null
            ? [numbers.minimum, numbers.maximum]
            : dates !== null
              ? [dates.earliest, dates.latest]
              : null,
        values: values.slice(0, 4).map(({ value }) => value),
        association: association?.value ?? null,
      }),
    ),
    notes: found.notes.map(words),
    warnings: found.warnings.map(words),
  };
}
