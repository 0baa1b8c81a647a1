import { type FunctionBuilder, I32, type Local } from "../assembler.ts";

/** Something that is addressed along the loops: a pointer in bytes, or an index. */
export interface Cursor {
  /** Step by kernel dim: bytes for an access, elements for an index. */
  readonly strides: number[];
  local: Local;
}

/** Where a loop runs from and to: a number, or the local that holds it. */
export type Bound = number | { readonly local: Local };

/** Loops within loops over the dims of a kernel, along which cursors move. */
export class LoopNest {
  private readonly cursors: Cursor[] = [];
  /** The current index along each dim whose loop is open. */
  readonly indices: (Local | undefined)[] = [];

  constructor(private readonly fn: FunctionBuilder) {}

  /** A cursor whose local is still to be set. */
  cursor(strides: number[]): Cursor {
    const made: Cursor = { strides, local: -1 };
    this.cursors.push(made);
    return made;
  }

  /** Runs `body` for indices from `start` in steps of `step` up to `end`, with every cursor moved along. */
  loop(dim: number, start: Bound, end: Bound, step: number, body: () => void): void {
    const { fn } = this;
    const saved = this.cursors.map((cursor) => cursor.local);
    const savedIndex = this.indices[dim];
    const moving = this.cursors.filter((cursor) => cursor.strides[dim] !== 0);
    if (typeof start === "number" && typeof end === "number" && end <= start) return;
    const single = typeof start === "number" && typeof end === "number" && end - start <= step;
    for (const cursor of moving) {
      if (start === 0 && single) continue;
      const local = fn.local(I32);
      fn.get(cursor.local);
      if (typeof start !== "number") fn.get(start.local).i32(cursor.strides[dim]).op("i32.mul").op("i32.add");
      else if (start !== 0) fn.i32(start * cursor.strides[dim]).op("i32.add");
      fn.set(local);
      cursor.local = local;
    }
    const index = fn.local(I32);
    if (typeof start === "number") fn.i32(start).set(index);
    else fn.get(start.local).set(index);
    // A loop inside a loop along the same dim counts from where the outer one stands.
    const absolute = savedIndex === undefined ? index : fn.local(I32);
    if (savedIndex !== undefined) fn.get(savedIndex).get(index).op("i32.add").set(absolute);
    this.indices[dim] = absolute;
    if (single) body();
    else {
      const pushEnd = (): void => void (typeof end === "number" ? fn.i32(end) : fn.get(end.local));
      const guarded = typeof start !== "number";
      if (guarded) {
        fn.block();
        fn.get(index);
        pushEnd();
        fn.op("i32.ge_s").branchIf(0);
      }
      fn.loop();
      body();
      for (const cursor of moving) {
        fn.get(cursor.local)
          .i32(step * cursor.strides[dim])
          .op("i32.add")
          .set(cursor.local);
      }
      if (absolute !== index) fn.get(absolute).i32(step).op("i32.add").set(absolute);
      fn.get(index).i32(step).op("i32.add").tee(index);
      pushEnd();
      fn.op("i32.lt_s").branchIf(0);
      fn.end();
      if (guarded) fn.end();
    }
    this.cursors.forEach((cursor, which) => {
      cursor.local = saved[which];
    });
    this.indices[dim] = savedIndex;
  }
}
