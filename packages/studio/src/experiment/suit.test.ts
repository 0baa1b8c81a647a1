import { expect, test } from "vitest";
import type { LossType, Task } from "./catalog.ts";
import { loss } from "./experiment.ts";
import { preset } from "./presets.ts";
import { suitLoss } from "./suit.ts";

function suited(type: LossType, task: Task, before: Task | null): LossType {
  const experiment = { ...preset("spirals"), loss: loss(type) };
  suitLoss(experiment, task, before);
  return experiment.loss.type;
}

test("a loss stays as long as it can be meant", () => {
  expect(suited("CrossEntropyLoss", "regression", "classification")).toBe("MSELoss");
  expect(suited("MSELoss", "classification", "regression")).toBe("CrossEntropyLoss");
  expect(suited("HuberLoss", "regression", "regression")).toBe("HuberLoss");
  expect(suited("MSELoss", "classification", "classification")).toBe("MSELoss");
  expect(suited("MSELoss", "classification", null)).toBe("MSELoss");
  expect(suited("HuberLoss", "regression", "classification")).toBe("HuberLoss");
});
