/** Runs in a table, and two of them side by side. */
export const runs = {
  none: "there are no runs in {{folder}}; noron train makes one",
  name: "run",
  data: "data",
  target: "target",
  test: "test",
  validation: "validation loss",
  validationWeighted: "validation loss, weighted in {{runs}}",
  epochs: "epochs",
  network: "network",
  when: "when",
  unfinished: "unfinished",
  diverged: "diverged",
  bestMeans:
    "* the best of those tested on the same rows, by {{scores}}; epochs: that whose weights are kept (the least validation loss) of all",
  otherData: "these runs are on other data or targets, so that their scores say little of each other",
  otherRows:
    "these runs were tested on other rows, so that part of a difference of their scores may be luck of the rows",
  settings: "what differs:",
  sameSettings: "the settings are the same",
  scores: "scores:",
  difference: "difference",
} as const;
