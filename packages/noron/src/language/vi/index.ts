import { data } from "./data.ts";
import { doctor } from "./doctor.ts";
import { help } from "./help.ts";
import { inspect } from "./inspect.ts";
import { options } from "./options.ts";
import { report } from "./report.ts";
import { runs } from "./runs.ts";
import { scores } from "./scores.ts";
import { studio } from "./studio.ts";
import { training } from "./training.ts";
import { words } from "./words.ts";

/** The same in Vietnamese. */
export const vietnamese = {
  data,
  doctor,
  help,
  inspect,
  options,
  report,
  runs,
  scores,
  studio,
  training,
  words,
} as const;
