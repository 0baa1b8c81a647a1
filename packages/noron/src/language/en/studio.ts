/** What is said of the studio that is being served. */
export const studio = {
  address: "see it learn: {{address}}",
  end: "Ctrl-C ends it.",
  stays: "the run is at {{address}} until Ctrl-C",
  openYourself: "no browser could be opened from here: open the address yourself.",
} as const;
