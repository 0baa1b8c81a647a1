import { describe, expect, it } from "vitest";
import { readLink } from "../experiment/link.ts";
import { remarksOf } from "./looks.ts";
import type { Remark } from "./protocol.ts";
import { Session } from "./session.ts";

/** What is told at the end of some epochs of the experiment in a link. */
async function remarksAt(link: string, at: (epoch: number) => boolean, epochs: number): Promise<Remark[][]> {
  const told: Remark[][] = [];
  let seen = 0;
  const session = new Session(readLink(`#train?${link}`).experiment, null, {
    between: (of) => {
      if (of.epoch > seen) {
        seen = of.epoch;
        if (at(seen)) told.push(remarksOf(of));
      }
      if (seen >= epochs) of.end();
    },
  });
  session.run();
  await session.train();
  return told;
}

const codes = (remarks: readonly Remark[]): string[] => remarks.map(({ code }) => code);

const SMOOTHED =
  "data=spirals,300,0.02,2&validation=0.25&layers=Linear;outFeatures=12,Tanh,Linear;outFeatures=12,Tanh,Linear;outFeatures=auto&loss=CrossEntropyLoss;labelSmoothing=0.9&optimizer=Adam;lr=0.01&batch=20&seed=1";
const NOISY =
  "data=curve,300,0.2,2&validation=0.25&layers=Linear;outFeatures=16,ReLU,Linear;outFeatures=auto&loss=L1Loss&optimizer=RMSprop;lr=0.01&batch=20&seed=1";
const MOONS = "data=moons,300,0.1,2&validation=0.25&batch=20&seed=1";
const SOFTMAX = "layers=Linear;outFeatures=8,Tanh,Linear;outFeatures=auto,Softmax&loss=MSELoss";
const SMALL = "layers=Linear;outFeatures=8,Tanh,Linear;outFeatures=auto&loss=CrossEntropyLoss";
const LINEAR =
  "data=circles,300,0.05,2&validation=0.25&layers=Linear,Linear;outFeatures=auto&loss=CrossEntropyLoss&optimizer=SGD;lr=0.02&batch=225&seed=1";

describe("what is told of a training", () => {
  it("is not that nothing was learned where smoothed labels keep the loss up", async () => {
    const [remarks] = await remarksAt(SMOOTHED, (epoch) => epoch === 100, 100);
    expect(codes(remarks)).not.toContain("not-learning");
  });

  it("calls a loss below that of a constant answer hardly better", async () => {
    const told = await remarksAt(LINEAR, (epoch) => epoch % 400 === 0, 2000);
    const [remark] = told.at(-1)!;
    expect(remark.code).toBe("not-learning");
    expect(remark.en.what).toContain("hardly better than");
    // It has converged: no higher rate would help.
    expect(told.flatMap(codes)).not.toContain("updates-too-small");
  });

  it("does not tell of overfitting for a noisy epoch", async () => {
    const noisy = await remarksAt(NOISY, () => true, 150);
    expect(noisy.flatMap(codes)).not.toContain("overfitting");
  });

  it("gives no advice on rates where the output cannot change", async () => {
    const [remarks] = await remarksAt(`${MOONS}&${SOFTMAX}&optimizer=SGD;lr=0.05`, (epoch) => epoch === 10, 10);
    expect(codes(remarks)).toEqual(["no-gradients"]);
    expect(remarks[0]).toMatchObject({ layer: "3", en: { what: expect.stringContaining('layer "4" (Softmax)') } });
  });

  it("lays weights next to 0 to weight decay", async () => {
    const decay = "optimizer=SGD;lr=0.1;weightDecay=0.5";
    const told = await remarksAt(`${MOONS}&${SMALL}&${decay}`, (epoch) => epoch % 10 === 0, 150);
    expect(codes(told.at(-1)!)).toEqual(["decayed-weights"]);
    expect(told.flatMap(codes)).not.toContain("vanishing-gradients");
  });

  it("says how many answers are right where a high rate makes the wrong ones cost much", async () => {
    const told = await remarksAt(`${MOONS}&${SMALL}&optimizer=SGD;lr=100`, (epoch) => epoch >= 10, 60);
    const large = told.flat().filter(({ code }) => code === "updates-too-large");
    expect(large.length).toBeGreaterThan(0);
    // By the layer as the page counts it, and not by a name that the file gives to another.
    for (const { en } of large) expect(en.what).toMatch(/^each step changes the weight of layer "[13]" \(Linear\) by/);
    const costly = told.flat().filter(({ code }) => code === "costly-errors");
    expect(costly.length).toBeGreaterThan(0);
    for (const { en } of costly) {
      expect(en.what).toMatch(/^up to \d\d(\.\d)? % of the answers are right/);
      expect(en.what).not.toContain("diverged");
    }
  });
});
