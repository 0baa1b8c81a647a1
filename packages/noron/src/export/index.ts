// A trained run in the forms that other programs take.
export { writeJson } from "./json.ts";
export { writeSafetensors } from "./safetensors.ts";
export { writeTypeScript } from "./typescript/index.ts";
