/** A command line that makes no sense, or asks for more than there is. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A file or folder that is not there, not readable or not what it should be. */
export class InputError extends Error {
  override name = "InputError";
}

/** Ctrl-C ended a training; the message says what was saved. */
export class InterruptedError extends Error {
  override name = "InterruptedError";
}

/** The loss of a training became NaN or infinite, or exploded; the message says where it began and what to try. */
export class DivergedError extends Error {
  override name = "DivergedError";
}
