/** "12,345". */
export function amount(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 row", "2 rows": a count with its noun; `plural` where it is not the singular with an s. */
export function count(times: number, singular: string, plural = `${singular}s`): string {
  return `${amount(times)} ${times === 1 ? singular : plural}`;
}
