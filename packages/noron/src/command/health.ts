import { existsSync } from "node:fs";
import type { train } from "@noron/core";
import { DivergedError } from "../errors.ts";
import type { DivergenceCause } from "../health/divergence.ts";
import { describeFinding } from "../health/texts.ts";
import { spoken, t } from "../language/current.ts";
import type { Fitted } from "../model/fit.ts";
import { shortNumber } from "./format.ts";
import type { Log } from "./log.ts";
import { retryCommand } from "./retry.ts";

/** The best epoch of a training that diverged later, and where it is saved. */
export interface Kept {
  epoch: number;
  folder: string;
}

/** Tells what is wrong with a network that has been trained. */
export function tellFindings(log: Log, { findings }: Fitted): void {
  for (const finding of findings) {
    log.note(t("words.note", { text: t("training.finding", { ...describeFinding(finding, spoken()) }) }));
  }
  if (findings.length === 0) return;
  log.note("");
  log.event("health", { findings });
}

/** The error that a training which diverged ends the command with: where it began, what is kept, what to try. */
export function divergedError(
  { epoch, batch, loss }: train.DivergenceError,
  { finding, cause, lr }: DivergenceCause,
  kept: Kept | null,
): DivergedError {
  const argv = process.argv.slice(2);
  // A training that is gone on with keeps its rate: another would be another training.
  const resumed = argv.some((word) => /^--resume(=|$)/.test(word));
  const command = lr === null || resumed ? null : retry(argv, lr, kept);
  const text = finding === null ? null : describeFinding(finding, spoken());
  const at = { loss: shortNumber(loss), epoch };
  const lines = [batch === null ? t("training.diverged", at) : t("training.divergedBatch", { ...at, batch })];
  if (text !== null) lines.push(`  ${text.what}.`);
  if (cause === "values") lines.push(`  ${t("training.divergedValues")}`);
  if (cause === "unknown") lines.push(`  ${t("training.divergedUnknown")}`);
  if (kept !== null) lines.push(`  ${t("training.divergedKept", { ...kept })}`);
  if (command !== null) lines.push(`  ${t("training.divergedRetry")}`);
  else if (lr !== null) lines.push(`  ${t("training.divergedAnew", { lr })}`);
  const fields = {
    epoch,
    batch,
    loss: writable(loss),
    finding: finding && writable(finding),
    cause,
    lr,
    kept,
  };
  return new DivergedError(lines.join("\n"), fields, command ?? undefined);
}

function retry(argv: readonly string[], lr: number, kept: Kept | null): string {
  const changes: Record<string, string | null> = { "--lr": String(lr), "--eject": null };
  // What is saved is not written over.
  if (kept !== null) changes["--out"] = freeName(kept.folder);
  return retryCommand(argv, changes);
}

function freeName(folder: string): string {
  for (let number = 2; ; number++) if (!existsSync(`${folder}-${number}`)) return `${folder}-${number}`;
}

/** With what JSON has no number for as text. */
function writable(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, writable(each)]));
}
