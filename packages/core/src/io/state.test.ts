import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runs } from "../../../../test/fuzz.ts";
import { Tensor, tensor } from "../index.ts";
import { loadSafetensors, loadState, SafetensorsError, saveSafetensors, saveState } from "./index.ts";

const comparable = (value: unknown): unknown => {
  if (value instanceof Tensor) return [value.dtype, [...value.shape], value.dataSync()];
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, member]) => [key, comparable(member)]);
};

describe("a state", () => {
  test("comes back to the bit, with tensors under the names of their places", () => {
    const state = {
      model: { "0.weight": tensor([[1.5, -0]]), steps: tensor([3], { dtype: "int32" }) },
      optimizer: { state: { 0: { step: 2, exp_avg: tensor([Number.NaN]) } } },
      best: -Infinity,
      worst: [Number.NaN, -0, 0.1, null, "text", true],
      $tensor: { $number: "NaN" },
      absent: undefined,
    };
    const bytes = saveState(state, { note: "a" });
    const { absent: _, ...rest } = state;
    expect(comparable(loadState(bytes))).toEqual(comparable(rest));
    const { tensors, metadata } = loadSafetensors(bytes);
    expect(Object.keys(tensors).sort()).toEqual(["model.0.weight", "model.steps", "optimizer.state.0.exp_avg"]);
    expect(metadata.note).toBe("a");
  });

  test("of any records, with any keys", () => {
    const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom("$tensor", "$number", "$$", "__proto__", "a.b"));
    const leaf = fc.oneof(
      fc.double(),
      fc.string({ maxLength: 3 }),
      fc.constantFrom(null, true, -0),
      fc.nat(9).map((value) => tensor([value])),
    );
    const { state } = fc.letrec((tie) => ({
      state: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("state")), fc.dictionary(key, tie("state"))),
    }));
    fc.assert(
      fc.property(state, (value) => {
        expect(comparable(loadState(saveState(value)))).toEqual(comparable(value));
      }),
      runs(100),
    );
  });

  test("cannot hold what is no data", () => {
    expect(() => saveState({ a: { b: () => 1 } })).toThrow("a.b is a function");
    expect(() => saveState({ a: new Map() })).toThrow("a is a Map");
    expect(() => saveState([undefined])).toThrow("0 is undefined");
    const round: Record<string, unknown> = {};
    round.round = round;
    expect(() => saveState(round)).toThrow("more than 64 levels");
  });

  test("is refused where it is none, and nothing in it is trusted", () => {
    const refused = (text: string | undefined, message: RegExp) => {
      const bytes = saveSafetensors({ t: tensor([1]) }, text === undefined ? {} : { state: text });
      expect(() => loadState(bytes)).toThrow(SafetensorsError);
      expect(() => loadState(bytes)).toThrow(message);
    };
    refused(undefined, /no state/);
    refused("{", /not JSON/);
    refused('{"$tensor":"u"}', /"\$tensor", which stands for nothing/);
    refused('{"$number":"1"}', /stands for nothing/);
    refused('{"$tensor":"t","b":1}', /stands for nothing/);
    refused("[".repeat(5000) + "]".repeat(5000), /more than 64 levels/);
    const state = loadState(saveSafetensors({}, { state: '{"__proto__":{"polluted":1}}' }));
    expect(Object.keys(state as object)).toEqual(["__proto__"]);
    expect(({} as { polluted?: number }).polluted).toBe(undefined);
  });
});
