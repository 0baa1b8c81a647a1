import { type nn, noGrad, type Tensor } from "@noron/core";
import type { LossType } from "../experiment/catalog.ts";
import type { Part } from "../experiment/options.ts";

/** So that the logarithm of a class without rows is finite. */
const LEAST = 1e-6;

/** The loss of always giving the mean of the targets, as the loss wants it given: what a network that learned is below. */
export function constantLoss(loss: nn.Loss, of: Part<LossType>, rows: number, target: Tensor): number {
  return noGrad(() => {
    const mean = wantedOf(of, target).mean(0, { keepdim: true });
    return loss.forward(givenFor(of, mean).expand([rows, mean.shape[1]]), target).itemSync();
  });
}

/** The loss where every answer is what is wanted: above 0 with smoothed labels. */
export function leastLoss(loss: nn.Loss, of: Part<LossType>, target: Tensor): number {
  if (smoothingOf(of) === 0) return 0;
  return noGrad(() => loss.forward(givenFor(of, wantedOf(of, target)), target).itemSync());
}

/** The share of the commonest class; targets of one number are 0 and 1. */
export function commonestShare(of: Part<LossType>, target: Tensor): number {
  return noGrad(() => {
    const mean = (classesOf(of) ? oneHot(target) : target).mean(0);
    return Math.max(...mean.dataSync(), ...(classesOf(of) ? [] : mean.neg().add(1).dataSync()));
  });
}

/** The targets as the numbers that the outputs stand for. */
function wantedOf(of: Part<LossType>, target: Tensor): Tensor {
  if (!classesOf(of)) return target;
  const wanted = oneHot(target);
  const smoothing = smoothingOf(of);
  return wanted.mul(1 - smoothing).add(smoothing / wanted.shape[1]);
}

function classesOf({ type }: Part<LossType>): boolean {
  return type === "CrossEntropyLoss" || type === "NLLLoss";
}

function smoothingOf({ type, options }: Part<LossType>): number {
  return type === "CrossEntropyLoss" ? Number(options.labelSmoothing ?? 0) : 0;
}

function oneHot(target: Tensor): Tensor {
  return target.oneHot(target.max().itemSync() + 1).to("float32");
}

/** What a network gives where its outputs stand for these numbers. */
function givenFor({ type, options }: Part<LossType>, wanted: Tensor): Tensor {
  const share = wanted.clamp(LEAST, 1 - LEAST);
  if (type === "NLLLoss" || (type === "CrossEntropyLoss" && options.input === "logits")) return share.log();
  return type === "BCEWithLogitsLoss" ? share.div(share.neg().add(1)).log() : wanted;
}
