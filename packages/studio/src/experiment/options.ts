/** What can be set of a layer, a loss or an optimizer, as data: controls, links and programs are made from it. */

export type OptionValue = number | boolean | string | null;

export type OptionSpec =
  | {
      kind: "number";
      default: number;
      least: number;
      most: number;
      /** Whether only whole numbers make sense. */
      whole?: boolean;
      /** Whether the least itself does not. */
      open?: boolean;
      /** Whether equal factors are equally far apart on its slider. */
      logarithmic?: boolean;
    }
  /** A number of units; null is what fits: the layer before, or what the target needs. */
  | { kind: "size"; default: number | null; nullable: boolean; most: number }
  | { kind: "boolean"; default: boolean }
  | { kind: "choice"; default: string; values: readonly string[] };

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A layer, loss or optimizer by the name of its class, with its options. */
export interface Part<Type extends string = string> {
  type: Type;
  options: Record<string, OptionValue>;
}

/** The options of a part with their defaults. */
export function defaultOptions(specs: OptionSpecs): Record<string, OptionValue> {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));
}

/** Whether a value can be that option's. */
export function isOptionValue(spec: OptionSpec, value: OptionValue): boolean {
  switch (spec.kind) {
    case "boolean":
      return typeof value === "boolean";
    case "choice":
      return typeof value === "string" && spec.values.includes(value);
    case "size":
      if (value === null) return spec.nullable;
      return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= spec.most;
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) return false;
      if (spec.whole && !Number.isInteger(value)) return false;
      return value <= spec.most && (spec.open ? value > spec.least : value >= spec.least);
  }
}
