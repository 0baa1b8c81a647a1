import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { manualSeed, nn, type Tensor, tensor } from "../index.ts";
import { describeSafetensors, loadSafetensors, SafetensorsError, saveSafetensors } from "./index.ts";

/** A file with this header and so many bytes of data. */
function file(header: unknown, data: number | number[] = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const body = typeof data === "number" ? new Array<number>(data).fill(0) : data;
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  return Uint8Array.of(...length, ...text, ...body);
}

const f32 = (shape: number[], start: number, end: number) => ({ dtype: "F32", shape, data_offsets: [start, end] });

describe("what was saved is loaded", () => {
  test("every dtype, scalars and empty tensors, with metadata", () => {
    const tensors: Record<string, Tensor> = {
      single: tensor([1.5, -0, Number.NaN, Number.POSITIVE_INFINITY]),
      double: tensor([Math.PI], { dtype: "float64" }),
      whole: tensor([[-(2 ** 31), 2 ** 31 - 1]], { dtype: "int32" }),
      truth: tensor([true, false, true]),
      scalar: tensor(7),
      empty: tensor(new Float32Array(0), { shape: [3, 0] }),
    };
    const loaded = loadSafetensors(saveSafetensors(tensors, { format: "pt", ключ: "значение" }));
    expect(loaded.metadata).toEqual({ format: "pt", ключ: "значение" });
    expect(Object.keys(loaded.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, saved] of Object.entries(tensors)) {
      const back = loaded.tensors[name];
      expect([back.dtype, back.shape, back.dataSync()]).toEqual([saved.dtype, [...saved.shape], saved.dataSync()]);
    }
  });

  test("a model's state dict, into another model", () => {
    manualSeed(1);
    const make = () => new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
    const first = make();
    const second = make();
    second.loadStateDict(loadSafetensors(saveSafetensors(first.stateDict())).tensors);
    const x = tensor([[1, 2, 3]]);
    expect(second.eval().forward(x).dataSync()).toEqual(first.eval().forward(x).dataSync());
  });

  test("its header alone says what is in it", () => {
    const bytes = saveSafetensors({ a: tensor([[1, 2, 3]]), b: tensor([1], { dtype: "int32" }) }, { note: "n" });
    const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const described = describeSafetensors(bytes.length, (start, end) => {
      expect(end).toBeLessThanOrEqual(headerEnd);
      return bytes.slice(start, end);
    });
    expect(described).toEqual({
      tensors: { a: { dtype: "float32", shape: [1, 3] }, b: { dtype: "int32", shape: [1] } },
      metadata: { note: "n" },
    });
  });

  test("the data begins on a multiple of eight, wide elements first", () => {
    const bytes = saveSafetensors({ a: tensor([true]), b: tensor([1], { dtype: "float64" }), c: tensor([2]) });
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({
      b: { dtype: "F64", shape: [1], data_offsets: [0, 8] },
      c: { dtype: "F32", shape: [1], data_offsets: [8, 12] },
      a: { dtype: "BOOL", shape: [1], data_offsets: [12, 13] },
    });
  });

  test("any names, shapes and values", () => {
    const record = fc.dictionary(
      fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
      fc.tuple(fc.constantFrom("float32", "float64", "int32", "bool"), fc.array(fc.nat(3), { maxLength: 4 }), fc.nat()),
    );
    const run = (shapes: Record<string, [string, number[], number]>, texts: Record<string, string>) => {
      const tensors = Object.fromEntries(
        Object.entries(shapes).map(([name, [dtype, shape, seed]]) => {
          const values = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (seed + i) % 1009);
          return [name, tensor(values, { shape, dtype: dtype as "float32" })];
        }),
      );
      const loaded = loadSafetensors(saveSafetensors(tensors, texts));
      expect(Object.keys(loaded.tensors).sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, saved] of Object.entries(tensors)) {
        expect(loaded.tensors[name].shape).toEqual([...saved.shape]);
        expect(loaded.tensors[name].dataSync()).toEqual(saved.dataSync());
      }
      expect(Object.entries(loaded.metadata)).toEqual(Object.entries(texts));
    };
    fc.assert(fc.property(record, fc.dictionary(fc.string(), fc.string()), run), runs(200));
  });
});

describe("other writers' dtypes become the nearest here", () => {
  const load = (dtype: string, shape: number[], bytes: number[]) => {
    const { tensors } = loadSafetensors(file({ t: { dtype, shape, data_offsets: [0, bytes.length] } }, bytes));
    return tensors.t;
  };
  test.each<[string, number[], string, number[]]>([
    ["F16", [0x00, 0x3c, 0x01, 0x00, 0x00, 0xfc, 0xff, 0x7b], "float32", [1, 2 ** -24, -Infinity, 65504]],
    ["BF16", [0x80, 0x3f, 0x49, 0xc0], "float32", [1, -3.140625]],
    ["I64", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "int32", [-1]],
    ["U64", [7, 0, 0, 0, 0, 0, 0, 0], "int32", [7]],
    ["U32", [0xff, 0xff, 0xff, 0x7f], "int32", [2 ** 31 - 1]],
    ["I16", [0xfe, 0xff], "int32", [-2]],
    ["U16", [0xfe, 0xff], "int32", [65534]],
    ["I8", [0x80, 0x7f], "int32", [-128, 127]],
    ["U8", [0x80, 0xff], "int32", [128, 255]],
  ])("%s", (dtype, bytes, expected, values) => {
    const loaded = load(dtype, [values.length], bytes);
    expect([loaded.dtype, [...loaded.dataSync()]]).toEqual([expected, values]);
  });
  test("integers beyond int32 and bools beyond 1 are refused", () => {
    expect(() => load("U32", [1], [0, 0, 0, 0x80])).toThrow(/"t" element 0 is 2147483648, which int32 cannot hold/);
    expect(() => load("I64", [1], [0, 0, 0, 0, 1, 0, 0, 0])).toThrow(/4294967296/);
    expect(() => load("BOOL", [2], [1, 2])).toThrow(/element 1 is 2, and a bool is 0 or 1/);
  });
});

