import { existsSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { writeJson, writeSafetensors, writeTypeScript } from "../export/index.ts";
import { t } from "../language/current.ts";
import type { Run } from "../run/parse.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { writeWhole } from "./output.ts";

const FORMATS = {
  safetensors: writeSafetensors,
  ts: writeTypeScript,
  json: writeJson,
} satisfies Record<string, (run: Run) => string | Uint8Array>;

export type ExportFormat = keyof typeof FORMATS;
export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormat[];

/** noron export: writes a run in a form that other programs take. */
export async function exportCommand(
  folder: string,
  { to, out, model, force = false }: { to?: ExportFormat; out?: string; model?: string; force?: boolean },
): Promise<void> {
  const format = to ?? formatOf(out);
  if (format === undefined) throw new UsageError("no-form", { forms: EXPORT_FORMATS.join(", --to ") });
  if (out !== undefined && !force && existsSync(out)) throw new UsageError("file-exists-force", { file: out });
  if (out === undefined && format === "safetensors" && process.stdout.isTTY) throw new UsageError("binary-to-terminal");
  const log = new Log(false);
  const contents = FORMATS[format](await openRunFolder(log, folder, model));
  if (out === undefined) {
    process.stdout.write(contents);
    return;
  }
  writeWhole(out, contents);
  log.note(t("words.bytesWritten", { count: Buffer.byteLength(contents), file: out }));
}

/** The form that a file's name asks for. */
function formatOf(out: string | undefined): ExportFormat | undefined {
  return EXPORT_FORMATS.find((format) => out?.endsWith(`.${format}`));
}
