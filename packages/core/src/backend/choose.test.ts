import { afterEach, expect, it } from "vitest";
import { getBackend, randn, setBackend, tensor } from "../index.ts";

afterEach(() => setBackend("wasm"));

it("evaluates on the backend that was chosen, with the same values", () => {
  const x = randn([5, 3]);
  const values = x.dataSync();
  const onEngine = tensor(values).exp().sum().itemSync();
  setBackend("reference");
  expect(getBackend()).toBe("reference");
  expect(tensor(values).exp().sum().itemSync()).toBeCloseTo(onEngine, 4);
  setBackend("wasm");
  expect(getBackend()).toBe("wasm");
  expect(tensor(values).exp().sum().itemSync()).toBe(onEngine);
});

it("refuses a name that it does not know", () => {
  expect(() => setBackend("cuda" as never)).toThrow(/no backend "cuda".*wasm/);
});
