export { type Safetensors, SafetensorsError, type TensorDescription } from "./format.ts";
export { describeSafetensors, loadSafetensors } from "./load.ts";
export { saveSafetensors } from "./save.ts";
export { loadState, saveState } from "./state.ts";
