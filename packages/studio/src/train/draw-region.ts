import { fitCanvas } from "../charts/canvas.ts";
import { classColor, divergingPixels, divergingPlace, largestOf, pixel, rgbOf } from "../charts/colors.ts";
import { themeColor } from "../theme/theme.svelte.ts";
import type { DataFacts, Field, Part } from "../worker/protocol.ts";

/** What one unit gives over the region: rows of `side` values, or one row of a curve. */
export interface UnitMap {
  side: number;
  values: Float32Array;
}

/** Draws what the network, or one of its units, says of the region of its data, and the data on it. */
export function drawRegion(
  canvas: HTMLCanvasElement,
  data: DataFacts,
  field: Field | null,
  unit: UnitMap | null,
): void {
  const { context, width, height } = fitCanvas(canvas);
  const place: Place = { context, width, height, data };
  context.fillStyle = themeColor("surface");
  context.fillRect(0, 0, width, height);
  const plane = data.shape[0] === 2;
  if (plane && unit !== null) drawValues(place, unit.side, unit.values, largestOf(unit.values));
  else if (plane && field?.kind === "classes") drawClasses(place, field, field.side);
  else if (plane && field?.kind === "values") drawValues(place, field.side, field.values, largestLabel(data));
  else if (field?.kind === "classes") drawClasses(place, field, 1);
  drawAxes(place);
  context.drawImage(examplesOf(place, canvas), 0, 0, width, height);
  if (field?.kind === "curve") drawCurve(place, field.x, field.y);
}

interface Place {
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  width: number;
  height: number;
  data: DataFacts;
}

/** The examples as they were last drawn: they stay while the network moves. */
let drawn: { data: DataFacts; width: number; ground: string; picture: OffscreenCanvas } | null = null;

function examplesOf(
  { width, height, data }: Place,
  { width: across, height: down }: HTMLCanvasElement,
): OffscreenCanvas {
  const ground = themeColor("surface");
  if (drawn?.data === data && drawn.width === across && drawn.ground === ground) return drawn.picture;
  const picture = new OffscreenCanvas(across, down);
  const context = picture.getContext("2d")!;
  context.scale(across / width, down / height);
  for (const [part, filled] of [[data.training, true] as const, [data.validation, false] as const])
    if (part !== null) drawPoints({ context, width, height, data }, part, filled);
  drawn = { data, width: across, ground, picture };
  return picture;
}

/** Shades of a class's colour from unsure to sure. */
const SHADES = 32;

function drawClasses(place: Place, field: Extract<Field, { kind: "classes" }>, rows: number): void {
  const { classes, confidence } = field;
  const kinds = place.data.classes.length;
  const ground = rgbOf(themeColor("surface"));
  const least = 1 / kinds;
  const shades = Array.from({ length: kinds }, (_, kind) => {
    const color = rgbOf(classColor(kind));
    return Uint32Array.from({ length: SHADES + 1 }, (_, shade) => pixel(color, ground, 0.06 + (0.5 * shade) / SHADES));
  });
  drawPixels(place, classes.length / rows, rows, (index) => {
    const sure = (confidence[index] - least) / (1 - least);
    return shades[classes[index]][Math.round(SHADES * Math.min(1, Math.max(0, sure || 0)))];
  });
}

function drawValues(place: Place, side: number, values: Float32Array, largest: number): void {
  const colors = divergingPixels();
  drawPixels(place, side, values.length / side, (index) => colors[divergingPlace(values[index], largest)]);
}

function drawPixels(
  { context, width, height }: Place,
  across: number,
  down: number,
  of: (index: number) => number,
): void {
  const image = new ImageData(across, down);
  const pixels = new Uint32Array(image.data.buffer);
  for (let index = 0; index < pixels.length; index++) pixels[index] = of(index);
  const small = new OffscreenCanvas(across, down);
  small.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, width, height);
}

function largestLabel({ training }: DataFacts): number {
  return largestOf(training.labels);
}

/** Where a value of an axis lies, 0 to 1. */
function share([low, high]: [number, number], value: number): number {
  return (value - low) / (high - low);
}

function drawAxes({ context, width, height, data }: Place): void {
  context.strokeStyle = themeColor("line-strong");
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  context.beginPath();
  const [across, up] = data.extent;
  if (across !== undefined && across[0] < 0 && across[1] > 0) {
    const x = Math.round(width * share(across, 0)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, height);
  }
  if (up !== undefined && up[0] < 0 && up[1] > 0) {
    const y = Math.round(height * (1 - share(up, 0))) + 0.5;
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** Training examples as discs; those of validation as rings. */
function drawPoints({ context, width, height, data }: Place, { x, labels }: Part, filled: boolean): void {
  const [across, up] = data.extent;
  const features = data.shape[0];
  const regression = data.task === "regression";
  const largest = largestLabel(data);
  const radius = Math.max(2.2, Math.min(5, width / 110)) * (labels.length > 500 ? 0.75 : 1);
  const surface = themeColor("surface");
  const colors = regression ? divergingCss() : data.classes.map((_, kind) => classColor(kind));
  for (let row = 0; row < labels.length; row++) {
    const left = width * share(across, x[features * row]);
    const value =
      features === 2 ? share(up, x[2 * row + 1]) : regression ? share(up, labels[row]) : strip(data, labels[row]);
    const color = regression
      ? features === 1
        ? themeColor(filled ? "training" : "validation")
        : colors[divergingPlace(labels[row], largest)]
      : colors[labels[row]];
    context.beginPath();
    context.arc(left, height * (1 - value), filled ? radius : radius - 0.5, 0, 2 * Math.PI);
    context.lineWidth = filled ? 1 : 2;
    context.fillStyle = filled ? color : surface;
    context.strokeStyle = filled ? surface : color;
    context.fill();
    context.stroke();
  }
}

/** Of one feature and classes: a height for each class. */
function strip({ classes }: DataFacts, label: number): number {
  return (label + 0.5) / classes.length;
}

function divergingCss(): string[] {
  return Array.from(divergingPixels(), (value) => `rgb(${value & 255} ${(value >> 8) & 255} ${(value >> 16) & 255})`);
}

function drawCurve({ context, width, height, data }: Place, x: Float32Array, y: Float32Array): void {
  const [across, up] = data.extent;
  context.beginPath();
  for (let index = 0; index < x.length; index++)
    context.lineTo(width * share(across, x[index]), height * (1 - share(up, y[index])));
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = themeColor("negative");
  context.stroke();
}
