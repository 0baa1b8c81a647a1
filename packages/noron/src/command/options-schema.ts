import { columnChoices } from "@noron/tabular";
import { z } from "zod";
import { ACTIVATIONS, LOSSES, NORMS, OPTIMIZERS } from "../model/choices.ts";
import { MODULE_FILE } from "../model/module-file.ts";
import { SCHEDULE_NAMES } from "../model/schedules.ts";

/** The options of train as they stand in a file, within the bounds that the command line has too. */

const oneOf = (choices: object) => z.enum(Object.keys(choices) as [string, ...string[]]);
const whole = (least: number, most: number) => z.int().min(least).max(most);
const below = (most: number) => z.number().min(0).max(most);
const positive = z.number().gt(0).lt(1e30);
const columns = z.union([z.string(), z.array(z.string())]);
const heldOut = z.union([z.number().gt(0).lt(1), z.string()]);

export const OPTIONS_FILE = z
  .strictObject({
    $schema: z.string().describe("where an editor finds this schema"),
    data: columns.describe(
      "what train takes as its arguments: tables, IDX files or their folder, a folder of images by class, sample:NAME",
    ),
    target: z.string().describe("the column to be learned"),
    task: z.enum(["classification", "regression"]).describe("what the target is, where it is guessed wrong"),
    type: z.record(z.string(), z.enum(columnChoices)).describe("what columns are used as"),
    drop: columns.describe("columns to leave out"),
    keep: columns.describe("the only columns to learn from"),
    split: z.string().describe("how rows are held out: random, stratified, time:COLUMN, group:COLUMN"),
    val: heldOut.describe("rows to choose the best epoch by: a share, or a file of their own"),
    test: heldOut.describe("rows to measure the result on: a share, or a file of their own"),
    model: z
      .union([z.array(whole(1, Number.MAX_SAFE_INTEGER)).max(100), z.literal("none"), z.string().regex(MODULE_FILE)])
      .describe("sizes of the hidden layers, none for a linear model, or a file such as net.ts that makes the network"),
    activation: oneOf(ACTIVATIONS).describe("after every hidden layer"),
    norm: oneOf(NORMS).describe("before every activation"),
    dropout: below(0.99).describe("share of every hidden layer that is dropped"),
    loss: oneOf(LOSSES).describe("what is made small"),
    classWeights: z
      .union([z.enum(["balanced", "none"]), z.record(z.string(), z.number().gt(0).max(1e6))])
      .describe("what a row of each class counts in the loss"),
    optimizer: oneOf(OPTIMIZERS).describe("how it is made small"),
    lr: z.union([positive, z.literal("auto")]).describe("learning rate; auto finds one by a range test"),
    weightDecay: below(1e6).describe("how strongly weights are pulled to zero"),
    momentum: below(0.99999).describe("how much of the last step goes on, of sgd, momentum, nesterov and rmsprop"),
    nesterov: z.boolean().describe("Nesterov's step, of sgd with a momentum"),
    beta1: below(0.99999).describe("how much of the old mean of gradients stays, of adam and adamw"),
    beta2: below(0.9999999).describe("how much of the old mean of their squares stays, of adam and adamw"),
    alpha: below(0.9999999).describe("how much of the old mean of squares stays, of rmsprop"),
    clipNorm: positive.describe("the largest norm that all gradients together may have"),
    schedule: z.enum(SCHEDULE_NAMES as [string, ...string[]]).describe("how the learning rate moves over the epochs"),
    gamma: z.number().gt(0).lt(10).describe("what the rate is multiplied with, of step, exponential and plateau"),
    stepSize: whole(1, 1e6).describe("after how many epochs, of step"),
    batch: whole(1, 1e7).describe("rows a step"),
    epochs: whole(1, 1e6).describe("passes over the training rows at most"),
    patience: whole(0, 1e6).describe("stop after so many epochs without a better validation loss; 0 for never"),
    seed: whole(0, Number.MAX_SAFE_INTEGER).describe("fixes split, weights and order"),
    imageSize: z
      .union([whole(1, 2048), z.string().regex(/^\d{1,5}x\d{1,5}$/)])
      .describe("size that image files are brought to, in pixels: 32, or 48x32 of height and width"),
    channels: z.union([z.literal(1), z.literal(3)]).describe("1 for grey, 3 for colour"),
    stream: z.boolean().describe("whether the table is read in pieces, in bounded memory"),
    out: z.string().describe("where the run is saved"),
    eject: z.string().describe("also write the same training as a program that uses the library"),
    log: z.enum(["text", "json"]).describe("how progress and results are written"),
  })
  .partial();

/** The same for editors. */
export function optionsJsonSchema(): object {
  const schema = z.toJSONSchema(OPTIONS_FILE, { target: "draft-7" });
  return { ...schema, title: "Options of noron train", description: "For noron train --config FILE; flags win." };
}
