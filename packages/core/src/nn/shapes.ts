import type { Shape } from "../tensor/shape.ts";
import type { Module } from "./module.ts";

/**
 * What the type checker knows of a layer: how many features it takes and gives. A number that is not literal (`number`)
 * is unknown, and then nothing is checked before run time.
 */

/** Names the property of a layer that holds what the types know of it; it exists in the types alone. */
export declare const flow: unique symbol;

/** Changes the last extent from In to Out. */
export interface FeatureFlow<In extends number = number, Out extends number = number> {
  readonly kind: "features";
  readonly in: In;
  readonly out: Out;
}

/** Takes any shape and keeps it. */
export interface SameFlow {
  readonly kind: "same";
}

/** Takes a number of channels, dimension 1, and keeps the shape. */
export interface ChannelFlow<Channels extends number = number> {
  readonly kind: "channels";
  readonly in: Channels;
}

/** Gives [rows, features] of what it takes. */
export interface FlattenFlow {
  readonly kind: "flatten";
}

export type Flow = FeatureFlow | SameFlow | ChannelFlow | FlattenFlow;

/** A layer that says what it does to shapes. */
export interface Flowing<F extends Flow = Flow> {
  readonly [flow]: F;
}

/** Whether two extents are both known and differ. */
type Differ<A, B> = A extends number
  ? number extends A
    ? false
    : B extends number
      ? number extends B
        ? false
        : A extends B
          ? false
          : true
      : false
  : false;

type Last<S extends Shape> = S extends readonly [...Shape, infer E extends number] ? E : number;
type Second<S extends Shape> = S extends readonly [number, infer E extends number, ...Shape] ? E : number;

type Text<N> = N extends number ? `${N}` : never;

/** Unknown where an input's shape fits a flow, else a message that names both numbers. */
export type Fits<S extends Shape, F> = F extends { readonly kind: "features"; readonly in: infer In }
  ? Differ<Last<S>, In> extends true
    ? `this layer takes ${Text<In>} features, but the input has ${Text<Last<S>>}`
    : unknown
  : F extends { readonly kind: "channels"; readonly in: infer In }
    ? Differ<Second<S>, In> extends true
      ? `this layer takes ${Text<In>} channels, but the input has ${Text<Second<S>>}`
      : unknown
    : unknown;

/** The shape of a layer's output. */
export type Through<S extends Shape, F> = F extends {
  readonly kind: "features";
  readonly out: infer Out extends number;
}
  ? S extends readonly [...infer Front extends number[], number]
    ? [...Front, Out]
    : Shape
  : F extends { readonly kind: "same" | "channels" }
    ? S
    : F extends { readonly kind: "flatten" }
      ? [S extends readonly [infer Rows extends number, ...Shape] ? Rows : number, number]
      : Shape;

/** The features after a layer, given those before it; "any" stands for those that came in. */
type After<L, Before> =
  L extends Flowing<infer F>
    ? F extends { readonly kind: "features"; readonly out: infer Out }
      ? Out
      : F extends { readonly kind: "same" }
        ? Before
        : F extends { readonly kind: "channels"; readonly in: infer Channels }
          ? Before extends number
            ? number extends Before
              ? number
              : Channels
            : Before
          : number
    : number;

/** The features before each layer of a tuple. */
type BeforeEach<
  Layers extends readonly unknown[],
  Before = number,
  Found extends unknown[] = [],
> = Layers extends readonly [infer L, ...infer Rest] ? BeforeEach<Rest, After<L, Before>, [...Found, Before]> : Found;

type Problem<L, Before> =
  L extends Flowing<infer F>
    ? F extends { readonly kind: "features" | "channels"; readonly in: infer In }
      ? Differ<Before, In> extends true
        ? `this layer takes ${Text<In>} features, but the one before it gives ${Text<Before>}`
        : unknown
      : unknown
    : unknown;

type At<List, Index> = Index extends keyof List ? List[Index] : number;

/** The layers of a Sequential, the wrong ones with a message in their type. */
export type Chained<Layers extends readonly Module[]> = {
  [Index in keyof Layers]: Layers[Index] & Problem<Layers[Index], At<BeforeEach<Layers>, Index>>;
};

type FirstIn<Layers> = Layers extends readonly [infer L, ...infer Rest]
  ? L extends Flowing<infer F>
    ? F extends { readonly kind: "features"; readonly in: infer In }
      ? In
      : F extends { readonly kind: "same" }
        ? FirstIn<Rest>
        : number
    : number
  : number;

type LastOut<Layers, Before = "any"> = Layers extends readonly [infer L, ...infer Rest]
  ? LastOut<Rest, After<L, Before>>
  : Before;

/** The flow of a chain of layers that keep the rank of what they take; unknown if one of them is not known to. */
export type ChainFlow<Layers extends readonly unknown[]> = number extends Layers["length"]
  ? UnknownFlow
  : KeepsRank<Layers> extends true
    ? LastOut<Layers> extends infer Out
      ? Out extends number
        ? FeatureFlow<FirstIn<Layers> & number, Out>
        : SameFlow
      : never
    : UnknownFlow;

/** Of a chain that holds layers of which nothing is known. */
export interface UnknownFlow {
  readonly kind: "unknown";
}

type KeepsRank<Layers> = Layers extends readonly [infer L, ...infer Rest]
  ? L extends { readonly [flow]: { readonly kind: "features" | "same" | "channels" } }
    ? KeepsRank<Rest>
    : false
  : true;
