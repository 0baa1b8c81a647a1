import type { Followed } from "./step-view.ts";

/** One number of one step, as an address names it. */
export interface Place {
  /** From 0, as are rows and elements. */
  batch: number;
  training: boolean;
  row: number;
  /** The operation by its key. */
  stage: string;
  /** Its element, flat, row by row. */
  element: number;
  followed: Followed | null;
}

const PATTERN =
  /^batch-(\d+)~(training|evaluation)~sample-(\d+)~([a-zA-Z]+(?:\.\w+)*)~element-(\d+)(?:~follow-(\d+)\.(\w+)\.(\d+))?$/;

/** "batch-4~training~sample-2~forward.0~element-7": batch, sample and element are counted from 1, as the page shows them. */
export function writePlace({ batch, training, row, stage, element, followed }: Place): string {
  const parts = [
    `batch-${batch + 1}`,
    training ? "training" : "evaluation",
    `sample-${row + 1}`,
    stage,
    `element-${element + 1}`,
  ];
  if (followed !== null) parts.push(`follow-${followed.layer}.${followed.parameter}.${followed.place}`);
  return parts.join("~");
}

/** The place that an address names; null where it names none. */
export function readPlace(text: string): Place | null {
  const found = PATTERN.exec(text);
  if (found === null) return null;
  const [, batch, mode, sample, stage, element, layer, parameter, place] = found;
  const counted = (digits: string): number => Math.max(0, Number(digits) - 1);
  return {
    batch: counted(batch),
    training: mode === "training",
    row: counted(sample),
    stage,
    element: counted(element),
    followed: layer === undefined ? null : { layer: Number(layer), parameter, place: Number(place) },
  };
}
