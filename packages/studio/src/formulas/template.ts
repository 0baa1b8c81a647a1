import { isNegative, type LayerNumber, written } from "./layer-number.ts";

/** A formula typeset as MathML, cut at the holes that numbers fill: text, hole, text, hole, …, text. */
export interface Template {
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
}

export interface Hole {
  readonly name: string;
  /** A signed number takes parentheses where it is negative; terms are the products of a sum, or a list. */
  readonly kind: "number" | "signed" | "terms";
  /** What stands between terms. */
  readonly between?: "+" | ",";
}

/** A formula with symbols and, with holes, for numbers. */
export interface TypesetFormula {
  readonly symbols: string;
  readonly numbers: Template;
}

/** A formula with the numbers of one place, as the page gets it. */
export interface ShownLine {
  readonly formula: string;
  readonly numbers: Readonly<Record<string, LayerNumber>>;
  readonly terms: Readonly<Record<string, readonly (readonly LayerNumber[])[]>>;
}

export interface FillOptions {
  /** Significant digits. */
  digits: number;
  /** What stands before decimals; lists are separated by semicolons where it is a comma. */
  decimal: "." | ",";
  /** Terms of a sum that are written before it says how many more there are. */
  terms: number;
  /** How it is said that there are more. */
  more(count: number): string;
}

/** A template with the numbers of a line in its holes, as MathML. */
export function fill({ texts, holes }: Template, line: ShownLine, options: FillOptions): string {
  const parts = [texts[0]];
  holes.forEach((hole, index) => {
    const text = filled(hole, line, options);
    // The last one is what comes out.
    parts.push(index === holes.length - 1 ? `<mrow class="result">${text}</mrow>` : text, texts[index + 1]);
  });
  return parts.join("");
}

function filled({ name, kind, between = "+" }: Hole, line: ShownLine, options: FillOptions): string {
  if (kind !== "terms") return number(line.numbers[name], name, kind === "signed", options);
  const terms = line.terms[name];
  const shown = terms.slice(0, options.terms).map((factors, term) => {
    const product = factors.map((factor, place) =>
      number(factor, `${name}.${term}.${place}`, between === "+" && (term > 0 || place > 0), options),
    );
    return `<mrow>${product.join("<mo>⋅</mo>")}</mrow>`;
  });
  const left = terms.length - shown.length;
  if (left > 0) shown.push(`<mtext>${options.more(left)}</mtext>`);
  const separator = between === "," && options.decimal === "," ? ";" : between;
  return `<mrow>${shown.join(`<mo>${separator}</mo>`)}</mrow>`;
}

/** One number as MathML that says which it is; powers of ten as such. */
function number(value: LayerNumber, name: string, signed: boolean, { digits, decimal }: FillOptions): string {
  const [significand, exponent] = written(value, digits).replace(".", decimal).split("e");
  const power =
    exponent === undefined ? "" : `<mo>⋅</mo><msup><mn>10</mn>${signedDigits(exponent.replace("+", ""))}</msup>`;
  const whole = `<mrow class="number" data-name="${name}" data-value="${value}">${signedDigits(significand)}${power}</mrow>`;
  return signed && isNegative(value) ? `<mrow><mo>(</mo>${whole}<mo>)</mo></mrow>` : whole;
}

function signedDigits(text: string): string {
  return text.startsWith("−") ? `<mrow><mo form="prefix">−</mo><mn>${text.slice(1)}</mn></mrow>` : `<mn>${text}</mn>`;
}
