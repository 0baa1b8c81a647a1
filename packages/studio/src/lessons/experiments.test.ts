import { describe, expect, it } from "vitest";
import { type Experiment, layer } from "../experiment/experiment.ts";
import { readLink, writeLink } from "../experiment/link.ts";
import { remarksOf } from "../worker/looks.ts";
import { Session } from "../worker/session.ts";
import { LESSON_EXPERIMENTS } from "./experiments.ts";
import { LESSONS } from "./lesson.ts";

/** What became of a training after some epochs, on average over the last ones: single epochs jump. */
async function learned(experiment: Experiment, epochs = 60) {
  let remarks: string[] = [];
  const session = new Session(experiment, null, {
    between: (of) => {
      if (of.epoch < epochs) return;
      remarks = remarksOf(of).map(({ code }) => code);
      of.end();
    },
  });
  session.run();
  await session.train();
  const last = session.history.epochs.slice(-20);
  const mean = (name: string) => last.reduce((sum, log) => sum + Number(log[name]), 0) / last.length;
  return { accuracy: mean("accuracy"), validationLoss: mean("validationLoss"), remarks };
}

/** A lesson's experiment with something changed, as its text asks for. */
function changed(name: (typeof LESSONS)[number], change: (experiment: Experiment) => void): Experiment {
  const experiment = structuredClone(LESSON_EXPERIMENTS[name].experiment);
  change(experiment);
  return experiment;
}

describe("what lessons send to the studio", () => {
  it.each(LESSONS)("%s is the same where its link is opened", (name) => {
    const { view, experiment, step } = LESSON_EXPERIMENTS[name];
    const read = readLink(writeLink({ view, page: "", experiment, step, hidden: [], language: null }));
    expect(read).toMatchObject({ view, step });
    expect(read.experiment).toEqual(experiment);
  });

  it("linear layers alone go round no ring", async () => {
    expect((await learned(LESSON_EXPERIMENTS.linear.experiment)).accuracy).toBeLessThan(0.7);
    const bent = changed("linear", ({ layers }) => layers.splice(1, 0, layer("Tanh")));
    expect((await learned(bent)).accuracy).toBeGreaterThan(0.9);
  });

  it("sigmoids let gradients vanish, tanh does not, and batch norm mends it", async () => {
    const sigmoids = await learned(LESSON_EXPERIMENTS.activations.experiment, 300);
    expect(sigmoids.accuracy).toBeLessThan(0.6);
    expect(sigmoids.remarks).toContain("vanishing-gradients");
    const bent = changed("activations", (of) => {
      of.layers = of.layers.map((each) => (each.type === "Sigmoid" ? layer("Tanh") : each));
    });
    const tanh = await learned(bent, 300);
    expect(tanh.accuracy).toBeGreaterThan(0.95);
    expect(tanh.remarks).not.toContain("vanishing-gradients");
    const normalized = await learned(LESSON_EXPERIMENTS.normalization.experiment, 300);
    expect(normalized.accuracy).toBeGreaterThan(0.9);
    expect(normalized.remarks).not.toContain("vanishing-gradients");
  });

  it("dropout holds overfitting down", async () => {
    const { validationLoss } = await learned(LESSON_EXPERIMENTS.dropout.experiment, 400);
    const without = changed("dropout", (of) => {
      of.layers = of.layers.filter(({ type }) => type !== "Dropout");
    });
    const { validationLoss: overfitted, remarks } = await learned(without, 400);
    expect(overfitted).toBeGreaterThan(3 * validationLoss);
    expect(remarks).toContain("overfitting");
  });

  it("binary cross entropy makes sure answers", async () => {
    expect((await learned(LESSON_EXPERIMENTS.losses.experiment)).accuracy).toBeGreaterThan(0.9);
  });

  it("momentum is faster", async () => {
    expect((await learned(LESSON_EXPERIMENTS.optimizers.experiment)).accuracy).toBeGreaterThan(0.95);
    const without = changed("optimizers", (of) => {
      of.optimizer.options.momentum = 0;
    });
    expect((await learned(without)).accuracy).toBeLessThan(0.8);
  });
});
