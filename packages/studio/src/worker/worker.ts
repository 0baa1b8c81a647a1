import { expose } from "comlink";
import { StudioWorker } from "./studio-worker.ts";

expose(new StudioWorker());
