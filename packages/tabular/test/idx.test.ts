import { gzipSync } from "node:zlib";
import {
  applyImages,
  DataError,
  findIdxPairs,
  fitImages,
  parsePreprocessing,
  readIdx,
  readIdxImages,
} from "@noron/tabular";
import { describe, expect, test } from "vitest";

/** An IDX file: type, sizes, then bytes. */
function idx(type: number, shape: number[], data: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = type;
  bytes[3] = shape.length;
  shape.forEach((size, index) => {
    view.setUint32(4 + 4 * index, size);
  });
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}

const bigEndian = (bytes: number, write: (view: DataView) => void) => {
  const view = new DataView(new ArrayBuffer(bytes));
  write(view);
  return new Uint8Array(view.buffer);
};

describe("IDX", () => {
  test.each<[string, number, number[], ArrayLike<number>, number[]]>([
    ["uint8", 0x08, [2, 2], [1, 2, 3, 255], [1, 2, 3, 255]],
    ["int8", 0x09, [2], [1, 255], [1, -1]],
    ["int16", 0x0b, [2], bigEndian(4, (v) => [v.setInt16(0, -300), v.setInt16(2, 7)]), [-300, 7]],
    ["int32", 0x0c, [1, 1], bigEndian(4, (v) => v.setInt32(0, -70_000)), [-70_000]],
    ["float32", 0x0d, [1], bigEndian(4, (v) => v.setFloat32(0, 1.5)), [1.5]],
    ["float64", 0x0e, [1], bigEndian(8, (v) => v.setFloat64(0, 0.1)), [0.1]],
  ])("%s", async (type, code, shape, data, expected) => {
    for (const bytes of [idx(code, shape, data), gzipSync(idx(code, shape, data))]) {
      const array = await readIdx(bytes);
      expect(array).toMatchObject({ type, shape });
      expect([...array.data]).toEqual(expected);
    }
  });

  test.each<[string, Uint8Array, string, RegExp]>([
    ["no bytes", new Uint8Array(0), "empty-file", /empty/],
    ["another file", new TextEncoder().encode("a,b\n1,2\n"), "not-idx", /61 2c 62 0a/],
    ["an unknown type", idx(0x0a, [1], [1]), "not-idx", /not an IDX file/],
    ["no dimensions", idx(0x08, [], [1]), "not-idx", /not an IDX file/],
    ["cut off in the header", idx(0x08, [2, 2], []).subarray(0, 7), "truncated-idx", /within its header/],
    [
      "cut off in the data",
      idx(0x08, [3, 2], [1, 2, 3]),
      "truncated-idx",
      /3 × 2 elements, 18 bytes in all, but there are only 15 bytes/,
    ],
    ["cut off, gzip", gzipSync(idx(0x08, [3, 2], [1, 2, 3])), "truncated-idx", /cut off/],
    ["half a gzip file", gzipSync(idx(0x08, [64], new Uint8Array(64))).subarray(0, 20), "truncated-gzip", /cut off/],
    ["an impossible size", idx(0x0e, [0xffffffff, 0xffffffff], [1]), "idx-size", /4 GiB/],
    ["255 impossible sizes", idx(0x08, new Array(255).fill(0xffffffff), [1]), "idx-size", /4 GiB/],
    ["a size of nothing", idx(0x08, [0, 28], []), "empty-file", /0 × 28/],
    ["too long", idx(0x08, [2], [1, 2, 3]), "idx-size", /not the file that it says/],
    [
      "a small gzip file that unpacks to very much",
      gzipSync(idx(0x08, [2], new Uint8Array(2 ** 25))),
      "idx-size",
      /more/,
    ],
  ])("%s is refused", async (_, bytes, code, message) => {
    const error = await readIdx(bytes, { name: "x.idx" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, file: "x.idx" });
    expect((error as DataError).message).toMatch(message);
  });
});

describe("images with labels", () => {
  const pixels = { name: "images", bytes: idx(0x08, [3, 2, 2], [0, 0, 255, 255, 0, 255, 0, 255, 255, 0, 0, 255]) };
  const labels = { name: "labels", bytes: idx(0x08, [3], [0, 2, 0]) };

  test("are paired in either order, scaled and kept as JSON", async () => {
    const images = await readIdxImages(labels, pixels);
    expect(images).toEqual(await readIdxImages(pixels, labels));
    expect(images).toMatchObject({ count: 3, height: 2, width: 2, labels: Int32Array.from([0, 2, 0]) });
    const fitted = fitImages(images, [0, 1]);
    expect(fitted).toMatchObject({ mean: 127.5, standardDeviation: 127.5, classes: ["0", "1", "2"] });
    expect(parsePreprocessing(JSON.stringify(fitted))).toEqual(fitted);
    const applied = applyImages(fitted, images, [1, 2]);
    expect([...applied.features]).toEqual([-1, 1, -1, 1, 1, -1, -1, 1]);
    expect(applied).toMatchObject({ width: 4, classes: Int32Array.from([2, 0]) });
    expect(applyImages(fitted, await readIdxImages(pixels)).classes).toBeUndefined();
  });

  test.each<[string, Uint8Array, Uint8Array, RegExp]>([
    ["other counts", pixels.bytes, idx(0x08, [2], [0, 1]), /2 labels here and 3 images in/],
    ["images twice", pixels.bytes, pixels.bytes, /labels are one whole number/],
    ["labels twice", labels.bytes, labels.bytes, /images are count/],
    ["negative labels", pixels.bytes, idx(0x09, [3], [0, 255, 0]), /label -1 of image 1/],
  ])("%s are refused", async (_, first, second, message) => {
    const error = await readIdxImages({ name: "a", bytes: first }, { name: "b", bytes: second }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: "idx-pair", message: expect.stringMatching(message) });
  });

  test("of another size, and labels that training had not, are refused", async () => {
    const images = await readIdxImages(pixels, labels);
    const fitted = fitImages(images, [0, 1]);
    const larger = { ...images, height: 1, width: 4 };
    expect(() => applyImages(fitted, larger)).toThrow(expect.objectContaining({ code: "image-size" }));
    const other = { ...images, labels: Int32Array.from([0, 1, 7]) };
    expect(() => applyImages(fitted, other)).toThrow(expect.objectContaining({ code: "unknown-class", value: "7" }));
    expect(() => fitImages({ ...images, labels: new Int32Array(3) }, [0])).toThrow(
      expect.objectContaining({ code: "one-class" }),
    );
  });

  test("are found among the names in a folder", () => {
    const names = [
      "README.md",
      "t10k-labels-idx1-ubyte.gz",
      "t10k-images-idx3-ubyte.gz",
      "train-images.idx3-ubyte",
      "train-labels.idx1-ubyte",
    ];
    expect(findIdxPairs(names)).toEqual([
      { prefix: "train", images: names[3], labels: names[4] },
      { prefix: "t10k", images: names[2], labels: names[1] },
    ]);
    expect(findIdxPairs(["a-images-idx3-ubyte", "b-labels-idx1-ubyte"])).toEqual([]);
  });
});
