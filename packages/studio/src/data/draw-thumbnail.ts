import { fitCanvas } from "../charts/canvas.ts";
import { classColor } from "../charts/colors.ts";
import { themeColor } from "../theme/theme.svelte.ts";
import type { DataFacts } from "../worker/protocol.ts";

/** Draws a data set small: its points, or some of its images. */
export function drawThumbnail(canvas: HTMLCanvasElement, data: DataFacts): void {
  const { context, width, height } = fitCanvas(canvas);
  context.clearRect(0, 0, width, height);
  if (data.shape.length > 1) drawImages(context, data, width);
  else drawPoints(context, data, width, height);
}

function drawPoints(context: CanvasRenderingContext2D, data: DataFacts, width: number, height: number): void {
  const { x, labels } = data.training;
  const [across, up] = data.extent;
  const regression = data.task === "regression";
  for (let row = 0; row < labels.length; row++) {
    const left = (width * (x[regression ? row : 2 * row] - across[0])) / (across[1] - across[0]);
    const value = regression ? labels[row] : x[2 * row + 1];
    context.fillStyle = regression ? themeColor("accent") : classColor(labels[row]);
    context.beginPath();
    context.arc(left, height - (height * (value - up[0])) / (up[1] - up[0]), 1.6, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Nine images in a square. */
function drawImages(context: CanvasRenderingContext2D, { shape, training }: DataFacts, width: number): void {
  const side = shape[2];
  const small = new OffscreenCanvas(side, side);
  const pen = small.getContext("2d")!;
  context.imageSmoothingEnabled = true;
  const cell = width / 3;
  for (let image = 0; image < 9; image++) {
    const pixels = new ImageData(side, side);
    const values = new Uint32Array(pixels.data.buffer);
    for (let place = 0; place < values.length; place++) {
      const ink = 255 - Math.round(255 * training.x[image * side * side + place]);
      values[place] = ((255 << 24) | (ink << 16) | (ink << 8) | ink) >>> 0;
    }
    pen.putImageData(pixels, 0, 0);
    context.drawImage(small, (image % 3) * cell, Math.floor(image / 3) * cell, cell - 1, cell - 1);
  }
}
