import { inspect } from "@noron/core";
import { plain } from "../language/plain.ts";
import { wrap } from "../language/wrap.ts";
import type { RowExplanation } from "./explain-row.ts";
import type { ExplainTexts } from "./texts.ts";

export interface LectureOptions {
  /** The characters of a line. */
  width: number;
  /** Every number, however many. */
  full: boolean;
  /** Only the layer at this path. */
  layer?: string;
  /** The neuron that formulas are written out for, from 1; the one with the largest gradient or output unless given. */
  neuron?: number;
}

/** What the explanation of a row is of: names for its headings. */
export interface LectureOf {
  data: string;
  images: boolean;
  loss: string;
  optimizer: string;
  lr: number;
}

/** The explanation of a row as lines of text: the lecture on real numbers. */
export function writeLecture(
  explanation: RowExplanation,
  of: LectureOf,
  texts: ExplainTexts,
  options: LectureOptions,
): string[] {
  const page = new Page(texts, options);
  const { step } = explanation;
  const whole = options.layer === undefined;
  if (whole) {
    const { row, file } = explanation;
    const image = texts.image(row, file === of.data ? file : `${of.data} (${file})`);
    page.heading(of.images ? image : texts.row(row, file));
    page.cells(explanation.cells);
    page.heading(texts.features(explanation.features.length));
    page.named(explanation.features);
    page.text(texts.evaluation);
  }
  for (const layer of step.layers) if (whole || layer.path === options.layer) page.forward(layer);
  if (whole) {
    page.heading(texts.prediction);
    page.prediction(explanation);
  }
  const { lossStep } = step;
  if (lossStep === null) {
    page.text("");
    page.text(texts.noGradient);
    return page.lines;
  }
  if (whole) page.loss(lossStep, of.loss);
  page.heading(texts.backward);
  if (whole) page.backward(step, lossStep, of.loss);
  for (let index = step.layers.length - 1; index >= 0; index--)
    if (whole || step.layers[index].path === options.layer)
      page.backward(step, step.layers[index], texts.layer(step.layers[index].path, step.layers[index].layer));
  page.heading(texts.update(of.optimizer, of.lr));
  for (const update of step.updates) if (whole || update.name.startsWith(`${options.layer}.`)) page.update(update);
  return page.lines;
}

/** The layer's output element that formulas are written out for: asked for, or the one that matters most. */
export function chosenPlace(layer: inspect.LayerStep, neuron: number | undefined): number {
  const { value, gradient } = layer.output;
  if (neuron !== undefined) return Math.min(neuron, value.values.length) - 1;
  return largest(gradient?.values ?? value.values);
}

