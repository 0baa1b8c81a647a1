import { classColor, rgbOf } from "../theme/class-colors.ts";
import { themeColor } from "../theme/theme.svelte.ts";
import type { DataFacts, Field, Part } from "../worker/protocol.ts";

/** Draws what the network says of the region of its data, and the data on it. */
export function drawRegion(canvas: HTMLCanvasElement, data: DataFacts, field: Field | null): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  const ground = rgbOf(themeColor("surface"));
  context.fillStyle = themeColor("surface");
  context.fillRect(0, 0, width, height);
  if (field?.kind === "classes") drawClasses(context, field, data.classes.length, ground);
  for (const part of [data.training, data.validation]) if (part !== null) drawPoints(context, data, part);
}

/** Shades of a class's colour from unsure to sure. */
const SHADES = 32;

function drawClasses(
  context: CanvasRenderingContext2D,
  { side, classes, confidence }: Extract<Field, { kind: "classes" }>,
  kinds: number,
  ground: [number, number, number],
): void {
  const image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const least = 1 / kinds;
  const shades = Array.from({ length: kinds }, (_, kind) => {
    const color = rgbOf(classColor(kind));
    return Uint32Array.from({ length: SHADES + 1 }, (_, shade) => {
      const share = 0.12 + (0.5 * shade) / SHADES;
      const [r, g, b] = color.map((part, index) => Math.round(part * share + ground[index] * (1 - share)));
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
  });
  for (let place = 0; place < pixels.length; place++) {
    const sure = (confidence[place] - least) / (1 - least);
    pixels[place] = shades[classes[place]][Math.round(SHADES * Math.min(1, Math.max(0, sure)))];
  }
  const small = new OffscreenCanvas(side, side);
  small.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, context.canvas.width, context.canvas.height);
}

function drawPoints(context: CanvasRenderingContext2D, { extent, shape }: DataFacts, { x, labels }: Part): void {
  if (shape[0] !== 2) return;
  const { width, height } = context.canvas;
  const [[left, right], [low, high]] = extent;
  context.lineWidth = 1.5;
  context.strokeStyle = themeColor("surface");
  for (let row = 0; row < labels.length; row++) {
    context.fillStyle = classColor(labels[row]);
    context.beginPath();
    context.arc(
      (width * (x[2 * row] - left)) / (right - left),
      height - (height * (x[2 * row + 1] - low)) / (high - low),
      5,
      0,
      2 * Math.PI,
    );
    context.fill();
    context.stroke();
  }
}
