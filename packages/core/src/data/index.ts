export { type Column, type Dataset, type SplitOptions, TensorDataset } from "./dataset.ts";
export { DataLoader, type DataLoaderOptions, type DataLoaderState, type PassOptions } from "./loader.ts";
export * as samples from "./samples/index.ts";