/** The place of the number that is largest without its sign. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place++)
    if (Math.abs(values[place]) > Math.abs(values[best])) best = place;
  return best;
}

class Page {
  readonly lines: string[] = [];
  /** The formulas of updates that have been written. */
  private readonly updated = new Set<string>();

  constructor(
    private readonly texts: ExplainTexts,
    private readonly options: LectureOptions,
  ) {}

  heading(text: string): void {
    if (this.lines.length > 0) this.lines.push("");
    this.lines.push(...wrap(text, this.options.width, "", ""));
  }

  text(text: string): void {
    this.lines.push(...wrap(text, this.options.width, "  ", "  "));
  }

  cells(cells: RowExplanation["cells"]): void {
    for (const { name, value, target } of this.shortened(cells))
      this.text(`${plain(name)}: ${plain(value)}${target ? `  (${this.texts.target})` : ""}`);
    this.rest(cells.length);
  }

  named(values: readonly { name: string; value: number }[]): void {
    const written = this.shortened(values).map(({ name, value }) => `${plain(name)} ${inspect.shortNumber(value)}`);
    this.text(written.join("   "));
    this.rest(values.length);
  }

  private shortened<T>(list: readonly T[]): readonly T[] {
    return this.options.full ? list : list.slice(0, MOST);
  }

  private rest(count: number): void {
    if (!this.options.full && count > MOST) this.text(this.texts.more(count - MOST));
  }

  prediction({ prediction, known }: RowExplanation): void {
    if ("probabilities" in prediction) {
      const shares = Object.entries(prediction.probabilities).sort(([, one], [, other]) => other - one);
      this.text(plain(prediction.prediction));
      this.text(
        this.shortened(shares)
          .map(([name, share]) => `${plain(name)} ${inspect.shortNumber(share)}`)
          .join("   "),
      );
      this.rest(shares.length);
    } else this.text(inspect.shortNumber(prediction.prediction));
    if (known !== null)
      this.text(`${this.texts.known}: ${typeof known === "number" ? inspect.shortNumber(known) : plain(known)}`);
  }

  forward(layer: inspect.LayerStep): void {
    const { texts } = this;
    this.heading(texts.layer(layer.path, layer.layer));
    if (layer.explanation === null) {
      this.text(texts.ownLayer);
      for (const { op, output } of layer.operations) this.vector(op, output);
      return;
    }
    const place = chosenPlace(layer, this.options.neuron);
    this.vector(texts.input, layer.inputs[0].value);
    this.vector(texts.output, layer.output.value);
    for (const [name, words] of Object.entries(texts.noted))
      if (layer.noted[name] !== undefined) this.vector(words, layer.noted[name].value);
    this.text(`${texts.neuron(place + 1, layer.output.value.values.length)}:`);
    this.formulas(inspect.elementLines(layer, place));
  }

  loss(layer: inspect.LayerStep, name: string): void {
    this.heading(this.texts.loss(name));
    this.formulas(inspect.elementLines(layer, 0));
  }

  backward(step: inspect.StepExplanation, layer: inspect.LayerStep, name: string): void {
    const gradient = layer.inputs[0]?.gradient ?? null;
    if (gradient === null) return;
    this.text(name);
    this.vector(this.texts.gradientOf(this.texts.input), gradient, 4);
    const place = largest(gradient.values);
    this.formulas(inspect.gradientLines(layer, place));
    const index = step.layers.indexOf(layer);
    if (index >= 0) {
      const chain = inspect.chainLines(step, index, place);
      if (chain.length > 0) this.text(`  ${this.texts.chain}:`);
      this.formulas(chain);
    }
    for (const [parameter, { gradient: own }] of Object.entries(layer.parameters)) {
      if (own === null) continue;
      const at = largest(own.values);
      this.text(`  ${parameter} ${this.texts.place(indexOf(at, own.shape))}:`);
      this.formulas(inspect.parameterLines(layer, parameter, at));
    }
  }

  update(update: inspect.ParameterUpdate): void {
    const place = largest(update.gradient.values);
    this.text(`${update.name} ${this.texts.place(indexOf(place, update.before.shape))}`);
    this.formulas(inspect.updateLines(update, place), this.updated);
  }

  /** Each formula with symbols, and below with its numbers. */
  private formulas(lines: readonly inspect.Line[], seen?: Set<string>): void {
    for (const line of lines) {
      const formula = inspect.formulas().get(line.formula)!;
      const terms = this.options.full ? Number.POSITIVE_INFINITY : TERMS;
      const numbers = inspect.lineText(formula, line, { terms, more: this.texts.more });
      // What has been written in symbols before is enough in numbers.
      if (seen?.has(formula.id)) {
        this.lines.push(...wrap(numbers, this.options.width, "    ", "        "));
        continue;
      }
      seen?.add(formula.id);
      this.lines.push(...wrap(inspect.textOf(formula), this.options.width, "    ", "        "));
      this.lines.push(...wrap(numbers.slice(numbers.indexOf("= ")), this.options.width, "      ", "        "));
    }
  }

  /** A name, a shape and as many numbers as a line holds. */
  private vector(name: string, { shape, values }: inspect.Elements, indent = 2): void {
    const margin = " ".repeat(indent);
    const lead = `${margin}${name} [${shape.join(", ")}]`;
    const all = Array.from(values, (value) => inspect.shortNumber(value));
    const whole = `${lead}  ${all.join("  ")}`;
    if (this.options.full || whole.length <= this.options.width) {
      this.lines.push(...wrap(whole.trimStart(), this.options.width, margin, `${margin}  `));
      return;
    }
    let line = lead;
    let shown = 0;
    const fits = (next: string, left: number) => `${next}  ${this.texts.more(left)}`.length <= this.options.width;
    while (shown < all.length && fits(`${line}  ${all[shown]}`, all.length - shown - 1)) line += `  ${all[shown++]}`;
    this.lines.push(`${line}  ${this.texts.more(all.length - shown)}`);
  }
}

/** Items of a list before it is shortened. */
const MOST = 24;
/** Terms of a sum before it is shortened. */
const TERMS = 4;

/** The index in every dimension, from 1, of a flat place. */
function indexOf(place: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let dim = shape.length - 1, rest = place; dim >= 0; dim--) {
    index.unshift((rest % shape[dim]) + 1);
    rest = Math.floor(rest / shape[dim]);
  }
  return index;
}
