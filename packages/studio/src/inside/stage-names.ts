import { t } from "../i18n/i18n.svelte.ts";
import { indexOf } from "./places.ts";
import type { LayerOverview, Stage, StepOverview, ValueTable } from "./step-view.ts";

/** What stages, layers and tables are called, and what is said of them, in the language of the page. */

export const PHASES = ["forward", "loss", "backward", "update"] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf({ phase }: Stage): Phase {
  return phase === "lossGradient" || phase === "parameter" ? "backward" : phase;
}

export function stageKey(stage: Stage): string {
  return Object.values(stage).join(".");
}

/** The layer that an update is of, by its place, and the parameter by its name there. */
export function updated({ layers, updates }: StepOverview, update: number): { layer: number; parameter: string } {
  const { name } = updates[update];
  const dot = name.lastIndexOf(".");
  const layer = layers.findIndex(({ path }) => path === name.slice(0, Math.max(0, dot)));
  return { layer, parameter: name.slice(dot + 1) };
}

/** "Tanh, layer 2" */
export function layerName(overview: StepOverview, index: number): string {
  return `${overview.layers[index].layer}, ${t("inside:layer", { number: index + 1 })}`;
}

export function stageTitle(overview: StepOverview, stage: Stage): string {
  switch (stage.phase) {
    case "forward":
    case "backward":
      return t(`inside:stage.${stage.phase}`, { layer: layerName(overview, stage.layer) });
    case "loss":
      return t("inside:stage.loss", { loss: overview.lossName });
    case "lossGradient":
      return t("inside:stage.lossGradient");
    case "parameter":
      return t("inside:stage.parameter", { layer: layerName(overview, stage.layer), parameter: stage.parameter });
    case "update": {
      const { optimizer } = overview.updates[stage.update];
      const { layer, parameter } = updated(overview, stage.update);
      return t("inside:stage.update", { layer: layerName(overview, layer), optimizer, parameter });
    }
  }
}

/** As it stands in the list of operations, under its phase. */
export function shortStage(overview: StepOverview, stage: Stage): string {
  switch (stage.phase) {
    case "forward":
      return `${stage.layer + 1} ${overview.layers[stage.layer].layer}`;
    case "backward":
      return `${stage.layer + 1} ${overview.layers[stage.layer].layer} ${t("inside:short.backward")}`;
    case "parameter":
      return `${stage.layer + 1} ${overview.layers[stage.layer].layer} ${t("inside:short.parameter", { parameter: stage.parameter })}`;
    case "loss":
      return overview.lossName;
    case "lossGradient":
      return t("inside:short.lossGradient");
    case "update": {
      const { layer, parameter } = updated(overview, stage.update);
      return `${layer + 1} ${overview.layers[layer].layer} ${parameter}`;
    }
  }
}

/** One sentence on what happens there. */
export function about(overview: StepOverview, stage: Stage): string {
  switch (stage.phase) {
    case "forward":
      return forwardAbout(overview.layers[stage.layer], overview.training);
    case "loss":
      return t(overview.lossSettings.input === "logits" ? "inside:about.crossEntropy" : "inside:about.loss");
    case "lossGradient":
      return t("inside:about.lossGradient");
    case "parameter": {
      const linear = isLinear(overview.layers[stage.layer]);
      if (stage.parameter === "weight") return t(linear ? "inside:about.weightGradient" : "inside:about.scaleGradient");
      return t(linear ? "inside:about.biasGradient" : "inside:about.shiftGradient");
    }
    case "backward":
      return backwardAbout(overview.layers[stage.layer], overview.training);
    case "update":
      return t("inside:about.update");
  }
}

const isLinear = ({ layer }: LayerOverview): boolean => layer === "Linear" || layer === "DropConnect";

/** Layers that give every element as it came, in another shape perhaps. */
const PASSES_ON: ReadonlySet<string> = new Set(["Identity", "Flatten", "Unflatten"]);

/** Whether it normalizes by its running statistics. */
const isFixed = ({ layer, settings }: LayerOverview, training: boolean): boolean =>
  !training && /^(Batch|Instance)Norm/.test(layer) && settings.trackRunningStats !== false;

function forwardAbout(of: LayerOverview, training: boolean): string {
  const { layer, parameters } = of;
  const linear = parameters.length > 1 ? "inside:about.linear" : "inside:about.linearWithoutBias";
  if (layer === "Linear") return t(linear);
  if (layer === "DropConnect") return t(training ? "inside:about.dropConnect" : linear);
  if (layer === "Dropout") return t(training ? "inside:about.dropout" : "inside:about.dropoutOff");
  if (PASSES_ON.has(layer)) return t("inside:about.identity");
  if (layer === "Softmax" || layer === "LogSoftmax") return t("inside:about.softmax");
  if (layer.startsWith("BatchNorm"))
    return t(isFixed(of, training) ? "inside:about.batchNormOff" : "inside:about.batchNorm");
  if (layer === "RMSNorm") return t("inside:about.rmsNorm");
  if (layer.includes("Norm")) return t(parameters.length > 0 ? "inside:about.norm" : "inside:about.normWithoutScale");
  return t("inside:about.activation");
}

function backwardAbout(of: LayerOverview, training: boolean): string {
  const { layer } = of;
  if (isLinear(of)) return t("inside:about.linearBack");
  if (layer === "Dropout") return t(training ? "inside:about.dropoutBack" : "inside:about.identityBack");
  if (PASSES_ON.has(layer)) return t("inside:about.identityBack");
  if (layer === "Softmax" || layer === "LogSoftmax") return t("inside:about.softmaxBack");
  if (layer === "RMSNorm") return t("inside:about.rmsNormBack");
  if (layer.includes("Norm")) return t(isFixed(of, training) ? "inside:about.fixedBack" : "inside:about.normBack");
  return t("inside:about.activationBack");
}

export function tableName({ name, of = "" }: ValueTable): string {
  if (name === "noted") return t(`inside:noted.${of}` as "inside:noted.mask");
  return t(`inside:table.${name}`, { of });
}

/** "[3, 1]", counted from 1. */
export function placeName(shape: readonly number[], place: number): string {
  return `[${indexOf(shape, place).join(", ")}]`;
}
