import { fitCanvas } from "../charts/canvas.ts";
import { themeColor } from "../theme/theme.svelte.ts";
import type { Answers, DataFacts, Part } from "../worker/protocol.ts";

/** Draws what is said of each example over what is so: on the line where both are equal, all is right. */
export function drawAgainst(canvas: HTMLCanvasElement, data: DataFacts, part: Part, answers: Answers | null): void {
  const { context, width, height } = fitCanvas(canvas);
  context.fillStyle = themeColor("surface");
  context.fillRect(0, 0, width, height);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const label of part.labels) {
    low = Math.min(low, label);
    high = Math.max(high, label);
  }
  const margin = 0.1 * (high - low || 1);
  const share = (value: number): number => (value - low + margin) / (high - low + 2 * margin);
  context.strokeStyle = themeColor("line-strong");
  context.setLineDash([5, 5]);
  context.beginPath();
  context.moveTo(0, height);
  context.lineTo(width, 0);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = themeColor(data.validation === null ? "training" : "validation");
  context.globalAlpha = 0.75;
  if (answers !== null)
    for (let row = 0; row < answers.values.length; row++) {
      context.beginPath();
      context.arc(width * share(part.labels[row]), height * (1 - share(answers.values[row])), 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  context.globalAlpha = 1;
}
