import { InputError } from "../errors.ts";
import { type MemberProblem, type MemberValues, Problem } from "../language/problem.ts";

/** A value within a config that knows its path and refuses what it is not. */
export class Field {
  constructor(
    readonly value: unknown,
    private readonly path: string,
    private readonly file: string,
  ) {}

  /** @throws InputError that names this member and says what is wrong with it */
  refuse<Code extends MemberProblem>(code: Code, ...values: MemberValues<Code>): never {
    const member = this.path === "" ? "config.json" : this.path;
    throw new InputError("bad-config", { file: this.file, problem: Problem.of(member, code, ...values) });
  }

  field(key: string): Field {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("not-an-object");
    const path = this.path === "" ? key : `${this.path}.${key}`;
    return new Field(Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined, path, this.file);
  }

  list(): Field[] {
    if (!Array.isArray(this.value)) return this.refuse("not-a-list");
    return this.value.map((value, index) => new Field(value, `${this.path}[${index}]`, this.file));
  }

  entries(): [string, Field][] {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return this.refuse("not-an-object");
    return Object.keys(value).map((key) => [key, this.field(key)]);
  }

  text(): string {
    return typeof this.value === "string" ? this.value : this.refuse("not-a-text");
  }

  truth(): boolean {
    return typeof this.value === "boolean" ? this.value : this.refuse("not-true-or-false");
  }

  number(): number {
    const { value } = this;
    return typeof value === "number" && Number.isFinite(value) ? value : this.refuse("not-a-number");
  }

  whole(least: number, most: number): number {
    const value = this.number();
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return this.refuse("not-whole", { least, most });
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.value);
    return found ?? this.refuse("not-one-of", { choices: choices.join(", ") });
  }
}
