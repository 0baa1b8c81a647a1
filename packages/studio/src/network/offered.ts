import { LAYERS, type LayerType } from "../experiment/catalog.ts";
import { layer } from "../experiment/experiment.ts";
import type { OptionValue, Part } from "../experiment/options.ts";

/** Layers that only images have the dimensions for. */
const OF_IMAGES: readonly LayerType[] = ["BatchNorm2d", "InstanceNorm2d"];

/** The layers that a network for examples of that shape can be made of; null where it is not known. */
export function offeredTypes(shape: readonly number[] | null): LayerType[] {
  const rows = shape !== null && shape.length === 1;
  return (Object.keys(LAYERS) as LayerType[]).filter((type) => !rows || !OF_IMAGES.includes(type));
}

/** A layer for what comes before it: where that is a row, instance norm gets the channels and places that it needs. */
export function layersFor(
  type: LayerType,
  before: readonly number[] | null,
  options: Record<string, OptionValue> = {},
): Part<LayerType>[] {
  const wanted = layer(type, options);
  if (type !== "InstanceNorm1d" || before?.length !== 1) return [wanted];
  return [layer("Unflatten", { channels: channelsOf(before[0]) }), wanted, layer("Flatten")];
}

/** About as many channels as each has places, and no fewer places. */
function channelsOf(features: number): number {
  let channels = 1;
  for (let count = 1; count * count <= features; count++) if (features % count === 0) channels = count;
  return channels;
}
