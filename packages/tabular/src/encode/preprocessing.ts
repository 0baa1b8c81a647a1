import type { ClassMatch } from "../plan/target.ts";
import type { DateOrder, DatePart } from "../types/date.ts";
import type { DecimalMark } from "../types/number-format.ts";

/** (x − mean) / standardDeviation, after x → log(x + logOffset) where that is not null. */
export interface Scaling {
  logOffset: number | null;
  mean: number;
  standardDeviation: number;
}

/** How numbers are written. */
export interface NumberWriting {
  decimal: DecimalMark;
  /** Whether the decimal mark was asked for: it is then that of new data too, whatever they look like. */
  decimalFixed?: true;
  /** Whether points of new data are decimal even where they could separate thousands, as was decided in training. */
  decimalPoints?: true;
  /** Whether numbers had no decimal mark and no separated thousands in training: points before three digits are told. */
  plainNumbers?: true;
  /** The sign of currency or per cent that numbers had in training: new ones with another are told. */
  sign?: string;
}

/** A column of numbers: one feature, and one that is 1 where the cell was missing if `missingIndicator`. */
export interface NumberFeature extends Scaling, NumberWriting {
  kind: "number";
  name: string;
  /** What a missing cell becomes: the median of the training rows. */
  fill: number;
  missingIndicator: boolean;
}

/** A column of text: one feature a level that is 1 or 0, and one for missing, rare and unseen texts if `missingLevel`. */
export interface CategoryFeature {
  kind: "category";
  name: string;
  levels: string[];
  missingLevel: boolean;
}

/** A column of yes and no: one feature, 1 or 0, and one for missing. */
export interface BooleanFeature {
  kind: "boolean";
  name: string;
  /** What a missing cell becomes: what most training rows say. */
  fill: boolean;
  missingIndicator: boolean;
}

/** A column of dates: one feature a part, and one for missing. */
export interface DateFeature {
  kind: "date";
  name: string;
  /** What its dates begin with, where it is not the year. */
  order?: Exclude<DateOrder, "year-first">;
  /** Days since 1970-01-01 that a missing cell becomes. */
  fill: number;
  missingIndicator: boolean;
  parts: { part: DatePart; mean: number; standardDeviation: number }[];
}

export type FeatureColumn = NumberFeature | CategoryFeature | BooleanFeature | DateFeature;

/** What a class target's cells become: the number of the class in `classes`. */
export interface ClassTarget extends NumberWriting {
  kind: "classes";
  name: string;
  /** Their names. One that is a word for a missing value elsewhere, such as "None", is a class here. */
  classes: string[];
  match: ClassMatch;
}

/** What a number target's cells become: standardised, so that the network's output is near 0 and 1. */
export interface NumberTarget extends Scaling, NumberWriting {
  kind: "number";
  name: string;
  /** Smallest and largest value in training rows. With a logarithm, what the network says is kept near this range. */
  minimum: number;
  maximum: number;
}

/**
 * All that must be known to do to new rows what was done to the training rows. Plain data: JSON.stringify writes it,
 * parsePreprocessing reads and checks it.
 */
export interface Preprocessing {
  format: "noron-preprocessing";
  /** As preprocessingVersion gives it. */
  version: 1 | 2;
  input: "table";
  columns: FeatureColumn[];
  target: ClassTarget | NumberTarget;
  /** Standardised numbers are kept within ± this, in training and after, so that one wild cell cannot rule a row. */
  clip: number;
}

/**
 * The version of a preprocessing of such columns: 2 where one says how it is written in a member that version 1 has not
 * (`order`, `decimalFixed`, `decimalPoints`). Who knows version 1 alone would read its cells otherwise, and refuses it; all else both read.
 */
export function preprocessingVersion(columns: readonly FeatureColumn[], target: ClassTarget | NumberTarget): 1 | 2 {
  const members = ["order", "decimalFixed", "decimalPoints"];
  return [...columns, target].some((column) => members.some((member) => member in column)) ? 2 : 1;
}

/** As Preprocessing, for images: (pixel − mean) / standardDeviation over all pixels. */
export interface ImagePreprocessing {
  format: "noron-preprocessing";
  version: 1;
  input: "images";
  height: number;
  width: number;
  /** 3 for red, green and blue, one plane behind the other; 1, grey, where it is left out. */
  channels?: 1 | 3;
  mean: number;
  standardDeviation: number;
  /** Names of the classes: those of the folders that the images were in, or the labels 0, 1, … as text. */
  classes: string[];
}

/** Features of an image. */
export function imageFeatures({
  height,
  width,
  channels = 1,
}: Pick<ImagePreprocessing, "height" | "width" | "channels">): number {
  return height * width * channels;
}

/** Names of the features that a column becomes, in order: "body_mass_g", "island=Dream", "sex=(missing)". */
export function columnFeatureNames(column: FeatureColumn): string[] {
  switch (column.kind) {
    case "number":
    case "boolean":
      return column.missingIndicator ? [column.name, `${column.name}=(missing)`] : [column.name];
    case "category": {
      const names = column.levels.map((level) => `${column.name}=${level}`);
      return column.missingLevel ? [...names, `${column.name}=(missing)`] : names;
    }
    case "date": {
      const names = column.parts.map(({ part }) => `${column.name}.${part}`);
      return column.missingIndicator ? [...names, `${column.name}=(missing)`] : names;
    }
  }
}

/** Names of all features, in order; its length is the width of the features. */
export function featureNames(preprocessing: Preprocessing): string[] {
  return preprocessing.columns.flatMap(columnFeatureNames);
}
