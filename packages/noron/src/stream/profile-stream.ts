import { join } from "node:path";
import { type Profile, type ProfileOptions, profilePieces } from "@noron/tabular";
import { ColumnStore } from "./column-store.ts";
import type { LoadedStream } from "./load-stream.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/**
 * Profiles a table that is read in pieces as one in memory. Its cells become numbers in a file of a temporary folder, from
 * which one column at a time is taken into memory.
 * @throws as profile; UsageError where the disk has no room
 */
export async function profileStream(loaded: LoadedStream, options: ProfileOptions): Promise<Profile> {
  const { pieces, scan } = loaded;
  const folder = new TemporaryFolder();
  let store: ColumnStore | undefined;
  try {
    const profile = await profilePieces(pieces, scan, options, (width) => {
      folder.requireSpace(8 * scan.table.rowCount * width);
      store = new ColumnStore(join(folder.path, "columns"), width);
      return store;
    });
    loaded.tell("stored", scan.table.rowCount);
    return profile;
  } finally {
    store?.remove();
    folder.remove();
  }
}
