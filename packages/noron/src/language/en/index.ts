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

/** All of the command's own words in English, by area; {{name}} is filled in. */
export const english = { data, doctor, help, inspect, options, report, runs, scores, studio, training, words } as const;
