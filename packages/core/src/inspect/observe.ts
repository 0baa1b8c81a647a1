import { context, type Observer } from "../graph/context.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Everyone who is looking on at present: a trace may run while anomalies are looked for. */
const observers = new Set<Observer>();

const all: Observer = {
  created(node: Tensor): void {
    for (const observer of observers) observer.created(node);
  },
  gradient(node: Tensor, gradient: Tensor): void {
    for (const observer of observers) observer.gradient?.(node, gradient);
  },
  enter(name: string): void {
    for (const observer of observers) observer.enter?.(name);
  },
  leave(result: unknown): void {
    for (const observer of observers) observer.leave?.(result);
  },
  noted(name: string, tensor: Tensor): void {
    for (const observer of observers) observer.noted?.(name, tensor);
  },
  called(module: object, path: string, inputs: readonly unknown[]): void {
    for (const observer of observers) observer.called?.(module, path, inputs);
  },
  returned(module: object, result: unknown): void {
    for (const observer of observers) observer.returned?.(module, result);
  },
};

/** Has an observer told of every operation from now on; returns what ends it. */
export function observe(observer: Observer): () => void {
  observers.add(observer);
  context.observer = all;
  return () => {
    observers.delete(observer);
    if (observers.size === 0) context.observer = null;
  };
}
