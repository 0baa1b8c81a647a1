import { createRequire } from "node:module";
import { tiny } from "../lib/numbers.mjs";

/**
 * brain.js. It knows no batches: a pass over the 32 examples is 32 updates, one example each, and its last layer has the
 * activation too. So its row is one pass over the same examples; there are no numbers to agree on but that it learns.
 */
export async function open() {
  const require = createRequire(import.meta.url);
  const { NeuralNetwork } = require("brain.js");
  const x = tiny.x();
  const y = tiny.y();
  const examples = Array.from({ length: tiny.batch }, (_, row) => ({
    input: [x[2 * row], x[2 * row + 1]],
    output: [y[row]],
  }));
  const options = { learningRate: tiny.lr, momentum: 1e-9, errorThresh: 1e-9, errorCheckInterval: 1e9, log: false };
  return {
    version: require("brain.js/package.json").version,
    make({ kind, loop }) {
      if (kind !== "tiny" || loop === "read first") return null;
      const network = new NeuralNetwork({ inputSize: 2, hiddenLayers: [8, 8], outputSize: 1, activation: "tanh" });
      const train = (iterations) => network.train(examples, { ...options, iterations });
      const error = () =>
        examples.reduce((sum, { input, output }) => sum + (network.run(input)[0] - output[0]) ** 2, 0) / tiny.batch;
      return {
        check() {
          train(1);
          const before = error();
          train(300);
          if (!(error() < before)) throw new Error(`it does not learn: ${before} became ${error()}`);
          return null;
        },
        run: train,
      };
    },
  };
}
