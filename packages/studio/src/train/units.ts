import type { LayerFacts, Neurons } from "../worker/protocol.ts";

/** A column of the diagram: a layer with weights and what follows it up to the next, or what comes before the first. */
export interface Column {
  /** The place of the layer with weights; null of the inputs. */
  weighted: number | null;
  /** The place of the last layer in it: whose outputs its units show; null of the inputs. */
  last: number | null;
  names: string[];
  units: number;
  /** Units that are drawn. */
  shown: number;
}

/** The columns of a stack, with the inputs first. */
export function columnsOf(layers: readonly LayerFacts[], inputs: number, most: number): Column[] {
  // An image is one thing, not many numbers.
  const shown = inputs > 2 * most ? 1 : Math.min(inputs, most);
  const columns: Column[] = [{ weighted: null, last: null, names: [], units: inputs, shown }];
  layers.forEach(({ type, name, shape }, index) => {
    const column =
      type === "Linear" || type === "DropConnect"
        ? { weighted: index, last: index, names: [] as string[], units: 0, shown: 0 }
        : columns[columns.length - 1];
    if (column.weighted === index) columns.push(column);
    column.last = index;
    column.names.push(name);
    if (column.weighted === null) return;
    column.units = shape?.reduce((product, extent) => product * extent, 1) ?? 0;
    column.shown = Math.min(column.units, most);
  });
  return columns;
}

/** What one unit gives over the region. */
export function unitMap(neurons: Neurons, layer: number, unit: number): { side: number; values: Float32Array } | null {
  const map = neurons.maps.find((each) => each.layer === layer);
  if (map === undefined || unit >= map.shown) return null;
  const size = map.values.length / map.shown;
  return { side: neurons.side, values: map.values.subarray(unit * size, (unit + 1) * size) };
}
