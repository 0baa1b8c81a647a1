import type { Table } from "@noron/tabular";

/** A file that was dropped on the page, as it was read. */
export interface OpenTable {
  table: Table;
}
