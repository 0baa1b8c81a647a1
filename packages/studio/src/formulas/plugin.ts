import type { Plugin } from "vite";
import { typesetFormulas } from "./typeset.ts";

const NAME = "virtual:formulas";

/** Gives the page every formula of the library typeset, as the module `virtual:formulas`. */
export function formulas(): Plugin {
  return {
    name: "noron-formulas",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) =>
      id === `\0${NAME}`
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(typesetFormulas()))});`
        : undefined,
  };
}
