import { createRequire } from "node:module";
import { numbers, sample } from "../lib/numbers.mjs";

/** onnxruntime-node: a graph of one Gemm whose operands are both inputs, so that it packs both each time. */
export async function open({ threads = 1 } = {}) {
  const { InferenceSession, Tensor } = (await import("onnxruntime-node")).default;
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  return {
    version,
    async make(task) {
      if (task.kind !== "product") return null;
      const { m, k, n, transposeA, transposeB } = task;
      const session = await InferenceSession.create(gemmModel(task), {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
      });
      const feeds = {
        a: new Tensor("float32", numbers(1, m * k), transposeA ? [k, m] : [m, k]),
        b: new Tensor("float32", numbers(2, k * n), transposeB ? [n, k] : [k, n]),
      };
      const values = new Float32Array(m * n);
      const fetches = { c: new Tensor("float32", values, [m, n]) };
      return {
        async check() {
          const { c } = await session.run(feeds, fetches);
          return sample(c.data);
        },
        async run(count) {
          for (let step = 0; step < count; step++) await session.run(feeds, fetches);
        },
        dispose: () => session.release(),
      };
    },
  };
}

// The few fields of ONNX's protobuf that one node needs.

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  bytes.push(value);
  return bytes;
}

const number = (field, value) => [...varint(field * 8), ...varint(value)];
const message = (field, ...parts) => {
  const bytes = parts.flat();
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
};
const text = (field, value) => message(field, [...Buffer.from(value)]);

function gemmModel({ m, k, n, transposeA, transposeB }) {
  const flag = (name, on) => message(5, text(1, name), number(3, on ? 1 : 0), number(20, 2));
  const value = (field, name, shape) => {
    const dims = shape.map((extent) => message(1, number(1, extent)));
    return message(field, text(1, name), message(2, message(1, number(1, 1), message(2, ...dims))));
  };
  const node = message(
    1,
    text(1, "a"),
    text(1, "b"),
    text(2, "c"),
    text(4, "Gemm"),
    flag("transA", transposeA),
    flag("transB", transposeB),
  );
  const graph = message(
    7,
    node,
    text(2, "product"),
    value(11, "a", transposeA ? [k, m] : [m, k]),
    value(11, "b", transposeB ? [n, k] : [k, n]),
    value(12, "c", [m, n]),
  );
  return Uint8Array.from([...number(1, 8), ...message(8, text(1, ""), number(2, 13)), ...graph]);
}
