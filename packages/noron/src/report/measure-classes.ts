import type { EvaluatedRows } from "./evaluated-rows.ts";

/** How well classes are told apart. */
export interface ClassMeasures {
  /** [actual][predicted]: how many rows. */
  confusion: number[][];
  classes: { name: string; rows: number; precision: number | null; recall: number | null; f1: number | null }[];
  calibration: CalibrationBin[];
  /** The mean distance between probability and frequency, weighted by rows (expected calibration error). */
  calibrationError: number;
}

/** Rows whose prediction was about as probable, and how often it was right. */
export interface CalibrationBin {
  from: number;
  to: number;
  rows: number;
  /** The mean probability of the predicted class. */
  probability: number;
  /** The share of the rows that were right. */
  right: number;
}

const BINS = 10;

/**
 * Confusion matrix, measures of each class and calibration.
 * @param rows with the probabilities of every class and the true class of every row
 */
export function measureClasses({ probabilities, classes, actual }: EvaluatedRows & { kind: "classes" }): ClassMeasures {
  const count = classes.length;
  const confusion = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, probability: 0, right: 0 }));
  actual.forEach((label, row) => {
    const shares = probabilities[row];
    const said = shares.indexOf(Math.max(...shares));
    confusion[label][said]++;
    const bin = bins[Math.min(BINS - 1, Math.floor(shares[said] * BINS))];
    bin.rows++;
    bin.probability += shares[said];
    if (said === label) bin.right++;
  });
  const calibration = bins.flatMap(({ rows, probability, right }, index) =>
    rows === 0
      ? []
      : [{ from: index / BINS, to: (index + 1) / BINS, rows, probability: probability / rows, right: right / rows }],
  );
  const calibrationError = calibration.reduce(
    (sum, { rows, probability, right }) => sum + (rows / actual.length) * Math.abs(probability - right),
    0,
  );
  return {
    confusion,
    classes: classes.map((name, index) => measureClass(name, index, confusion)),
    calibration,
    calibrationError,
  };
}

function measureClass(name: string, index: number, confusion: readonly (readonly number[])[]) {
  const hits = confusion[index][index];
  const rows = confusion[index].reduce((sum, times) => sum + times, 0);
  const said = confusion.reduce((sum, row) => sum + row[index], 0);
  const precision = said === 0 ? null : hits / said;
  const recall = rows === 0 ? null : hits / rows;
  const f1 = said + rows === 0 ? null : (2 * hits) / (said + rows);
  return { name, rows, precision, recall, f1 };
}
