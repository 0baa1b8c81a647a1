/** "1 row", "2 rows": a count with its noun; `plural` where it is not the singular with an s. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount.toLocaleString("en-US")} ${amount === 1 ? singular : plural}`;
}
