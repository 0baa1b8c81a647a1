import { expect, test } from "vitest";
import { type Experiment, layer, loss } from "../experiment/experiment.ts";
import { preset } from "../experiment/presets.ts";
import { type Landscape, landscapeOf } from "./landscape.ts";
import { LANDSCAPE_POWERS } from "./landscape-request.ts";
import { Session } from "./session.ts";

/** What is shown of the surface after some epochs. */
async function landscapeAfter(experiment: Experiment, epochs: number, power: number | null): Promise<Landscape> {
  let found: Landscape | null = null;
  const session = new Session(experiment, null, {
    between: (of) => {
      if (of.epoch < epochs || found !== null) return;
      found = landscapeOf(of, { power, momentum: 0.8, steps: 40, seed: 1 });
      of.end();
    },
  });
  session.run();
  await session.train();
  return found!;
}

/** The first and the last loss of each path. */
const ends = ({ paths }: Landscape): [number, number][] =>
  paths.map(({ points }) => [Number(points[0].loss), Number(points[points.length - 1].loss)]);

test("paths go down a smooth surface at the usual rate", async () => {
  const found = await landscapeAfter(preset("spirals"), 0, null);
  expect(found.power).toBe(LANDSCAPE_POWERS.first);
  for (const [first, last] of ends(found)) expect(last).toBeLessThan(first);
});

test("the usual rate is kept on a surface that is flat", async () => {
  const experiment = preset("spirals");
  const zeros = experiment.layers.map((each) =>
    each.type === "Linear" ? layer("Linear", { ...each.options, init: "zeros" }) : each,
  );
  const { power } = await landscapeAfter({ ...experiment, layers: zeros }, 0, null);
  expect(power).toBe(LANDSCAPE_POWERS.first);
});

test("a lower rate is found where they would leave a steep one, unless a rate is asked for", async () => {
  // A sum over the rows is as many times as steep as their mean.
  const experiment = { ...preset("curve"), loss: loss("MSELoss", { reduction: "sum" }) };
  const found = await landscapeAfter(experiment, 0, null);
  expect(found.power).toBeLessThan(LANDSCAPE_POWERS.first);
  for (const [first, last] of ends(found)) expect(last).toBeLessThan(first);
  const asked = await landscapeAfter(experiment, 0, LANDSCAPE_POWERS.first);
  expect(asked.power).toBe(LANDSCAPE_POWERS.first);
  expect(ends(asked).some(([first, last]) => !(last < first))).toBe(true);
});
