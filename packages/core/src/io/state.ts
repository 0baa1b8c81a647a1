import { Tensor } from "../tensor/tensor.ts";
import { SafetensorsError } from "./format.ts";
import { loadSafetensors } from "./load.ts";
import { saveSafetensors } from "./save.ts";

/**
 * Records and lists of numbers, texts, truth values, null and tensors as a safetensors file: the tensors under the names
 * of their places ("optimizer.state.0.exp_avg"), all else as JSON in the metadata. What JSON has no word for, and what
 * stands for a tensor, is written as a record with one key that begins with "$".
 */

/** The metadata's entry that holds what is no tensor. */
const STATE = "state";
/** More levels than this are a mistake, or an object that holds itself. */
const DEEPEST = 64;

const NUMBERS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

/**
 * The state of something, such as a Trainer's, as bytes; loadState gives it back to the bit.
 * @throws TypeError for what a state cannot hold: functions, objects of classes, undefined in a list
 */
export function saveState(state: unknown, metadata: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  const refuse = (path: readonly string[], what: string): never => {
    throw new TypeError(`${path.join(".") || "the state"} is ${what}, which a state cannot hold`);
  };
  const write = (value: unknown, path: readonly string[]): unknown => {
    if (path.length > DEEPEST) refuse(path.slice(0, 3), `an object of more than ${DEEPEST} levels`);
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number")
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? "-0" : String(value) };
    if (value instanceof Tensor) {
      let name = path.join(".");
      // Keys with points in them may make the same name twice.
      while (tensors.has(name)) name += "'";
      tensors.set(name, value);
      return { $tensor: name };
    }
    if (Array.isArray(value)) return value.map((item, index) => write(item, [...path, String(index)]));
    if (typeof value !== "object") return refuse(path, value === undefined ? "undefined" : `a ${typeof value}`);
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      return refuse(path, `a ${value.constructor?.name ?? "class's object"}`);
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(
      entries.map(([key, member]) => [key.startsWith("$") ? `$${key}` : key, write(member, [...path, key])]),
    );
  };
  const text = JSON.stringify(write(state, []));
  return saveSafetensors(Object.fromEntries(tensors), { ...metadata, [STATE]: text });
}

/**
 * What saveState has written. Nothing in the bytes is trusted, and no code in them is run; whether the state belongs to
 * what it is loaded into is for that to check.
 * @throws SafetensorsError that says what is wrong with the bytes
 */
export function loadState(bytes: Uint8Array): unknown {
  const { tensors, metadata } = loadSafetensors(bytes);
  if (!Object.hasOwn(metadata, STATE)) throw new SafetensorsError("the file holds tensors, but no state");
  let json: unknown;
  try {
    json = JSON.parse(metadata[STATE]);
  } catch {
    throw new SafetensorsError("the state in the file is not JSON");
  }
  const read = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST) throw new SafetensorsError(`the state has more than ${DEEPEST} levels`);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => read(item, depth + 1));
    const entries = Object.entries(value);
    if (entries.length === 1) {
      const [[key, name]] = entries;
      if (key === "$number" && typeof name === "string" && Object.hasOwn(NUMBERS, name)) return NUMBERS[name];
      if (key === "$tensor" && typeof name === "string" && Object.hasOwn(tensors, name)) return tensors[name];
    }
    // Members such as "__proto__" become entries like any other.
    return Object.fromEntries(
      entries.map(([key, member]) => {
        if (key.startsWith("$") && !key.startsWith("$$"))
          throw new SafetensorsError(`the state has ${JSON.stringify(key.slice(0, 80))}, which stands for nothing`);
        return [key.startsWith("$") ? key.slice(1) : key, read(member, depth + 1)];
      }),
    );
  };
  return read(json, 0);
}
