import { DataError } from "../errors/data-error.ts";
import { dateParts } from "../types/date.ts";
import { decimalMarks } from "../types/number-format.ts";
import {
  type FeatureColumn,
  type ImagePreprocessing,
  type NumberWriting,
  type Preprocessing,
  preprocessingVersion,
} from "./preprocessing.ts";

/**
 * Reads a preprocessing from JSON, trusting nothing: every member is checked, and what comes back holds nothing else.
 * @param json the text, or what JSON.parse made of it
 * @param name name of the file, for messages
 * @throws DataError "corrupt-preprocessing" that names the member
 */
export function parsePreprocessing(json: unknown, name = "preprocessing"): Preprocessing | ImagePreprocessing {
  let value = json;
  if (typeof json === "string") {
    try {
      value = JSON.parse(json);
    } catch {
      throw new DataError("corrupt-preprocessing", "this is not JSON: the file is damaged or another one.", {
        file: name,
      });
    }
  }
  const root = new Member(value, "", name);
  root.member("format").oneOf(["noron-preprocessing"]);
  const version = root.member("version");
  const input = root.member("input").oneOf(["table", "images"]);
  const known = input === "table" ? [1, 2] : [1];
  if (!known.includes(version.value as number))
    version.refuse(`is not ${known.join(" or ")}: it was written by another version of noron`);
  return input === "images" ? parseImages(root) : parseTablePreprocessing(root);
}

function parseTablePreprocessing(root: Member): Preprocessing {
  const list = root.member("columns").list();
  if (list.length === 0) root.member("columns").refuse("is empty");
  const columns = list.map(parseColumn);
  const target = parseTarget(root.member("target"));
  const names = [...columns, target].map((column) => column.name);
  if (new Set(names).size < names.length) root.refuse("has two columns of one name");
  const clip = root.member("clip").positive();
  if (clip > 1e6) root.member("clip").refuse("is larger than a million");
  const version = preprocessingVersion(columns, target);
  return { format: "noron-preprocessing", version, input: "table", columns, target, clip };
}

function parseColumn(member: Member): FeatureColumn {
  const name = member.member("name").text();
  const kind = member.member("kind").oneOf(["number", "category", "boolean", "date"]);
  if (kind === "category") {
    const levels = member.member("levels").names(1);
    return { kind, name, levels, missingLevel: member.member("missingLevel").truth() };
  }
  const missingIndicator = member.member("missingIndicator").truth();
  if (kind === "boolean") return { kind, name, fill: member.member("fill").truth(), missingIndicator };
  const fill = member.member("fill").number();
  if (kind === "number")
    return { kind, name, ...parseWriting(member), fill, missingIndicator, ...parseScaling(member) };
  if (Math.abs(fill) > 4e6) member.member("fill").refuse("is not a day");
  const parts = member
    .member("parts")
    .list()
    .map((part) => ({
      part: part.member("part").oneOf(dateParts),
      mean: part.member("mean").number(),
      standardDeviation: part.member("standardDeviation").positive(),
    }));
  if (parts.length === 0 || new Set(parts.map(({ part }) => part)).size < parts.length) {
    member.member("parts").refuse("is empty or has a part twice");
  }
  const order = member.member("order");
  const written = order.value === undefined ? {} : { order: order.oneOf(["day-first", "month-first"]) };
  return { kind, name, ...written, fill, missingIndicator, parts };
}

function parseTarget(member: Member): Preprocessing["target"] {
  const name = member.member("name").text();
  const kind = member.member("kind").oneOf(["classes", "number"]);
  const writing = parseWriting(member);
  if (kind === "classes") {
    const match = member.member("match").oneOf(["text", "number", "boolean"]);
    return { kind, name, classes: member.member("classes").names(2), match, ...writing };
  }
  const minimum = member.member("minimum").number();
  const maximum = member.member("maximum").number();
  if (minimum > maximum) member.member("minimum").refuse("is larger than the maximum");
  const scaling = parseScaling(member);
  if (scaling.logOffset !== null && minimum + scaling.logOffset <= 0) {
    member.member("minimum").refuse("has no logarithm");
  }
  return { kind, name, ...writing, minimum, maximum, ...scaling };
}

function parseImages(root: Member): ImagePreprocessing {
  const height = root.member("height").size();
  const width = root.member("width").size();
  const given = root.member("channels");
  if (given.value !== undefined && given.value !== 1 && given.value !== 3) given.refuse("is not 1 or 3");
  const channels = given.value === 3 ? 3 : 1;
  if (height * width * channels > 2 ** 26) root.refuse("has images of more than 67 million pixels");
  return {
    format: "noron-preprocessing",
    version: 1,
    input: "images",
    height,
    width,
    ...(given.value === undefined ? {} : { channels }),
    mean: root.member("mean").number(),
    standardDeviation: root.member("standardDeviation").positive(),
    classes: root.member("classes").names(2),
  };
}

function parseWriting(member: Member): NumberWriting {
  const decimal = member.member("decimal").oneOf(decimalMarks);
  const sign = member.member("sign");
  return {
    decimal,
    ...(member.member("decimalFixed").trueOrNothing() && { decimalFixed: true }),
    ...(member.member("decimalPoints").trueOrNothing() && { decimalPoints: true }),
    ...(member.member("plainNumbers").trueOrNothing() && { plainNumbers: true }),
    ...(sign.value !== undefined && { sign: sign.text() }),
  };
}

function parseScaling(member: Member): { logOffset: number | null; mean: number; standardDeviation: number } {
  const offset = member.member("logOffset");
  const logOffset = offset.value === null ? null : offset.number();
  if (logOffset !== null && logOffset < 0) offset.refuse("is negative");
  const mean = member.member("mean").number();
  return { logOffset, mean, standardDeviation: member.member("standardDeviation").positive() };
}

/** A value within the JSON that knows its path and refuses what it is not. */
class Member {
  constructor(
    readonly value: unknown,
    private readonly path: string,
    private readonly file: string,
  ) {}

  refuse(problem: string): never {
    const subject = this.path === "" ? "it" : this.path;
    const text = `this is no preprocessing that noron wrote: ${subject} ${problem}.`;
    throw new DataError("corrupt-preprocessing", text, { file: this.file });
  }

  member(key: string): Member {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("is not an object");
    const path = this.path === "" ? key : `${this.path}.${key}`;
    return new Member(Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined, path, this.file);
  }

  list(): Member[] {
    if (!Array.isArray(this.value)) return this.refuse("is not a list");
    return this.value.map((value, index) => new Member(value, `${this.path}[${index}]`, this.file));
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.refuse("is not a text");
  }

  truth(): boolean {
    return typeof this.value === "boolean" ? this.value : this.refuse("is not true or false");
  }

  trueOrNothing(): boolean {
    return this.value === undefined || this.value === true ? this.value === true : this.refuse("is not true");
  }

  number(): number {
    const { value } = this;
    return typeof value === "number" && Number.isFinite(value) ? value : this.refuse("is not a number");
  }

  positive(): number {
    const value = this.number();
    return value > 0 ? value : this.refuse("is not positive");
  }

  size(): number {
    const value = this.positive();
    return Number.isSafeInteger(value) ? value : this.refuse("is not a whole number");
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.refuse(`is not ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`);
  }

  /** Different texts, at least so many. */
  names(atLeast: number): string[] {
    const names = this.list().map((member) => member.text());
    if (names.length < atLeast) this.refuse(`has fewer than ${atLeast} names`);
    return new Set(names).size === names.length ? names : this.refuse("has a name twice");
  }
}
