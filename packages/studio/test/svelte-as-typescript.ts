import { parse } from "svelte/compiler";

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/**
 * A component's script and all expressions of its markup as TypeScript with their scopes, so that the types of what they compute
 * with can be asked for. It is made to be checked, not to run.
 */
export function svelteAsTypeScript(source: string): string {
  const root = parse(source, { modern: true }) as unknown as {
    module?: { content: Node } | null;
    instance?: { content: Node } | null;
    fragment: { nodes: Node[] };
  };
  const text = ({ start, end }: Node): string => source.slice(start, end);
  const use = (node: unknown): string => `void (${text(node as Node)});\n`;
  const nodes = (fragment: unknown): string => (fragment as { nodes: Node[] } | null)?.nodes.map(write).join("") ?? "";

  function value(given: unknown): string {
    if (Array.isArray(given)) return given.map(write).join("");
    return given === true ? "" : write(given as Node);
  }

  function write(node: Node): string {
    switch (node.type) {
      case "ExpressionTag":
      case "HtmlTag":
      case "RenderTag":
      case "SpreadAttribute":
      case "BindDirective":
      case "ClassDirective":
        return node.expression === null ? "" : use(node.expression);
      case "Attribute":
      case "StyleDirective":
        return value(node.value);
      case "ConstTag":
        return `${text(node.declaration as Node)};\n`;
      case "IfBlock":
        return `if (${text(node.test as Node)}) {\n${nodes(node.consequent)}} else {\n${nodes(node.alternate)}}\n`;
      case "EachBlock": {
        const { expression, context, index, key } = node as unknown as Record<string, Node> & { index?: string };
        const item = context ? text(context) : "_item";
        const place = index === undefined ? "" : `const ${index} = 0 as number;\n`;
        return `for (const ${item} of _each(${text(expression)})) {\n${place}${key ? use(key) : ""}${nodes(node.body)}}\n${nodes(node.fallback)}`;
      }
      case "KeyBlock":
        return use(node.expression) + nodes(node.fragment);
      case "AwaitBlock": {
        const then = node.value ? `const ${text(node.value as Node)} = ` : "";
        return `{\n${nodes(node.pending)}${then}await ${text(node.expression as Node)};\n${nodes(node.then)}${nodes(node.catch)}}\n`;
      }
      case "SnippetBlock": {
        const parameters = (node.parameters as Node[]).map(text).join(", ");
        return `const ${text(node.expression as Node)} = (${parameters}) => {\n${nodes(node.body)}};\n`;
      }
      default:
        return ((node.attributes as Node[] | undefined) ?? []).map(write).join("") + nodes(node.fragment);
    }
  }

  const scripts = [root.module, root.instance].map((script) => (script ? text(script.content) : ""));
  return `${scripts.join("\n")}
declare function _each<T>(list: ArrayLike<T> | Iterable<T> | null | undefined): T[];
async function _markup() {
${root.fragment.nodes.map(write).join("")}}
`;
}
