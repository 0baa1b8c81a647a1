import { makeNote, type Note, type NoteValues, nearestName, quote } from "@noron/tabular";
import type { PreparedData } from "../data/prepare.ts";
import { UsageError } from "../errors.ts";

/** How much a row of each class counts in the loss: "balanced", "none", or NAME=WEIGHT entries with commas between. */
export type ClassWeightRequest = readonly string[];

/**
 * The weights of the classes, in their order; null where all count the same. balanced: rows / (classes · rows of the class)
 * over the training rows, so that every class has the same say. Classes that are not named count 1.
 * @throws UsageError for names and weights that are none, and where there are no classes
 */
export function chooseClassWeights(
  asked: ClassWeightRequest | undefined,
  { task, classes, training }: Pick<PreparedData, "task" | "classes" | "training">,
): number[] | null {
  if (asked === undefined) return null;
  if (task === "regression") throw new UsageError("class-weights-of-number");
  const [word] = asked;
  if (word === "none" && asked.length === 1) return null;
  if (word === "balanced" && asked.length === 1) return balance(classes.length, training);
  const weights = new Array<number>(classes.length).fill(1);
  for (const entry of asked)
    for (const part of classes.includes(nameOf(entry)) ? [entry] : entry.split(",")) {
      const index = findClass(nameOf(part), classes);
      weights[index] = weightOf(part);
    }
  return weights;
}

/** Notes of data whose classes have weights: what is told of their sizes advises none. */
export function notesUnderWeights(notes: readonly Note[]): Note[] {
  return notes.map((note) => (isImbalance(note) ? makeNote(note.code, { ...note.parameters, weighted: true }) : note));
}

function isImbalance(note: Note): note is Note & { code: "class-imbalance"; parameters: Imbalance } {
  return note.code === "class-imbalance";
}

type Imbalance = NoteValues & Parameters<typeof makeNote<"class-imbalance">>[1];

function nameOf(entry: string): string {
  return entry.slice(0, Math.max(0, entry.lastIndexOf("="))).trim();
}

function findClass(name: string, classes: readonly string[]): number {
  const index = classes.indexOf(name);
  if (index >= 0) return index;
  const shown = classes.slice(0, 20).map(quote).join(", ");
  const known = classes.length > 20 ? `${shown}, …` : shown;
  if (name === "") throw new UsageError("not-class-weights", { classes: known });
  throw new UsageError("no-such-class", { value: name, classes: known }, { suggestion: nearestName(name, classes) });
}

function weightOf(entry: string): number {
  const text = entry.slice(entry.lastIndexOf("=") + 1).trim();
  const weight = text === "" ? Number.NaN : Number(text);
  if (weight > 0 && weight <= 1e6) return weight;
  throw new UsageError("not-a-weight", { value: text });
}

function balance(classes: number, { target }: PreparedData["training"]): number[] {
  const times = new Array<number>(classes).fill(0);
  let rows = 0;
  if (target?.kind === "classes")
    for (const label of target.classes) {
      times[label]++;
      rows++;
    }
  const there = times.filter((count) => count > 0).length;
  return times.map((count) => (count === 0 ? 1 : rows / (there * count)));
}
