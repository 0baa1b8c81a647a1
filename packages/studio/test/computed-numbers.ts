import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { svelteAsTypeScript } from "./svelte-as-typescript.ts";

/** The file that alone may look at numbers of a network, to write them and to place them on scales. */
const DOOR = "formulas/layer-number.ts";
const studio = fileURLToPath(new URL("..", import.meta.url));

export interface Finding {
  file: string;
  /** The line of TypeScript, without what is around it. */
  code: string;
  why: "arithmetic" | "comparison" | "conversion" | "scale";
}

/** Where sources compute with numbers of a network, compare them, or make plain numbers of them. @param files paths in the package */
export function computedNumbers(files: readonly string[]): Finding[] {
  const options = optionsOf(join(studio, "tsconfig.json"));
  const virtual = new Map<string, string>();
  const roots = files.map((file) => {
    const path = join(studio, file);
    if (!file.endsWith(".svelte")) return path;
    const name = join(dirname(path), `_checked_${file.split("/").at(-1)}.ts`);
    virtual.set(name, svelteAsTypeScript(readFileSync(path, "utf8")));
    return name;
  });
  const host = ts.createCompilerHost(options);
  const [exists, read] = [host.fileExists.bind(host), host.readFile.bind(host)];
  host.fileExists = (path) => virtual.has(path) || exists(path);
  host.readFile = (path) => virtual.get(path) ?? read(path);
  const types = [join(studio, "src/formulas/virtual.d.ts")];
  const program = ts.createProgram([...roots, ...types], options, host);
  const checker = program.getTypeChecker();
  const findings: Finding[] = [];

  const isNumber = (type: ts.Type): boolean =>
    type.isUnionOrIntersection() ? type.types.some(isNumber) : type.symbol?.name === "LayerNumber";
  /** A number of a network, or a list of them. */
  const holds = (node: ts.Node): boolean => {
    const type = checker.getTypeAtLocation(node);
    if (isNumber(type)) return true;
    const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    return element !== undefined && isNumber(element);
  };
  const number = (node: ts.Node): boolean => isNumber(checker.getTypeAtLocation(node));

  function check(node: ts.Node): Finding["why"] | null {
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      const computes =
        (kind >= ts.SyntaxKind.PlusToken && kind <= ts.SyntaxKind.CaretToken) ||
        (kind >= ts.SyntaxKind.PlusEqualsToken && kind <= ts.SyntaxKind.CaretEqualsToken);
      const compares = kind >= ts.SyntaxKind.LessThanToken && kind <= ts.SyntaxKind.GreaterThanEqualsToken;
      if ((computes || compares) && (number(node.left) || number(node.right)))
        return computes ? "arithmetic" : "comparison";
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator !== ts.SyntaxKind.ExclamationToken && number(node.operand))
      return "arithmetic";
    if (ts.isPostfixUnaryExpression(node) && number(node.operand)) return "arithmetic";
    if ((ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) && holds(node.expression) && !holds(node))
      return "conversion";
    if (ts.isCallExpression(node)) {
      const called = node.expression.getText();
      if (
        /^(Number|BigInt|String|parse(Float|Int)|Math\.\w+|JSON\.stringify|(Float|Int|Uint)\d+Array\.(from|of))$/.test(
          called,
        )
      )
        if (node.arguments.some((argument) => holds(ts.isSpreadElement(argument) ? argument.expression : argument)))
          return "conversion";
      // A scale is made of d3; a function written on the spot would be arithmetic by another name.
      if (
        called === "scaled" &&
        node.arguments.length > 1 &&
        (ts.isArrowFunction(node.arguments[1]) || ts.isFunctionExpression(node.arguments[1]))
      )
        return "scale";
    }
    return null;
  }

  for (const root of roots) {
    const source = program.getSourceFile(root)!;
    if (root.endsWith(DOOR)) continue;
    const file = files[roots.indexOf(root)];
    const visit = (node: ts.Node): void => {
      const why = check(node);
      if (why !== null) findings.push({ file, code: node.getText().replace(/\s+/g, " "), why });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return findings;
}

function optionsOf(path: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options;
}
