import { UsageError } from "../errors.ts";
import { t } from "../language/current.ts";
import { readConfig } from "../run/read.ts";
import type { ServedStudio } from "../studio/serve-studio.ts";
import { interruptible } from "./interrupt.ts";
import { Log } from "./log.ts";
import { openBrowser } from "./open-browser.ts";

/** Where the studio is served unless another port is asked for. */
export const STUDIO_PORT = 4747;

interface StudioArguments {
  port?: number;
  open?: boolean;
}

/** noron studio: serves the page that shows networks learn, with a run on it if one is given, until Ctrl-C. */
export async function studioCommand(run: string | undefined, { port, open }: StudioArguments): Promise<void> {
  const log = new Log(false);
  if (run !== undefined) readConfig(run);
  const studio = await serve(port ?? STUDIO_PORT, run ?? null);
  log.result(studio.address);
  if (open && !(await openBrowser(studio.address))) log.note(t("studio.openYourself"));
  log.note(t("studio.end"));
  await untilInterrupted(studio);
}

/**
 * Shows a training in the studio while it goes on, and afterwards until Ctrl-C.
 * @param port null: the usual one, or one that is free
 */
export async function withStudio(
  log: Log,
  run: string,
  port: number | null,
  train: () => Promise<void>,
): Promise<void> {
  const studio = await serve(port ?? STUDIO_PORT, run).catch((error: unknown) => {
    if (port === null && error instanceof UsageError) return serve(0, run);
    throw error;
  });
  log.note(t("studio.address", { address: studio.address }));
  log.event("studio", { address: studio.address });
  try {
    await train();
  } catch (error) {
    await studio.close();
    throw error;
  }
  log.note("");
  log.note(t("studio.stays", { address: studio.address }));
  await untilInterrupted(studio);
}

async function serve(port: number, run: string | null): Promise<ServedStudio> {
  // Only those who look need a server.
  const { serveStudio } = await import("../studio/serve-studio.ts");
  return serveStudio({ port, run });
}

async function untilInterrupted(studio: ServedStudio): Promise<void> {
  await new Promise<void>((resolve) => interruptible(resolve));
  await studio.close();
}
