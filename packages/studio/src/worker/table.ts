import {
  DataError,
  describeNote,
  describeReason,
  type Note,
  type PlanOptions,
  type Profile,
  planTable,
  profile,
  readTable,
  type Table,
} from "@noron/tabular";
import type { TableData } from "../experiment/experiment.ts";
import { messageOf } from "./problem.ts";
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

interface Found {
  found: Profile;
  /** By column, why it cannot be used as was asked for. */
  refused: ReadonlyMap<string, InBoth>;
  problem: InBoth | null;
}

/** A profile with all that was asked for and can be; the rest is left to the inference, with why. */
function profileOf(table: Table, { target, task, kinds }: TableData): Found {
  const refused = new Map<string, InBoth>();
  const possible = { ...kinds };
  let known = true;
  let problem: InBoth | null = null;
  for (;;) {
    try {
      const options = known ? { target, kinds: possible, ...(task === null ? {} : { task }) } : { kinds: possible };
      const found = profile(table, options);
      if (found.target !== null && found.target.problem !== null) problem = whyNot(table, options as PlanOptions);
      return { found, refused, problem };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const name = error.column ?? error.value ?? "";
      if (Object.hasOwn(possible, name)) {
        refused.set(name, messageOf(error));
        delete possible[name];
      } else if (known) {
        known = false;
        problem = messageOf(error);
      } else throw error;
    }
  }
}

/** Why a target cannot be learned, in both languages. */
function whyNot(table: Table, options: PlanOptions): InBoth | null {
  try {
    planTable(table, options);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** What the inference of the command line says of a table. */
export function tableFacts({ table }: OpenTable, data: TableData): TableFacts {
  const { found, refused, problem } = profileOf(table, data);
  const words = (note: Note): InBoth => ({ en: describeNote(note, "en"), vi: describeNote(note, "vi", "vi") });
  return {
    name: table.name,
    rows: table.rowCount,
    target: data.target,
    task: found.target?.task ?? null,
    problem,
    columns: found.columns.map(
      ({ name, isTarget, kind, why, missing, unique, numbers, dates, values, association }) => ({
        ...{ name, isTarget, kind, missing, unique },
        refused: refused.get(name) ?? null,
        reason: { en: describeReason(why, "en"), vi: describeReason(why, "vi", "vi") },
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
