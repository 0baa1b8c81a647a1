import { isNegative, type LayerNumber, written } from "./layer-number.ts";

/** A formula typeset as MathML, cut at the holes that numbers fill: text, hole, text, hole, …, text. */
export interface Template {
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
}

export interface Hole {
  readonly name: string;
  /**
   * A signed number takes parentheses where it is negative; terms are the products of a sum, its squares or a list, of which
   * a signed first takes parentheses too.
   */
  readonly kind: "number" | "signed" | "terms" | "signedTerms";
  /** What terms are; products unless said. */
  readonly of?: "squares" | "list";
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
  /** Terms of a sum that are written before it says how many more there are, which are two at least. */
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
  return withoutEcho(parts.join(""));
}

/** "= 3 = 3" says 3 once, as what comes out. */
function withoutEcho(mathml: string): string {
  const EQUALS = "<mo>=</mo>";
  const [first, last] = [mathml.indexOf(EQUALS), mathml.lastIndexOf(EQUALS)];
  const plain = (part: string): string => part.replace(/<[^>]*>/g, "");
  const echo = plain(mathml.slice(first, last)) === plain(mathml.slice(last));
  return first < last && echo ? mathml.slice(0, first) + mathml.slice(last) : mathml;
}

function filled({ name, kind, of }: Hole, line: ShownLine, options: FillOptions): string {
  if (kind === "number" || kind === "signed") return number(line.numbers[name], name, kind === "signed", options);
  const terms = line.terms[name];
  const written = (factor: LayerNumber, term: number, place: number, signed: boolean): string =>
    number(factor, `${name}.${term}.${place}`, signed, options);
  const most = terms.length === options.terms + 1 ? terms.length : options.terms;
  const shown = terms.slice(0, most).map((factors, term) => {
    if (of === "list") return written(factors[0], term, 0, false);
    if (of === "squares") return `<msup>${written(factors[0], term, 0, true)}<mn>2</mn></msup>`;
    const product = factors.map((factor, place) =>
      written(factor, term, place, term + place > 0 || kind === "signedTerms"),
    );
    return `<mrow>${product.join("<mo>⋅</mo>")}</mrow>`;
  });
  const left = terms.length - shown.length;
  if (left > 0) shown.push(`<mtext>${options.more(left)}</mtext>`);
  const between = of !== "list" ? "+" : options.decimal === "," ? ";" : ",";
  return `<mrow>${shown.join(`<mo>${between}</mo>`)}</mrow>`;
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
