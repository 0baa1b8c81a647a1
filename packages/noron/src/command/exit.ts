/** What the command ends with. */
export const EXIT = {
  done: 0,
  /** Something in noron itself went wrong. */
  internal: 1,
  /** The command line asks for something that cannot be. */
  usage: 2,
  /** The data, or a run folder, are not what they should be. */
  data: 3,
  /** The loss of a training became NaN or infinite, or exploded. */
  diverged: 4,
  /** Ctrl-C; or SIGTERM, where a training was saved first. */
  interrupted: 130,
  /** SIGTERM, with nothing saved. */
  terminated: 143,
} as const;
