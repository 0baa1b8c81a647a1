import { shapeError } from "../ops/broadcast.ts";
import { flatten, reshape } from "../ops/shape.ts";
import { formatShape, normalizeDim, type Shape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { plainConfig, requireExtent } from "./check.ts";
import { type LayerConfig, Module } from "./module.ts";
import type { Chained, ChainFlow, Fits, FlattenFlow, flow, Through } from "./shapes.ts";

/**
 * Layers one after another: the output of each is the input of the next. Their names are "0", "1", …
 *
 * Where the numbers are written out, a layer that does not fit the one before it is an error in the editor that names
 * both numbers; layers from an array (`new Sequential(...layers)`) are checked at run time.
 */
export class Sequential<const Layers extends readonly Module[] = readonly Module[]> extends Module {
  declare readonly [flow]: ChainFlow<Layers>;
  readonly layers: Layers;

  constructor(...layers: Chained<Layers>) {
    super();
    this.layers = layers as unknown as Layers;
    for (const layer of this.layers) requireModule("Sequential", layer);
  }

  get length(): number {
    return this.layers.length;
  }

  override *namedChildren(): Generator<[name: string, module: Module]> {
    for (let index = 0; index < this.layers.length; index++) yield [String(index), this.layers[index]];
  }

  forward<S extends Shape>(x: Tensor<S> & Fits<S, ChainFlow<Layers>>): Tensor<Through<S, ChainFlow<Layers>>> {
    let value: unknown = x;
    for (const layer of this.layers) value = (layer as { forward(input: unknown): unknown }).forward(value);
    return value as Tensor<Through<S, ChainFlow<Layers>>>;
  }

  override toConfig(): LayerConfig {
    return { layer: "Sequential", args: this.layers.map((layer) => layer.toConfig()), options: {} };
  }
}

/** A list of modules that a module holds and calls one by one; its layers are found under "name.0", "name.1", … */
export class ModuleList<M extends Module = Module> extends Module {
  readonly #modules: M[];

  constructor(modules: Iterable<M> = []) {
    super();
    this.#modules = [...modules];
    for (const module of this.#modules) requireModule("ModuleList", module);
  }

  get length(): number {
    return this.#modules.length;
  }

  /** A module by its place; negative places count from the end. */
  at(index: number): M {
    const module = this.#modules.at(index);
    if (module === undefined) throw new RangeError(`a list of ${this.length} modules has none at ${index}`);
    return module;
  }

  /** Adds a module at the end. */
  push(module: M): this {
    requireModule("ModuleList", module);
    this.#modules.push(module);
    return this;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#modules[Symbol.iterator]();
  }

  override *namedChildren(): Generator<[name: string, module: Module]> {
    for (let index = 0; index < this.#modules.length; index++) yield [String(index), this.#modules[index]];
  }

  /** @throws Error always: it says not in which order, or on what, its modules are to be called. */
  override forward(): never {
    throw new Error("a ModuleList is not called: call the modules in it");
  }
}

/**
 * Dimensions as one: [rows, a, b, …] → [rows, a·b·…]. `startDim` is the first of them and `endDim` the last.
 * @throws RangeError if there are no such dimensions.
 */
export class Flatten extends Module {
  declare readonly [flow]: FlattenFlow;
  readonly startDim: number;
  readonly endDim: number;

  constructor(options: { startDim?: number; endDim?: number } = {}) {
    super();
    this.startDim = options.startDim ?? 1;
    this.endDim = options.endDim ?? -1;
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor {
    return flatten(x, this.startDim, this.endDim);
  }

  override toConfig(): LayerConfig {
    return plainConfig(this, { startDim: this.startDim, endDim: this.endDim });
  }
}

/**
 * A dimension as several: [rows, a·b] → [rows, a, b] for `dim` 1 and `sizes` [a, b]; one of them may be −1, what is left.
 * @throws RangeError for sizes that are not positive, or if there is no such dimension; ShapeError if its extent is not
 *   the product of the sizes.
 */
export class Unflatten extends Module {
  readonly sizes: readonly number[];

  constructor(
    readonly dim: number,
    sizes: readonly number[],
  ) {
    super();
    if (!Number.isInteger(dim)) throw new RangeError(`Unflatten needs a whole number for dim, not ${dim}`);
    if (!Array.isArray(sizes) || sizes.length === 0)
      throw new RangeError("Unflatten needs the sizes that the dimension becomes, such as [3, 4]");
    const open = sizes.indexOf(-1);
    sizes.forEach((size, index) => {
      if (index !== open) requireExtent("Unflatten", `sizes[${index}]`, size);
    });
    this.sizes = [...sizes];
  }

  forward<S extends Shape>(x: Tensor<S>): Tensor {
    const { dim, sizes } = this;
    const place = normalizeDim(dim, x.shape.length);
    const extent = x.shape[place];
    const known = sizeOf(sizes.filter((size) => size !== -1));
    const open = sizes.includes(-1);
    if (extent === undefined || (open ? extent % known !== 0 : extent !== known)) {
      throw shapeError(
        `Unflatten(${dim}, ${formatShape(sizes)}) needs ${open ? "a multiple of " : ""}${known} elements along dimension ${dim}, ` +
          `but the input has shape ${formatShape(x.shape)}; ${open ? "change the sizes" : "let one of the sizes be -1 to have it computed"}, or the layer before it`,
      );
    }
    const made = sizes.map((size) => (size === -1 ? extent / known : size));
    return reshape(x, [...x.shape.slice(0, place), ...made, ...x.shape.slice(place + 1)]);
  }

  override toConfig(): LayerConfig {
    return { layer: "Unflatten", args: [this.dim, [...this.sizes]], options: {} };
  }
}

function requireModule(container: string, value: unknown): void {
  if (value instanceof Module) return;
  const what =
    value instanceof Tensor ? "a tensor" : typeof value === "function" ? `${value.name || "a function"}` : typeof value;
  throw new TypeError(
    `${container} takes modules, not ${what}${typeof value === "function" ? "; write new in front of a class, or make a class of a function" : ""}`,
  );
}
