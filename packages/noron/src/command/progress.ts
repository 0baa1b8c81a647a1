import type { train } from "@noron/core";
import cliProgress from "cli-progress";
import { t } from "../language/current.ts";
import type { FitObserver } from "../model/fit.ts";
import { duration, shortNumber } from "./format.ts";
import type { Log } from "./log.ts";

/**
 * Shows a training while it runs: a bar in a terminal that may be written over, some plain lines elsewhere and with NO_COLOR,
 * an object an epoch as JSON.
 * @param signal a bar goes away with it, so that what is then told has a line of its own
 */
export function showProgress(log: Log, signal: AbortSignal): FitObserver {
  if (log.json) return observeEpochs((epoch) => log.event("epoch", { ...epoch }));
  return process.stderr.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb"
    ? showBar(signal)
    : showLines(log);
}

function observeEpochs(told: (epoch: train.EpochLog) => void): FitObserver {
  return { begin() {}, batch() {}, epoch: told, end() {} };
}

function describeEpoch(log: train.EpochLog): string {
  const parts = [
    t("training.loss", { value: shortNumber(log.loss) }),
    t("training.validation", { value: shortNumber(log.validationLoss) }),
  ];
  if (log.validationAccuracy !== undefined)
    parts.push(t("training.accuracy", { value: shortNumber(log.validationAccuracy) }));
  return parts.join("  ");
}

function showBar(signal: AbortSignal): FitObserver {
  const format = `  ${t("training.bar")}`;
  const bar = new cliProgress.SingleBar(
    { format, clearOnComplete: true, etaBuffer: 200, fps: 10, stream: process.stderr, barsize: 16 },
    cliProgress.Presets.rect,
  );
  let epochs = 0;
  const end = () => bar.stop();
  return {
    begin(count, batches, done) {
      epochs = count;
      signal.addEventListener("abort", end);
      bar.start(count * batches, done * batches, { epoch: Math.min(done + 1, epochs), epochs, numbers: "" });
    },
    batch() {
      if (!signal.aborted) bar.increment();
    },
    epoch(log) {
      if (!signal.aborted) bar.update({ epoch: Math.min(log.epoch + 1, epochs), numbers: describeEpoch(log) });
    },
    end() {
      signal.removeEventListener("abort", end);
      end();
    },
  };
}

/** At most about this many lines. */
const MOST_LINES = 20;

function showLines(log: Log): FitObserver {
  let epochs = 0;
  let before = 0;
  let start = 0;
  return {
    begin(count, _batches, done) {
      epochs = count;
      before = done;
      start = performance.now();
    },
    batch() {},
    epoch(numbers) {
      const { epoch } = numbers;
      const every = Math.ceil(epochs / MOST_LINES);
      if (epoch !== before + 1 && epoch !== epochs && epoch % every !== 0) return;
      const seconds = (performance.now() - start) / 1000;
      const left = (seconds / (epoch - before)) * (epochs - epoch);
      const eta = epoch === epochs ? "" : `  ${t("training.remaining", { time: duration(left) })}`;
      const which = t("training.epoch", { epoch: String(epoch).padStart(String(epochs).length), epochs });
      log.note(`${which}  ${describeEpoch(numbers)}${eta}`);
    },
    end() {},
  };
}
