import { context } from "../graph/context.ts";

/**
 * Names an operation that is made of others, so that inspection shows "softmax" with its steps inside. Without an
 * observer it is a plain call.
 */
export function composed<Arguments extends unknown[], Result>(
  name: string,
  operation: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  return (...args) => {
    const observer = context.observer;
    if (observer === null) return operation(...args);
    observer.enter?.(name);
    let result: Result | undefined;
    try {
      result = operation(...args);
      return result;
    } finally {
      observer.leave?.(result);
    }
  };
}
