import { type ColumnChoice, profile, profileImages, type Task } from "@noron/tabular";
import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { openData } from "../stream/open-data.ts";
import { profileStream } from "../stream/profile-stream.ts";
import { shellWord } from "./format.ts";
import { Log } from "./log.ts";
import { tellReading } from "./tell-plan.ts";
import { tellImagesProfile, tellProfile } from "./tell-profile.ts";

export interface InspectArguments {
  target?: string;
  task?: Task;
  type?: Record<string, ColumnChoice>;
  drop?: string[];
  keep?: string[];
  full?: boolean;
  stream?: boolean;
  log?: string;
}

/** noron inspect: what is in data, what each column is taken for and why, and what to be wary of, before any training. */
export async function inspectCommand(
  source: string[],
  { target: asked, task, type, drop, keep, full = false, stream, log: format }: InspectArguments,
): Promise<void> {
  const log = new Log(format === "json");
  const width = process.stdout.isTTY ? Math.max(40, process.stdout.columns ?? 80) : 80;
  const loaded = await openData(source, { stream, tell: tellReading(log) });
  const target = asked ?? (loaded.kind === "images" ? undefined : loaded.target);
  let learnable = loaded.kind === "images";
  if (loaded.kind === "images") {
    if ([asked, task, type, drop, keep].some((option) => option !== undefined))
      throw new UsageError("profile-of-images");
    const found = profileImages(loaded.images);
    for (const line of tellImagesProfile(found, width)) log.result(line);
    log.event("images", { ...found });
  } else {
    const options = { target, task, kinds: type, drop, keep };
    const found = loaded.kind === "stream" ? await profileStream(loaded, options) : profile(loaded.table, options);
    for (const line of tellProfile(found, { width, full })) log.result(line);
    learnable = found.target !== null && found.target.problem === null;
    log.event("profile", { ...found });
  }
  const data = loaded.source.map(shellWord).join(" ");
  const learned = loaded.kind === "images" || asked === undefined ? "" : ` --target ${shellWord(asked)}`;
  const next = !learnable
    ? `npx noron inspect ${data} --target ${t("inspect.column")}`
    : `npx noron train ${data}${learned}`;
  log.note("");
  log.note(t("training.next", { command: next }));
}
