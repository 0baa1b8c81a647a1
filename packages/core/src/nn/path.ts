/** The name of something within the module at a path: "blocks.0" and "weight" give "blocks.0.weight". */
export function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
