import { inspect } from "@noron/core";
import type { Expression } from "@noron/core/formula";
import katex from "katex";
import type { Hole, Template, TypesetFormula } from "./template.ts";

/** Typesetting while the page is built: KaTeX itself never reaches it. */

const MACROS = {
  "\\hole": "\\text{@number:#1@}",
  "\\signed": "\\text{@signed:#1@}",
  "\\terms": "\\text{@terms:#1@}",
  "\\signedTerms": "\\text{@signedTerms:#1@}",
};

/**
 * LaTeX as MathML that every present browser shows.
 * @throws ParseError of KaTeX where it is no LaTeX.
 */
export function typeset(latex: string, { display = false } = {}): string {
  // Fonts have the prime small and raised already: as a superscript it would be so twice.
  const primes = latex
    .replace(/\^\{(\d?)\\prime\}/g, (_, power) => `${power && `^${power}`}{\\prime}`)
    .replace(/'/g, "{\\prime}");
  const html = katex.renderToString(primes, {
    output: "mathml",
    displayMode: display,
    strict: "error",
    macros: { ...MACROS },
  });
  const [, attributes, content] = /<math([^>]*)><semantics>(.*)<annotation/s.exec(html)!;
  // A minus or a bar that begins something stands close to it; the bar of divisibility would not.
  const close = content
    .replace(/<mo fence="true">∣<\/mo>(.*?)<mo fence="true">∣<\/mo>/g, (_, inside) => {
      const bar = (form: string): string => `<mo form="${form}" fence="true" stretchy="true">|</mo>`;
      return bar("prefix") + inside + bar("postfix");
    })
    .replace(/((?:<mo[^>]*>[=(|,]<\/mo>)(?:<mrow>)*)<mo>−<\/mo>/g, '$1<mo form="prefix">−</mo>');
  // A function without parentheses stands a little apart from what it is of.
  const spaced = close.replace(
    /(<mo>\u2061<\/mo>)(?!<mrow><mo fence|<mo stretchy)/g,
    '$1<mspace width="0.17em"></mspace>',
  );
  // The accents that fonts draw over letters, in place of the signs of ASCII, which are large.
  const accented = spaced
    .replaceAll("<mo>^</mo>", '<mo stretchy="false">ˆ</mo>')
    .replaceAll("<mo>~</mo>", '<mo stretchy="false">˜</mo>');
  return `<math${attributes}>${accented}</math>`;
}

/** A formula's right side with holes, as a template: "= … = result". */
function templateOf(formula: inspect.Formula): Template {
  const latex = inspect.latexOf(formula, "numbers").slice(formula.result.latex.length);
  const terms = termsIn(formula.expression);
  const [texts, holes]: [string[], Hole[]] = [[], []];
  const pieces = typeset(`{}${latex}`, { display: true }).split(/<mtext>@(\w+:\w+)@<\/mtext>/);
  pieces.forEach((piece, index) => {
    if (index % 2 === 0) {
      texts.push(piece);
      return;
    }
    const [kind, name] = piece.split(":") as [Hole["kind"], string];
    const of = terms.get(name);
    holes.push(of === undefined ? { kind, name } : { kind, name, of });
  });
  return { texts, holes };
}

/** What terms are that are no products, by their names. */
function termsIn(node: Expression): Map<string, "list" | "squares"> {
  switch (node.kind) {
    case "list":
      return new Map([[node.name, "list"]]);
    case "operation":
      return new Map([...termsIn(node.left), ...termsIn(node.right)]);
    case "call":
      return new Map(node.argument.flatMap((argument) => [...termsIn(argument)]));
    case "sum":
      return new Map(node.body.kind === "operation" && node.body.operator === "^" ? [[node.name, "squares"]] : []);
    default:
      return new Map();
  }
}

/** Every formula of the library, by its id. */
export function typesetFormulas(): Record<string, TypesetFormula> {
  const all: Record<string, TypesetFormula> = {};
  for (const [id, formula] of inspect.formulas())
    all[id] = {
      symbols: typeset(inspect.latexOf(formula, "symbols"), { display: true }),
      numbers: templateOf(formula),
    };
  return all;
}
