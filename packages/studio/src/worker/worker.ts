import { expose } from "comlink";
import { StudioWorker } from "./studio-worker.ts";

// What nobody waited for is told of too: a worker's rejections stay in it unless they are thrown.
addEventListener("unhandledrejection", ({ reason }) => reportError(reason));
expose(new StudioWorker());
