import { context } from "../graph/context.ts";

/** A function's result, or a message in the types if it is a Promise. */
export type Synchronous<Result> =
  Result extends PromiseLike<unknown>
    ? "noGrad takes a synchronous function: what follows an await would run outside it"
    : Result;

function withMode<Result>(enabled: boolean, name: string, run: () => Result): Result {
  const before = context.gradEnabled;
  context.gradEnabled = enabled;
  let result: Result;
  try {
    result = run();
  } finally {
    context.gradEnabled = before;
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function")
    throw new TypeError(`${name} takes a synchronous function: what follows an await would run outside it`);
  return result;
}

/**
 * Runs a function whose results need no gradient, and gives back what it returns.
 * @throws TypeError if the function is asynchronous.
 */
export function noGrad<Result>(run: () => Synchronous<Result> & Result): Result {
  return withMode(false, "noGrad", run);
}

/**
 * Runs a function with gradients recorded, inside a noGrad too.
 * @throws TypeError if the function is asynchronous.
 */
export function enableGrad<Result>(run: () => Synchronous<Result> & Result): Result {
  return withMode(true, "enableGrad", run);
}

/** Whether operations record what gradients need. */
export function isGradEnabled(): boolean {
  return context.gradEnabled;
}
