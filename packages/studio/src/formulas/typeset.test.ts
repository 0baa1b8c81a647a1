import { inspect } from "@noron/core";
import { describe, expect, it } from "vitest";
import type { LayerNumber } from "./layer-number.ts";
import { type FillOptions, fill, type ShownLine } from "./template.ts";
import { typeset, typesetFormulas } from "./typeset.ts";

const options: FillOptions = { digits: 4, decimal: ".", terms: 3, more: (count: number) => `${count} more` };

/** What is left of MathML without its tags. */
const plain = (mathml: string): string => mathml.replace(/<[^>]*>|⁡/g, "");

/** Numbers that are all different, as a line of a formula. */
function lineOf(formula: inspect.Formula): ShownLine {
  let next = -0.5;
  const number = (): LayerNumber => {
    next += 0.75;
    return next as unknown as LayerNumber;
  };
  const numbers: Record<string, LayerNumber> = {};
  const terms: Record<string, LayerNumber[][]> = {};
  const visit = (node: inspect.Formula["expression"]): void => {
    if (node.kind === "value") numbers[node.name] ??= number();
    else if (node.kind === "operation") [node.left, node.right].forEach(visit);
    else if (node.kind === "call") node.argument.forEach(visit);
    else if (node.kind === "sum" || node.kind === "list") terms[node.name] = [[number()], [number()]];
  };
  visit(formula.result);
  visit(formula.expression);
  return { formula: formula.id, numbers, terms };
}

describe("typeset formulas", () => {
  const typesetAll = typesetFormulas();

  it("are all there, well formed and without traces of their making", () => {
    expect(Object.keys(typesetAll)).toEqual([...inspect.formulas().keys()]);
    for (const [id, { symbols, numbers }] of Object.entries(typesetAll)) {
      for (const text of [symbols, numbers.texts.join("<mn>1</mn>")]) {
        expect(text, id).toMatch(/^<math [^>]*display="block">.*<\/math>$/s);
        expect(text, id).not.toMatch(/annotation|@|\\/);
        const open = [...text.matchAll(/<(\w+)[^>]*?(?<!\/)>/g)].map(([, tag]) => tag).sort();
        expect(open, id).toEqual([...text.matchAll(/<\/(\w+)>/g)].map(([, tag]) => tag).sort());
      }
      expect(numbers.holes.at(-1), id).toEqual({ kind: "number", name: inspect.formulas().get(id)!.result.name });
    }
  });

  it("show every number of a line, each under its name", () => {
    for (const [id, formula] of inspect.formulas()) {
      const line = lineOf(formula);
      const shown = fill(typesetAll[id].numbers, line, options);
      const found = new Map(
        [...shown.matchAll(/data-name="([^"]+)" data-value="([^"]+)"/g)].map(([, name, value]) => [name, value]),
      );
      const expected = new Map(Object.entries(line.numbers).map(([name, value]) => [name, String(value)]));
      for (const [name, terms] of Object.entries(line.terms))
        terms.forEach(([value], index) => {
          expected.set(`${name}.${index}.0`, String(value));
        });
      expect([...found].sort(), id).toEqual([...expected].sort());
    }
  });

  const show = (
    id: string,
    numbers: Record<string, number>,
    terms: Record<string, number[][]> = {},
    digits = 4,
  ): string => plain(fill(typesetAll[id].numbers, { formula: id, numbers, terms } as never, { ...options, digits }));

  it("read as they would be written by hand", () => {
    expect(
      show(
        "Linear.forward",
        { y: -0.25, bias: -0.5 },
        {
          products: [
            [0.5, 1],
            [-1, 0.25],
          ],
        },
      ),
    ).toBe("=0.5⋅1+(−1)⋅0.25+(−0.5)=−0.25");
    expect(show("softmax.largest", { largest: 3 }, { elements: [[1], [-2], [3], [0], [0]] })).toBe(
      "=max(1,−2,3,2 more)=3",
    );
    expect(show("SGD.step", { parameter: 1, lr: 0.1, direction: 2e-7, after: 1 })).toBe("=1−0.1⋅2⋅10−7=1");
    expect(show("Tanh.slope", { y: -1 / 3, slope: 8 / 9 }, {}, 6)).toBe("=1−(−0.333333)2=0.888889");
    expect(show("Tanh.forward", { x: Number.NaN, y: Number.POSITIVE_INFINITY })).toBe("=tanh(NaN)=Infinity");
  });

  it("say a number once, and write squares as such", () => {
    expect(show("Identity.forward", { x: -0.5, y: -0.5 })).toBe("=−0.5");
    expect(show("ReLU.1.slope", { slope: 0 })).toBe("=0");
    expect(show("ReLU.0.forward", { x: 0.5, y: 0.5 })).toBe("=max(0,0.5)=0.5");
    expect(plain(typesetAll["LeakyReLU.1.slope"].symbols)).toMatch(/^f′\(x\)=γ\s*\(x≤0\)$/);
    const squares = [
      [-0.5, -0.5],
      [1.5, 1.5],
    ];
    expect(show("norm.variance", { variance: 1.25, count: 2 }, { squares })).toBe("=(−0.5)2+1.522=1.25");
  });

  it("put parentheses around what is negative behind a sign, also in front of a fraction", () => {
    const negative = (value: LayerNumber): LayerNumber => (0 - Math.abs(value as never)) as never;
    for (const [id, formula] of inspect.formulas()) {
      const { numbers, terms } = lineOf(formula);
      const line = {
        formula: id,
        numbers: Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, negative(value)])),
        terms: Object.fromEntries(
          Object.entries(terms).map(([name, all]) => [name, all.map((factors) => factors.map(negative))]),
        ),
      };
      const shown = plain(fill(typesetAll[id].numbers, line, options));
      const inTerminal = inspect.lineText(formula, line as never);
      for (const text of [shown, inTerminal]) {
        expect(text, id).not.toMatch(/[−+⋅·/] ?−/);
        expect(text, id).not.toMatch(/\(\(−[\d.]+\) [−+]/);
      }
    }
  });

  it("have the decimal commas of Vietnamese", () => {
    const line = { formula: "softmax.largest", numbers: { largest: 3.5 }, terms: { elements: [[1.25], [3.5]] } };
    expect(plain(fill(typesetAll["softmax.largest"].numbers, line as never, { ...options, decimal: "," }))).toBe(
      "=max(1,25;3,5)=3,5",
    );
  });

  it("refuse what is no LaTeX", () => {
    expect(() => typeset("\\frac{1}{")).toThrow(/KaTeX parse error/);
  });
});
