/** What is in data, before any training. */
export const inspect = {
  column: "COLUMN",
  classes: "{{count}} classes: {{list}}",
  noTarget: "{{column}} cannot be learned: see the warnings",
  kinds: "{{list}}; {{missing, number}} with missing cells",
  summedUp:
    "shown are the {{shown}} of {{count, number}} columns that go most strongly with the target; --full shows all",
  headColumn: "column",
  headUsed: "used as",
  headMissing: "missing",
  headUnique: "unique",
  headWith: "strength",
  headContents: "what is in it",
  target: "target",
  measures:
    "strength of the association with {{target}}, −1 to 1 or 0 to 1: r correlation, η correlation ratio corrected for the number of groups (square root of epsilon squared), V Cramér's V with Bergsma's correction",
  range: "{{least}} to {{most}}",
  numbers: "{{least}} to {{most}}, median {{median}}",
  why: "why",
  notes: "notes",
  warnings: "warnings",
  noWarnings: "no warnings",
  moreNotes: "and {{count}} more of these kinds; --full shows all",
  pixels: "pixels: mean {{mean}}, standard deviation {{deviation}}; {{constant, number}} are the same in every image",
  noLabels: "no labels",
} as const;
