import { inspect, noGrad, type Tensor, train } from "@noron/core";
import { describeFinding, diagnoseNetwork, type HealthFinding, joinFindings } from "noron";
import { commonestShare, constantLoss, leastLoss } from "./constant-loss.ts";
import type { Answers, Confusion, LayerHistogram, Remark } from "./protocol.ts";
import type { Session } from "./session.ts";

/** What can be seen of a training between two batches, beside the region: everything is left as it was. */

/** Rows that a network is judged by. */
const ROWS = 256;

/** The part that answers are asked of: what was not trained on, where there is such. */
function asked({ examples }: Session): { part: "training" | "validation"; rows: [Tensor, Tensor] } {
  const part = examples.validation === null ? "training" : "validation";
  const dataset = examples.validation ?? examples.training;
  return { part, rows: dataset.batch(Array.from({ length: dataset.length }, (_, row) => row)) };
}

/** What the network gives in evaluation mode. */
function evaluate({ model }: Session, x: Tensor): Tensor {
  model.eval();
  try {
    const output = noGrad(() => model.forward(x) as Tensor);
    output.dataSync();
    return output;
  } finally {
    model.train();
  }
}

/** How often which class is taken for which. */
export function confusionOf(session: Session): Confusion {
  const { part, rows } = asked(session);
  const matrix = train.confusionMatrix();
  matrix.attach?.(session.loss);
  const prediction = evaluate(session, rows[0]);
  matrix.update(prediction, rows[1]);
  return { part, counts: matrix.compute() };
}

/** What the network says of examples that are shown: class numbers, or values as they were learned. */
export function answersOf(session: Session, shown: number): Answers {
  const { part, rows } = asked(session);
  const count = Math.min(shown, rows[0].shape[0]);
  const output = evaluate(session, rows[0].slice(0, 0, count));
  if (session.examples.task === "regression") return { part, values: output.dataSync() as Float32Array };
  if (output.shape[1] > 1) return { part, values: output.argmax(1).dataSync() as Int32Array };
  const threshold = session.experiment.loss.type === "BCEWithLogitsLoss" ? 0 : 0.5;
  return { part, values: output.gt(threshold).to("int32").dataSync() as Int32Array };
}

/** Weights, activations and gradients by layer, of the batch that is learned next. */
export function histogramsOf({ model, loss, next }: Session): LayerHistogram[] {
  if (next === null) return [];
  const [x, target] = next;
  const traced = inspect.trace(model, x, { loss, target });
  const found: LayerHistogram[] = [];
  for (const call of traced.calls) {
    if (call.loss || call.parent === null) continue;
    const about = { path: call.path, layer: call.layer };
    const [output] = call.outputs;
    if (output === undefined) continue;
    const count = ({ values }: { values: ArrayLike<number> }) => inspect.histogram(values, { bins: 28 });
    found.push({ ...about, of: "activations", name: "output", histogram: count(output.value) });
    if (output.gradient !== null)
      found.push({ ...about, of: "gradients", name: "output", histogram: count(output.gradient) });
    for (const { name, value } of traced.parameters)
      if (name === `${call.path}.weight`)
        found.push({ ...about, of: "weights", name: "weight", histogram: count(value) });
  }
  return found;
}

/** What is wrong with the training so far, in words. */
export function remarksOf(session: Session): Remark[] {
  const { model, loss, optimizer, examples } = session;
  const rows = Math.min(ROWS, examples.training.length);
  const [x, target] = examples.training.batch(Array.from({ length: rows }, (_, row) => row));
  const part = session.experiment.loss;
  const baseline = constantLoss(loss, part, x.shape[0], target);
  const least = leastLoss(loss, part, target);
  const commonest = examples.task === "classification" ? commonestShare(part, target) : undefined;
  const measures = inspect.measure(model, x, { loss, target, optimizer });
  const weightDecay = Number(session.experiment.optimizer.options.weightDecay ?? 0);
  const ofCurves = train.diagnoseCurves(session.history.epochs, { baseline, least, commonest });
  return joinFindings(ofCurves, diagnoseNetwork(measures, baseline, weightDecay)).map(remarkOf);
}

/** What of a finding begins with a layer's place. */
const COUNTED: ReadonlySet<string> = new Set(["path", "last"]);

/** With the places of layers as the page counts them. */
function countedFromOne(finding: HealthFinding): HealthFinding {
  const counted = (path: string): string => path.replace(/^\d+/, (place) => String(Number(place) + 1));
  const names = Object.entries(finding).map(([key, value]) => [
    key,
    COUNTED.has(key) && typeof value === "string" ? counted(value) : value,
  ]);
  return Object.fromEntries(names);
}

/** A finding in the words of both languages. */
export function remarkOf(finding: HealthFinding): Remark {
  const layer = "path" in finding ? finding.path : null;
  finding = countedFromOne(finding);
  return { code: finding.code, layer, en: describeFinding(finding, "en"), vi: describeFinding(finding, "vi", "vi") };
}
