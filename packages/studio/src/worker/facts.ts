import type { data } from "@noron/core";
import type { Examples } from "./examples.ts";
import type { DataFacts, Part } from "./protocol.ts";

/** More examples are not drawn. */
const MOST_DRAWN = 1000;
/** More images are not shown. */
const MOST_IMAGES = 60;

/** The data as the page shows them. */
export function dataFacts(examples: Examples): DataFacts {
  const { task, shape, features, classes, outputs, training, validation, unit, places } = examples;
  const most = shape.length > 1 ? MOST_IMAGES : MOST_DRAWN;
  const width = shape.reduce((product, extent) => product * extent, 1);
  return {
    task,
    shape,
    features,
    classes,
    outputs,
    training: partOf(training, places?.training, most, width),
    validation: validation && partOf(validation, places?.validation, most, width),
    extent: width > 2 ? [] : extents(examples, width),
    unit,
  };
}

function partOf(
  { columns, length }: data.TensorDataset,
  places: Int32Array | undefined,
  most: number,
  width: number,
): Part {
  const shown = Math.min(length, most);
  const [x, target] = columns;
  const outputs = target.shape[1] ?? 1;
  const labels = outputs > 1 ? new Int32Array(shown) : (target.data.slice(0, shown) as Int32Array | Float32Array);
  // One of several: the class is where the one stands.
  if (outputs > 1)
    for (let row = 0; row < shown; row++)
      labels[row] = target.data.subarray(row * outputs, (row + 1) * outputs).indexOf(1);
  const given = { x: x.data.slice(0, shown * width) as Float32Array, labels };
  return { count: length, places: places?.slice(0, shown) ?? null, ...given };
}

/** What the inputs, and of a regression on one feature the target, span, with a margin. */
function extents({ task, training, validation }: Examples, width: number): [number, number][] {
  const axes: [number, number][] = [];
  const parts = [training, ...(validation === null ? [] : [validation])];
  const span = (column: number, offset: number, stride: number): void => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const { columns } of parts) {
      const { data } = columns[column];
      for (let place = offset; place < data.length; place += stride) {
        low = Math.min(low, data[place]);
        high = Math.max(high, data[place]);
      }
    }
    const margin = 0.12 * (high - low || 1);
    axes.push([low - margin, high + margin]);
  };
  for (let feature = 0; feature < width; feature++) span(0, feature, width);
  if (task === "regression" && width === 1) span(1, 0, 1);
  return axes;
}
