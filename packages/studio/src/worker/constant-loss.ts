import { type nn, noGrad, type Tensor } from "@noron/core";
import type { LossType } from "../experiment/catalog.ts";
import type { Part } from "../experiment/options.ts";

/** So that the logarithm of a class without rows is finite. */
const LEAST = 1e-6;

/** The loss of always giving the mean of the targets, as the loss wants it given: what a network that learned is below. */
export function constantLoss(loss: nn.Loss, { type, options }: Part<LossType>, rows: number, target: Tensor): number {
  return noGrad(() => {
    const classes = type === "CrossEntropyLoss" || type === "NLLLoss";
    const wanted = classes ? target.oneHot(target.max().itemSync() + 1).to("float32") : target;
    const mean = wanted.mean(0, { keepdim: true });
    const share = mean.clamp(LEAST, 1 - LEAST);
    const logarithm = type === "NLLLoss" || (type === "CrossEntropyLoss" && options.input === "logits");
    const given = logarithm ? share.log() : type === "BCEWithLogitsLoss" ? share.div(share.neg().add(1)).log() : mean;
    return loss.forward(given.expand([rows, given.shape[1]]), target).itemSync();
  });
}
