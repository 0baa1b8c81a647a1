/** Every decision that is worth telling. The codes are stable, the texts may change. */
export type NoteCode =
  | "encoding"
  | "duplicate-header"
  | "unnamed-column"
  | "header-looks-like-data"
  | "blank-rows"
  | "missing-words"
  | "decimal-comma"
  | "ambiguous-number"
  | "not-numbers"
  | "ambiguous-date"
  | "constant-column"
  | "identifier-column"
  | "many-values"
  | "all-missing"
  | "ignored-column"
  | "missing-target"
  | "task"
  | "rare-class"
  | "tiny-data"
  | "filled"
  | "rare-categories"
  | "constant-in-training"
  | "log-feature"
  | "log-target"
  | "unseen-category"
  | "clipped";

/** One decision made about the data, in words that a person can read. */
export interface Note {
  code: NoteCode;
  /** One sentence; it names the column where there is one. */
  text: string;
  column?: string;
}

/** "1 row", "2 rows": a count with its noun; `plural` where it is not the singular with an s. */
export function count(amount: number, singular: string, plural = `${singular}s`): string {
  return `${amount.toLocaleString("en-US")} ${amount === 1 ? singular : plural}`;
}
