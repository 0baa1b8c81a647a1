/** Shapes that do not fit; the message names the layer, both shapes and the likely fix. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

/** A value that was not kept is read after the state that it depends on has moved. */
export class StaleTensorError extends Error {
  override name = "StaleTensorError";
}

/** A request that WebAssembly's memory cannot hold. */
export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
}
