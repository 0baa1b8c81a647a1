import { mlp } from "./numbers.mjs";

const FLOAT = 4;

/**
 * The fewest bytes that the kernels of the MLP's training step must move. Parameters and momentum are read and written
 * once, the batch and its labels read, the running statistics read and written: `endless`, with a cache that holds all
 * that lies between. Without one (`least`) what waits for the whole batch has to be fetched again: the batch for the
 * first layer's weight gradient, which waits for the loss; every parameter for its update; the hidden values, written
 * once and read three times, since BatchNorm's statistics are complete only after the first product, and the two sums of
 * its gradient only after another pass; the gradient of the logits, written once and read in those two passes. The rest
 * can stay where it is computed: gradients, which the update could take as they come, dropout's mask, which can be drawn
 * again.
 * @param {number} batch
 */
export function fewestBytes(batch) {
  const { inputs, hidden, classes } = mlp;
  const parameters = inputs * hidden + hidden + 2 * hidden + hidden * classes + classes;
  const endless = FLOAT * (4 * parameters + batch * inputs + batch + 4 * hidden);
  const again = FLOAT * (batch * inputs + parameters + 4 * batch * hidden + 3 * batch * classes);
  return { endless, least: endless + again };
}
