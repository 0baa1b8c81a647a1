import { type FunctionBuilder, I32, type Local, type ModuleBuilder, V128 } from "./assembler.ts";
import type { SimdInstruction } from "./opcodes.ts";

/**
 * pack(target, source, lineStride, innerStride, lines, inner): lines of the source side by side, `width` a panel, so that
 * target[panel][k][line] = source[line·lineStride + k·innerStride]; the lines that fill up the last panel are zero.
 */
export function emitPack(module: ModuleBuilder, bytes: 4 | 8, width: number): FunctionBuilder {
  const fn = module.function([I32, I32, I32, I32, I32, I32]);
  new PackEmitter(fn, bytes, width).emit();
  return fn;
}

class PackEmitter {
  private readonly target: Local = 0;
  private readonly source: Local = 1;
  private readonly lineStride: Local = 2;
  private readonly innerStride: Local = 3;
  private readonly lines: Local = 4;
  private readonly inner: Local = 5;
  /** The first line of the present panel, at the present step. */
  private readonly from: Local;
  private readonly k: Local;
  private readonly perVector: number;
  /** Whole vectors of a panel's row; the lines that are left are moved one by one. */
  private readonly vectors: number;
  private readonly loadZero: SimdInstruction;
  private readonly loadLane: SimdInstruction;
  private readonly storeLane: SimdInstruction;

  constructor(
    private readonly fn: FunctionBuilder,
    private readonly bytes: 4 | 8,
    private readonly width: number,
  ) {
    this.from = fn.local(I32);
    this.k = fn.local(I32);
    this.perVector = 16 / bytes;
    this.vectors = Math.floor(width / this.perVector);
    this.loadZero = bytes === 8 ? "v128.load64_zero" : "v128.load32_zero";
    this.loadLane = bytes === 8 ? "v128.load64_lane" : "v128.load32_lane";
    this.storeLane = bytes === 8 ? "v128.store64_lane" : "v128.store32_lane";
  }

  emit(): void {
    const { fn, width } = this;
    const [line, left] = [fn.local(I32), fn.local(I32)];
    fn.counted(line, this.lines, width, () => {
      fn.get(this.source).get(line).get(this.lineStride).op("i32.mul").op("i32.add").set(this.from);
      fn.get(this.lines).get(line).op("i32.sub").set(left);
      if (width % this.perVector === 0) {
        fn.get(left)
          .i32(2 * width)
          .op("i32.ge_s");
        fn.get(this.lineStride).i32(this.bytes).op("i32.eq").op("i32.and").if();
        this.sideBySide(2);
        fn.get(line).i32(width).op("i32.add").set(line);
        fn.else();
      }
      fn.get(left).i32(width).op("i32.ge_s").if();
      fn.get(this.lineStride).i32(this.bytes).op("i32.eq").if();
      this.sideBySide(1);
      fn.else();
      this.apart();
      fn.end();
      fn.else();
      this.partial(left);
      fn.end();
      if (width % this.perVector === 0) fn.end();
    });
  }

  /** Moves on by so many steps of the inner dim. */
  private advance(steps: number): void {
    const { fn } = this;
    fn.get(this.target)
      .i32(this.width * this.bytes * steps)
      .op("i32.add")
      .set(this.target);
    fn.get(this.from);
    if (steps === 1) fn.get(this.innerStride);
    else fn.i32(steps * this.bytes);
    fn.op("i32.add").set(this.from);
  }

  /**
   * One panel of lines that lie side by side, or two: whole vectors. A step of two panels is a cache line of the source,
   * which else would be read twice, and where steps are powers of two apart is gone by the second time.
   */
  private sideBySide(panels: 1 | 2): void {
    const { fn, bytes, width, vectors, perVector } = this;
    const second = fn.local(I32);
    const row = width * bytes;
    if (panels === 2) fn.get(this.inner).i32(row).op("i32.mul").get(this.target).op("i32.add").set(second);
    fn.counted(this.k, this.inner, 1, () => {
      for (let panel = 0; panel < panels; panel++) {
        const target = panel === 0 ? this.target : second;
        for (let vector = 0; vector < vectors; vector++)
          fn.get(target)
            .get(this.from)
            .vectorMemory("v128.load", panel * row + vector * 16)
            .vectorMemory("v128.store", vector * 16);
        for (let line = vectors * perVector; line < width; line++)
          fn.get(target)
            .get(this.from)
            .vectorMemory(this.loadZero, line * bytes)
            .vectorMemory(this.storeLane, line * bytes, 0);
      }
      if (panels === 2) fn.get(second).i32(row).op("i32.add").set(second);
      this.advance(1);
    });
    if (panels === 2) fn.get(second).set(this.target);
  }

