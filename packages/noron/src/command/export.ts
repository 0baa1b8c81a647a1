import { extname } from "node:path";
import { UsageError } from "../errors.ts";
import { writeJson, writeSafetensors, writeTypeScript } from "../export/index.ts";
import { t } from "../language/current.ts";
import type { Run } from "../run/parse.ts";
import { Log } from "./log.ts";
import { openRunFolder } from "./open-run-folder.ts";
import { isTaken, writeWhole } from "./output.ts";

const FORMATS = {
  safetensors: writeSafetensors,
  ts: writeTypeScript,
  json: writeJson,
} satisfies Record<string, (run: Run) => string | Uint8Array>;

export type ExportFormat = keyof typeof FORMATS;
export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormat[];

export interface ExportArguments {
  to?: ExportFormat;
  out?: string;
  model?: string;
  force?: boolean;
  log?: string;
}

/** noron export: writes a run in a form that other programs take. */
export async function exportCommand(
  folder: string,
  { to, out, model, force = false, log: lines }: ExportArguments,
): Promise<void> {
  const format = chooseFormat(to, out);
  if (lines === "json" && out === undefined) throw new UsageError("export-without-file");
  if (out !== undefined && !force && isTaken(out)) throw new UsageError("file-exists-force", { file: out });
  if (out === undefined && format === "safetensors" && process.stdout.isTTY) throw new UsageError("binary-to-terminal");
  const log = new Log(lines === "json");
  const contents = FORMATS[format](await openRunFolder(log, folder, model));
  if (out === undefined) {
    process.stdout.write(contents);
    return;
  }
  writeWhole(out, contents);
  const bytes = Buffer.byteLength(contents);
  log.note(t("words.bytesWritten", { count: bytes, file: out }));
  log.event("export", { file: out, form: format, bytes });
}

/** Endings of files that other programs would take for something else than what is in them. */
const FOREIGN = ["onnx", "pt", "pth", "pb", "tflite", "h5", "keras", "pkl", "gguf", "npz"];

/**
 * The form that was asked for, or that the file's name says.
 * @throws UsageError where neither says one, or they say two
 */
function chooseFormat(to: ExportFormat | undefined, out: string | undefined): ExportFormat {
  const ending = out === undefined ? "" : extname(out).slice(1).toLowerCase();
  const named = EXPORT_FORMATS.find((format) => format === ending);
  const form = to ?? named;
  const forms = EXPORT_FORMATS.join(", ");
  if (out !== undefined && (FOREIGN.includes(ending) || (form === undefined && ending !== "")))
    throw new UsageError("unknown-form", { file: out, forms });
  if (out !== undefined && named !== undefined && named !== form)
    throw new UsageError("form-not-of-name", { file: out, form: form!, named });
  if (form === undefined) throw new UsageError("no-form", { forms: EXPORT_FORMATS.join(", --to ") });
  return form;
}
