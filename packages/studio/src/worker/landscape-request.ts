/** Powers of ten that the learning rate can have on the surface. */
export const LANDSCAPE_POWERS = { least: -4, most: 1, first: -1.7, step: 0.3 } as const;

export interface LandscapeRequest {
  /** The learning rate, as a power of ten; null for one with which every path goes down and stays near the surface. */
  power: number | null;
  momentum: number;
  steps: number;
  /** Draws the two directions. */
  seed: number;
}
