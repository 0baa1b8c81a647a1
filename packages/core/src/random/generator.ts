/**
 * The process's random numbers: a key made of the seed, and a counter that moves on by what is drawn. Everything draws
 * from here, so that seed and counter are all that a checkpoint needs.
 */

export interface RandomState {
  /** What the key is made of. */
  seed: number;
  /** How many numbers have been drawn. */
  counter: number;
}

/** Numbers of one draw: the key's two words and the counter's. */
export interface Draw {
  readonly key0: number;
  readonly key1: number;
  readonly counter0: number;
  readonly counter1: number;
}

const WORD = 2 ** 32;
/** Keeps these draws apart from those of a RandomStream of the same seed. */
const STREAM = 0x6e6f726f;

// Without a seed, another sequence every time.
const state: RandomState = { seed: Math.floor(Math.random() * 2 ** 53), counter: 0 };

/** Starts the sequence that belongs to a seed: any integer from 0 to 2^53 − 1. */
export function manualSeed(seed: number): void {
  setRandomState({ seed, counter: 0 });
}

/** Where the random numbers stand; a plain object, to be stored in a checkpoint. */
export function getRandomState(): RandomState {
  return { ...state };
}

/** Goes back to where the random numbers stood. */
export function setRandomState({ seed, counter }: RandomState): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
  if (!Number.isSafeInteger(counter) || counter < 0) throw new RangeError(`a counter cannot be ${counter}`);
  state.seed = seed;
  state.counter = counter;
}

/** Takes `count` numbers; their low counter words do not wrap. */
export function draw(count: number): Draw {
  if ((state.counter % WORD) + count > WORD) state.counter = Math.ceil(state.counter / WORD) * WORD;
  const { seed, counter } = state;
  state.counter += count;
  return {
    key0: seed | 0,
    key1: Math.floor(seed / WORD) ^ STREAM,
    counter0: counter | 0,
    counter1: Math.floor(counter / WORD) | 0,
  };
}
