export { RandomStream } from "./random/random.ts";
