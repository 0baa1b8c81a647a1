import type { DType, TypedArray } from "./dtype.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** More elements than this are summarised by those at the edges. */
const THRESHOLD = 1000;
const EDGE = 3;
const PRECISION = 4;

type Format = (value: number) => string;

/** Values in brackets, rows under each other, long dimensions cut to their edges, as NumPy prints arrays. */
export function formatValues(values: TypedArray, shape: Shape, dtype: DType, indent = ""): string {
  const edge = sizeOf(shape) > THRESHOLD ? EDGE : Infinity;
  const shown: number[] = [];
  collect(values, shape, 0, 0, edge, shown);
  const format = formatFor(shown, dtype);
  const width = Math.max(0, ...shown.map((value) => format(value).length));
  return shape.length === 0
    ? format(values[0])
    : rows(values, shape, 0, 0, edge, indent, (v) => format(v).padStart(width));
}

/** The places of a dimension that are shown; −1 stands for those left out. */
function places(extent: number, edge: number): number[] {
  if (extent <= 2 * edge) return Array.from({ length: extent }, (_, place) => place);
  const first = Array.from({ length: edge }, (_, place) => place);
  return [...first, -1, ...first.map((place) => extent - edge + place)];
}

function collect(values: TypedArray, shape: Shape, dim: number, start: number, edge: number, out: number[]): void {
  if (dim === shape.length) {
    out.push(values[start]);
    return;
  }
  const inner = sizeOf(shape.slice(dim + 1));
  for (const place of places(shape[dim], edge))
    if (place >= 0) collect(values, shape, dim + 1, start + place * inner, edge, out);
}

function rows(
  values: TypedArray,
  shape: Shape,
  dim: number,
  start: number,
  edge: number,
  indent: string,
  format: Format,
): string {
  const inner = sizeOf(shape.slice(dim + 1));
  const last = dim === shape.length - 1;
  const parts = places(shape[dim], edge).map((place) => {
    if (place < 0) return "...";
    const at = start + place * inner;
    return last ? format(values[at]) : rows(values, shape, dim + 1, at, edge, `${indent} `, format);
  });
  const separator = last ? ", " : `,${"\n".repeat(shape.length - dim - 1)}${indent} `;
  return `[${parts.join(separator)}]`;
}

function formatFor(values: readonly number[], dtype: DType): Format {
  if (dtype === "bool") return (value) => (value !== 0 ? "true" : "false");
  if (dtype === "int32") return String;
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = Math.max(0, ...sizes);
  const smallest = Math.min(Infinity, ...sizes);
  if (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1e3 * 1e4)
    return (value) => (Number.isFinite(value) ? value.toExponential(PRECISION) : String(value));
  const needed = finite.map((value) => (value.toFixed(PRECISION).replace(/0+$/, "").split(".")[1] ?? "").length);
  const digits = Math.max(0, ...needed);
  return (value) => {
    if (!Number.isFinite(value)) return String(value);
    return digits === 0 ? `${value.toFixed(0)}.` : value.toFixed(digits);
  };
}
