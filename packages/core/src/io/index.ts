export { type Safetensors, SafetensorsError } from "./format.ts";
export { loadSafetensors } from "./load.ts";
export { saveSafetensors } from "./save.ts";
export { loadState, saveState } from "./state.ts";
