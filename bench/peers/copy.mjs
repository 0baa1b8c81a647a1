import { numbers, places } from "../lib/numbers.mjs";
import { chains } from "../lib/work.mjs";

/**
 * Not a library: the machine. A plain copy of as many bytes as the chain must move, by TypedArray.set, which is the C
 * library's memmove. One thread.
 */
export function open() {
  return {
    version: process.version,
    make({ kind, chain, size }) {
      if (kind !== "chain") return null;
      const length = (size * chains[chain].streams) / 2;
      const from = numbers(3, size * 2).subarray(0, length);
      const to = new Float32Array(length);
      return {
        check() {
          to.set(from);
          if (places(length).some((place) => to[place] !== from[place])) throw new Error("the copy differs");
          return null;
        },
        run(count) {
          for (let step = 0; step < count; step++) to.set(from);
        },
      };
    },
  };
}