  /** A whole panel whose lines lie apart; where each line is contiguous, square blocks are transposed in registers. */
  private apart(): void {
    const { fn, bytes, width, perVector, vectors } = this;
    const [at, whole, value] = [fn.local(I32), fn.local(I32), fn.local(V128)];
    const nextLine = (): void => void fn.get(at).get(this.lineStride).op("i32.add").set(at);
    fn.i32(0).set(this.k);
    fn.get(this.innerStride).i32(bytes).op("i32.eq").if();
    fn.get(this.inner).i32(-perVector).op("i32.and").set(whole);
    fn.counted(this.k, whole, perVector, () => {
      fn.get(this.from).set(at);
      const load = (): Local => {
        const loaded = fn.local(V128);
        fn.get(at).vectorMemory("v128.load").set(loaded);
        nextLine();
        return loaded;
      };
      for (let block = 0; block < vectors; block++)
        transpose(fn, Array.from({ length: perVector }, load), bytes).forEach((lines, step) => {
          fn.get(this.target)
            .get(lines)
            .vectorMemory("v128.store", step * width * bytes + block * 16);
        });
      for (let line = vectors * perVector; line < width; line++) {
        const loaded = load();
        for (let step = 0; step < perVector; step++)
          fn.get(this.target)
            .get(loaded)
            .vectorMemory(this.storeLane, (step * width + line) * bytes, step);
      }
      this.advance(perVector);
    });
    fn.end();
    fn.countedOn(this.k, this.inner, 1, () => {
      fn.get(this.from).set(at);
      for (let line = 0; line < width; line++) {
        const lane = line % perVector;
        if (line >= vectors * perVector) {
          fn.get(this.target)
            .get(at)
            .vectorMemory(this.loadZero)
            .vectorMemory(this.storeLane, line * bytes, 0);
        } else if (lane === 0) fn.get(at).vectorMemory(this.loadZero).set(value);
        else fn.get(at).get(value).vectorMemory(this.loadLane, 0, lane).set(value);
        nextLine();
        if (line < vectors * perVector && lane === perVector - 1)
          fn.get(this.target)
            .get(value)
            .vectorMemory("v128.store", (line - lane) * bytes);
      }
      this.advance(1);
    });
  }

  /** The last panel, of which only `left` lines are there. */
  private partial(left: Local): void {
    const { fn, bytes, width } = this;
    const at = fn.local(I32);
    const zero = fn.constant(new Uint8Array(16));
    fn.counted(this.k, this.inner, 1, () => {
      fn.get(this.from).set(at);
      for (let line = 0; line < width; line++) {
        fn.i32(line).get(left).op("i32.lt_s").if();
        fn.get(this.target)
          .get(at)
          .vectorMemory(this.loadZero)
          .vectorMemory(this.storeLane, line * bytes, 0);
        fn.get(at).get(this.lineStride).op("i32.add").set(at);
        fn.else();
        fn.get(this.target)
          .get(zero)
          .vectorMemory(this.storeLane, line * bytes, 0);
        fn.end();
      }
      this.advance(1);
    });
  }
}

/** A square block of vectors, rows to columns. */
export function transpose(fn: FunctionBuilder, rows: Local[], bytes: 4 | 8): Local[] {
  const shuffle = (a: Local, b: Local, lanes: number[]): Local => {
    const out = fn.local(V128);
    const size = 16 / lanes.length;
    fn.get(a)
      .get(b)
      .shuffle(lanes.flatMap((lane) => Array.from({ length: size }, (_, byte) => lane * size + byte)))
      .set(out);
    return out;
  };
  if (bytes === 8) return [shuffle(rows[0], rows[1], [0, 2]), shuffle(rows[0], rows[1], [1, 3])];
  const low01 = shuffle(rows[0], rows[1], [0, 4, 1, 5]);
  const high01 = shuffle(rows[0], rows[1], [2, 6, 3, 7]);
  const low23 = shuffle(rows[2], rows[3], [0, 4, 1, 5]);
  const high23 = shuffle(rows[2], rows[3], [2, 6, 3, 7]);
  return [
    shuffle(low01, low23, [0, 1, 4, 5]),
    shuffle(low01, low23, [2, 3, 6, 7]),
    shuffle(high01, high23, [0, 1, 4, 5]),
    shuffle(high01, high23, [2, 3, 6, 7]),
  ];
}