describe("anything else is refused with the reason", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["no bytes", new Uint8Array(0), /8 bytes at least, and this has 0/],
    ["a huge header", new Uint8Array(16).fill(255), /header would have 18446744073709551615 bytes/],
    ["a header cut off", file({}).subarray(0, 9), /cut off/],
    ["no JSON", file("{hello"), /header is not JSON/],
    ["a byte order mark", file("\ufeff{}"), /header is not JSON/],
    ["an array", file([]), /not an object/],
    ["a tensor that is a number", file({ a: 1 }), /"a" is not described by an object/],
    ["no dtype", file({ a: { shape: [], data_offsets: [0, 0] } }), /"a" has no dtype/],
    ["a dtype of elsewhere", file({ a: { dtype: "F8_E4M3", shape: [1], data_offsets: [0, 1] } }, 1), /F8_E4M3/],
    ["the dtype constructor", file({ a: { dtype: "constructor", shape: [1], data_offsets: [0, 1] } }, 1), /not among/],
    ["a negative extent", file({ a: f32([-1], 0, 4) }, 4), /no shape of whole numbers/],
    ["a fraction of an extent", file({ a: f32([1.5], 0, 6) }, 6), /no shape of whole numbers/],
    ["one offset", file({ a: { dtype: "F32", shape: [0], data_offsets: [0] } }), /data_offsets/],
    ["a shape that is too large", file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), /needs .* bytes/],
    ["offsets that do not fit", file({ a: f32([2], 0, 4) }, 4), /needs 8 bytes, but data_offsets give it 4/],
    ["offsets backwards", file({ a: f32([1], 4, 0) }, 4), /give it -4/],
    ["data cut off", file({ a: f32([2], 0, 8) }, 7), /ends at byte 8 of the data, which has only 7/],
    ["data left over", file({ a: f32([1], 0, 4) }, 6), /2 bytes after the last tensor/],
    ["a gap", file({ a: f32([1], 4, 8) }, 8), /leaves a gap after byte 0/],
    ["shared data", file({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4), /shares bytes/],
    ["a name twice", file('{"a":{},"\\u0061":{}}'), /has "a" twice/],
    ["a member twice", file('{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4), /twice/],
    ["metadata that is no text", file({ __metadata__: { a: 1 } }), /metadata "a" is not a text/],
    ["metadata that is no object", file({ __metadata__: [] }), /not an object/],
  ])("%s", (_, bytes, message) => {
    expect(() => loadSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => loadSafetensors(bytes)).toThrow(message);
    expect(() => describeSafetensors(bytes.length, (start, end) => bytes.slice(start, end))).toThrow(message);
  });

  test("a deeply nested header", () => {
    expect(() => loadSafetensors(file("[".repeat(100_000)))).toThrow(SafetensorsError);
    const nested = `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`;
    expect(() => loadSafetensors(file(nested))).toThrow(SafetensorsError);
  });

  test("saving what the format has no place for", () => {
    expect(() => saveSafetensors({ __metadata__: tensor(1) })).toThrow(SafetensorsError);
    expect(() => saveSafetensors({}, { n: 1 as unknown as string })).toThrow(/"n" is no text/);
  });
});

describe("any bytes give tensors or a clear error", () => {
  const check = (bytes: Uint8Array) => {
    try {
      const { tensors } = loadSafetensors(bytes);
      for (const loaded of Object.values(tensors)) expect(loaded.dataSync().length).toBeLessThanOrEqual(bytes.length);
    } catch (error) {
      if (!(error instanceof SafetensorsError)) throw error;
      expect(error.message.length).toBeLessThan(600);
    }
  };
  test("random bytes, with and without a right length", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), runs(500));
    const framed = fc.tuple(fc.json(), fc.array(fc.nat(255), { maxLength: 16 }));
    fc.assert(
      fc.property(framed, ([json, data]) => check(file(json, data))),
      runs(500),
    );
  });
  test("headers that are almost right", () => {
    const number = fc.oneof(fc.nat(20), fc.integer(), fc.double(), fc.constantFrom(2 ** 53, 2 ** 31, -1));
    const entry = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom("F32", "F64", "I32", "BOOL", "F16", "I64", "U8"), fc.string()),
        shape: fc.array(number, { maxLength: 4 }),
        data_offsets: fc.array(number, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(entry, fc.jsonValue()));
    fc.assert(
      fc.property(header, fc.nat(40), (value, length) => check(file(value, length))),
      runs(500),
    );
  });
  test("a good file with bytes changed, cut off or added", () => {
    const good = saveSafetensors(
      {
        weight: tensor([
          [1, 2],
          [3, 4],
        ]),
        n: tensor([1], { dtype: "int32" }),
      },
      { a: "b" },
    );
    const change = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
    const spoil = (changes: [number, number][], length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(good.subarray(0, length));
      for (const [place, value] of changes) if (place < length) bytes[place] = value;
      check(bytes);
    };
    fc.assert(fc.property(change, fc.nat(good.length + 8), spoil), runs(1000));
  });
});
