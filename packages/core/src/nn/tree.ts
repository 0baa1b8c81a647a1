import { className } from "./call.ts";
import type { Module } from "./module.ts";

/** A module and all inside it as a tree: names, classes and the sizes that they were made with. */
export function formatModule(module: Module, indent = "", above: readonly Module[] = []): string {
  const head = `${className(module)}(${sizesOf(module)}`;
  const inner = `${indent}  `;
  const lines: string[] = [];
  for (const [name, child] of module.namedChildren()) {
    const text = above.includes(child) ? "…" : formatModule(child, inner, [...above, module]);
    lines.push(`${inner}(${name}): ${text}\n`);
  }
  return lines.length === 0 ? `${head})` : `${head}\n${lines.join("")}${indent})`;
}

/** The numbers among the arguments that a layer is made again with. */
function sizesOf(module: Module): string {
  let config: ReturnType<Module["toConfig"]>;
  try {
    config = module.toConfig();
  } catch {
    return "";
  }
  const isSize = (value: unknown): boolean =>
    typeof value === "number" || (Array.isArray(value) && value.every((each) => typeof each === "number"));
  const sizes = config.args.filter(isSize).map((size) => (Array.isArray(size) ? `[${size.join(", ")}]` : String(size)));
  if (typeof config.options.p === "number") sizes.push(`p=${config.options.p}`);
  return sizes.join(", ");
}
