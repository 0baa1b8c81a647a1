import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../test/fuzz.ts";
import {
  LAYERS,
  type LayerType,
  LOSSES,
  type LossType,
  OPTIMIZERS,
  type OptimizerType,
} from "../src/experiment/catalog.ts";
import { type Experiment, layer, loss, optimizer, SAMPLES, sample } from "../src/experiment/experiment.ts";
import { type Link, misreadIn, readLink, VIEWS, writeLink } from "../src/experiment/link.ts";
import type { OptionSpec, OptionSpecs, OptionValue } from "../src/experiment/options.ts";
import { preset } from "../src/experiment/presets.ts";

function valueOf(spec: OptionSpec): fc.Arbitrary<OptionValue> {
  if (spec.kind === "boolean") return fc.boolean();
  if (spec.kind === "choice") return fc.constantFrom(...spec.values);
  if (spec.kind === "size") return fc.integer({ min: 1, max: spec.most });
  const { least, most, open } = spec;
  return fc.double({ min: least, max: most, noNaN: true, minExcluded: open ?? false }).map((value) => value + 0);
}
const optionsOf = (specs: OptionSpecs) =>
  fc.record<Record<string, OptionValue>>(
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, valueOf(spec)])),
    {
      requiredKeys: [],
    },
  );

function partOf<Type extends string, Made>(
  catalog: Readonly<Record<Type, { options: OptionSpecs }>>,
  make: (type: Type, options: Record<string, OptionValue>) => Made,
): fc.Arbitrary<Made> {
  const types = Object.keys(catalog) as Type[];
  return fc
    .constantFrom(...types)
    .chain((type) => optionsOf(catalog[type].options).map((options) => make(type, options)));
}

const experiment: fc.Arbitrary<Experiment> = fc.record({
  data: fc.oneof(
    fc.record({
      source: fc.constant("sample" as const),
      name: fc.constantFrom(...SAMPLES),
      count: fc.integer({ min: 10, max: 5000 }),
      noise: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
      classes: fc.integer({ min: 2, max: 8 }),
    }),
    fc.record({
      source: fc.constant("table" as const),
      name: fc.string({ unit: "grapheme", minLength: 1 }),
      target: fc.string({ unit: "grapheme" }),
      task: fc.constantFrom(null, "classification" as const, "regression" as const),
      kinds: fc
        .dictionary(
          fc.string({ unit: "grapheme" }).filter((name) => name !== "__proto__"),
          fc.constantFrom("number" as const, "ignore" as const),
        )
        .map((kinds) => ({ ...kinds })),
    }),
  ),
  validation: fc.double({ min: 0, max: 0.9, noNaN: true }).map((value) => value + 0),
  layers: fc.array(partOf<LayerType, ReturnType<typeof layer>>(LAYERS, layer), { maxLength: 8 }),
  loss: partOf<LossType, ReturnType<typeof loss>>(LOSSES, loss),
  optimizer: partOf<OptimizerType, ReturnType<typeof optimizer>>(OPTIMIZERS, optimizer),
  batchSize: fc.integer({ min: 1, max: 10_000 }),
  seed: fc.maxSafeNat(),
});

const link: fc.Arbitrary<Link> = fc.record({
  view: fc.constantFrom(...VIEWS),
  page: fc.constantFrom("", "normalization"),
  experiment,
  step: fc.option(fc.integer({ min: 0, max: 1e7 })),
  hidden: fc.subarray(["data", "network", "code", "presets"]),
  language: fc.constantFrom(null, "en" as const, "vi" as const),
});

describe("the address of the page", () => {
  it("holds all of an experiment, and gives it back", () => {
    fc.assert(
      fc.property(link, (given) => {
        expect(readLink(writeLink(given))).toEqual(given);
        expect(misreadIn(writeLink(given))).toEqual([]);
      }),
      runs(100),
    );
  });

  it("makes something of any text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          link
            .map(writeLink)
            .chain((text) => fc.integer({ min: 0, max: text.length }).map((cut) => text.slice(0, cut))),
        ),
        (text) => {
          const read = readLink(`#${text}`);
          expect(readLink(writeLink(read))).toEqual(read);
        },
      ),
      runs(100),
    );
  });

  it("is legible", () => {
    const layers = preset("xor").layers.with(0, layer("Linear", { outFeatures: 4 }));
    const given: Link = {
      view: "train",
      page: "",
      experiment: { ...preset("xor"), data: sample("moons"), layers },
      step: 40,
      hidden: ["code"],
      language: "vi",
    };
    expect(writeLink(given)).toBe(
      "#train?data=moons,300,0.1,2&validation=0.25&layers=Linear;outFeatures=4,ReLU,Linear;outFeatures=auto,Sigmoid&loss=BCELoss&optimizer=SGD;lr=0.1;momentum=0.9&batch=20&seed=1&step=40&hide=code&lang=vi",
    );
  });

  it("has what suits its data where it says no more", () => {
    const of = (fragment: string) => {
      const { loss, layers } = readLink(fragment).experiment;
      return [loss.type, layers[0]?.type];
    };
    expect(of("#train?data=digits")).toEqual(["CrossEntropyLoss", "Flatten"]);
    expect(of("#train?data=curve")).toEqual(["MSELoss", "Linear"]);
    expect(of("#train?data=digits&layers=Linear,ReLU&loss=MSELoss")).toEqual(["MSELoss", "Linear"]);
  });

  it("leaves what makes no sense as it is", () => {
    const {
      experiment: read,
      view,
      step,
    } = readLink("#nowhere?data=nothing,1&layers=Nonsense&loss=MSELoss;delta=x&batch=-3&seed=1.5&step=-1");
    expect([view, step, read.batchSize, read.seed, read.loss]).toEqual(["train", null, 20, 1, loss("MSELoss")]);
    expect(read.layers).toEqual(preset("spirals").layers);
    const broken =
      "#nowhere?data=nothing,1&layers=Linear;outFeatures=8;width=3,Nonsense&loss=MSELoss;delta=x&batch=-3&seed=1.5&step=-1&hide=code,al&ocean=9";
    expect(misreadIn(broken)).toEqual([
      ...["nowhere", "data=nothing,1", "layers=Linear;width=3", "layers=Nonsense", "loss=MSELoss;delta=x"],
      ...["batch=-3", "seed=1.5", "step=-1", "hide=al", "ocean=9"],
    ]);
    expect(misreadIn("")).toEqual([]);
  });
});
