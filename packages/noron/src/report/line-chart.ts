import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { type Html, html } from "./html.ts";

export interface Series {
  name: string;
  /** Which of the page's colours and dashes. */
  style: "first" | "second";
  points: { x: number; y: number }[];
}

export interface ChartText {
  title: string;
  /** What it shows, for those who do not see it. */
  description: string;
  x: string;
  y: string;
}

/** Small enough to be read where a page is 360 pixels wide. */
const WIDTH = 340;
const HEIGHT = 220;
const MARGIN = { top: 12, right: 12, bottom: 36, left: 48 };

/** Lines, or points where `marks` says so, over two axes, as SVG. */
export function chart(
  id: string,
  text: ChartText,
  series: readonly Series[],
  options: {
    marks?: boolean;
    diagonal?: boolean;
    zeroLine?: boolean;
    vertical?: number | null;
    unit?: boolean;
    whole?: boolean;
  } = {},
): Html {
  const all = series.flatMap(({ points }) => points).filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const extent = (values: number[]): [number, number] => {
    const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    return values.length === 0 ? [0, 1] : least === most ? [least - 0.5, most + 0.5] : [least, most];
  };
  const xs = all.map(({ x }) => x);
  const ys = [...all.map(({ y }) => y), ...(options.zeroLine ? [0] : [])];
  const x = scaleLinear(options.unit ? [0, 1] : options.diagonal ? extent([...xs, ...ys]) : extent(xs), [
    MARGIN.left,
    WIDTH - MARGIN.right,
  ]);
  const y = scaleLinear(options.unit ? [0, 1] : options.diagonal ? extent([...xs, ...ys]) : extent(ys), [
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  ]);
  if (!options.unit) y.nice(5);
  if (options.marks && !options.unit) x.nice(5);
  const path = line<{ x: number; y: number }>()
    .x((point) => x(point.x))
    .y((point) => y(point.y))
    .digits(1);
  const drawn = series.map(({ style, points }) => {
    const finite = points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
    // A line of one point is not to be seen.
    if (!options.marks && finite.length > 1) return html`<path class="line ${style}" d="${path(finite) ?? ""}"/>`;
    return html`<g class="mark ${style}">${finite.map((point) => html`<circle cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}" r="2.2"/>`)}</g>`;
  });
  const [left, right] = x.domain();
  const [low, high] = y.domain();
  const guides: Html[] = [];
  const guide = (x1: number, y1: number, x2: number, y2: number) =>
    guides.push(
      html`<line class="guide" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`,
    );
  const [start, end] = [Math.max(left, low), Math.min(right, high)];
  if (options.diagonal) guide(x(start), y(start), x(end), y(end));
  if (options.zeroLine) guide(x(left), y(0), x(right), y(0));
  if (typeof options.vertical === "number") guide(x(options.vertical), y(low), x(options.vertical), y(high));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-text">
<title id="${id}-title">${text.title}</title><desc id="${id}-text">${text.description}</desc>
<g class="axis">${x
    .ticks(5)
    .filter((tick) => !options.whole || Number.isInteger(tick))
    .map(
      (tick) =>
        html`<line x1="${x(tick).toFixed(1)}" x2="${x(tick).toFixed(1)}" y1="${HEIGHT - MARGIN.bottom}" y2="${MARGIN.top}"/><text x="${x(tick).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 14}" text-anchor="middle">${tickText(tick)}</text>`,
    )}
${y.ticks(5).map((tick) => html`<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${MARGIN.left - 5}" y="${(y(tick) + 3.5).toFixed(1)}" text-anchor="end">${tickText(tick)}</text>`)}
<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${text.x}</text>
<text transform="translate(11 ${(HEIGHT - MARGIN.bottom + MARGIN.top) / 2}) rotate(-90)" text-anchor="middle">${text.y}</text></g>
${guides}${drawn}</svg>`;
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(0);
  return size >= 10_000 ? `${Number((value / 1000).toPrecision(4))}k` : String(Number(value.toPrecision(6)));
}
