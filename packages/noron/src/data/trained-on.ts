import type { Loaded } from "./source.ts";

/** The hashes of the files that a run was trained on: runs of versions that kept none of single files have that of all. */
export interface TrainedHashes {
  hash: string;
  fileHashes?: readonly string[];
}

/** Which of the data's files a run was trained on, by the command's arguments, whatever else it was trained on. */
export function filesTrainedOn(
  { source, hash, fileHashes = [hash] }: Pick<Loaded, "source" | "hash" | "fileHashes">,
  trained: TrainedHashes,
): string[] {
  if (hash === trained.hash) return [...source];
  const known = new Set([trained.hash, ...(trained.fileHashes ?? [])]);
  return source.filter((_, index) => known.has(fileHashes[index]));
}
