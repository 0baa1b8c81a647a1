import type { Explanation } from "../../formula/explanation.ts";
import * as activations from "../activation.ts";
import { BatchNorm1d, BatchNorm2d } from "../batch-norm.ts";
import { BCELoss, BCEWithLogitsLoss } from "../binary-loss.ts";
import { Flatten, Unflatten } from "../container.ts";
import { CrossEntropyLoss, NLLLoss } from "../cross-entropy.ts";
import { Dropout } from "../dropout.ts";
import { GroupNorm } from "../group-norm.ts";
import { InstanceNorm1d, InstanceNorm2d } from "../instance-norm.ts";
import { LayerNorm, RMSNorm } from "../layer-norm.ts";
import { DropConnect, Linear } from "../linear.ts";
import { HuberLoss, L1Loss, MSELoss } from "../regression-loss.ts";
import * as activation from "./activation.ts";
import { binaryCrossEntropy, binaryCrossEntropyOfLogits } from "./binary-loss.ts";
import { crossEntropy, negativeLogLikelihood } from "./class-loss.ts";
import { dropout } from "./dropout.ts";
import { identity } from "./identity.ts";
import { linear } from "./linear.ts";
import { channelNormalization, layerNormalization, rmsNormalization } from "./normalization.ts";
import { huber, meanAbsolute, meanSquared } from "./regression-loss.ts";
import { logSoftmax, softmax } from "./softmax.ts";

/** The explanation of every layer and loss, by its class. */
const EXPLANATIONS: readonly (readonly [layer: { readonly name: string }, explanation: Explanation])[] = [
  [Linear, linear],
  [DropConnect, linear],
  [Dropout, dropout],
  [Flatten, identity],
  [Unflatten, identity],
  [activations.Identity, identity],
  [activations.Sigmoid, activation.sigmoid],
  [activations.Tanh, activation.tanh],
  [activations.ReLU, activation.relu],
  [activations.LeakyReLU, activation.leakyRelu],
  [activations.GELU, activation.gelu],
  [activations.SiLU, activation.silu],
  [activations.ELU, activation.elu],
  [activations.Softplus, activation.softplus],
  [activations.Softmax, softmax],
  [activations.LogSoftmax, logSoftmax],
  [BatchNorm1d, channelNormalization],
  [BatchNorm2d, channelNormalization],
  [GroupNorm, channelNormalization],
  [InstanceNorm1d, channelNormalization],
  [InstanceNorm2d, channelNormalization],
  [LayerNorm, layerNormalization],
  [RMSNorm, rmsNormalization],
  [MSELoss, meanSquared],
  [L1Loss, meanAbsolute],
  [HuberLoss, huber],
  [BCELoss, binaryCrossEntropy],
  [BCEWithLogitsLoss, binaryCrossEntropyOfLogits],
  [NLLLoss, negativeLogLikelihood],
  [CrossEntropyLoss, crossEntropy],
];

const names = new Map<unknown, string>(EXPLANATIONS.map(([layer]) => [layer, layer.name]));

/** By the class's name, as steps carry it. */
export const layerExplanations: ReadonlyMap<string, Explanation> = new Map(
  EXPLANATIONS.map(([layer, explanation]) => [layer.name, explanation]),
);

/** The name that a module's explanation has; null for a class of the user's own. */
export function explanationName(module: object): string | null {
  return names.get(module.constructor) ?? null;
}
