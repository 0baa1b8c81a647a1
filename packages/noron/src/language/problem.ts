import type { Language } from "@noron/tabular";
import { problems as english } from "./en/problems.ts";
import { fill } from "./fill.ts";
import type { Names } from "./names.ts";
import { problems as vietnamese } from "./vi/problems.ts";

export const PROBLEM_TEXTS: Readonly<Record<Language, Readonly<Record<ProblemCode, string>>>> = {
  en: english,
  vi: vietnamese,
};

export type ProblemCode = keyof typeof english;

/** What the text of a problem is made of. */
type ProblemValues<Code extends ProblemCode> = {
  readonly [Name in Names<(typeof english)[Code]>]: string | number;
};

type Values<Code extends ProblemCode> = [Names<(typeof english)[Code]>] extends [never]
  ? [values?: Readonly<Record<string, never>>]
  : [values: ProblemValues<Code>];

/** Problems of a member of a config. */
export type MemberProblem = {
  [Code in ProblemCode]: "member" extends Names<(typeof english)[Code]> ? Code : never;
}[ProblemCode];

/** What their texts are made of besides the member. */
export type MemberValues<Code extends MemberProblem> = [Exclude<Names<(typeof english)[Code]>, "member">] extends [
  never,
]
  ? []
  : [values: Omit<ProblemValues<Code>, "member">];

/** What is wrong, as a part of an error's text, in every language; English where it becomes a text, as in JSON. */
export class Problem<Code extends ProblemCode = ProblemCode> {
  readonly #values: Readonly<Record<string, string | number>>;

  constructor(
    readonly code: Code,
    ...[values = {}]: Values<Code>
  ) {
    this.#values = values;
  }

  /** What is wrong with a member of a config. */
  static of<Code extends MemberProblem>(member: string, code: Code, ...[values]: MemberValues<Code>): Problem {
    return new (Problem as new (code: ProblemCode, values: object) => Problem)(code, { ...values, member });
  }

  in(language: Language): string {
    return fill(PROBLEM_TEXTS[language][this.code], this.#values, language);
  }

  toString(): string {
    return this.in("en");
  }

  toJSON(): string {
    return this.toString();
  }
}

/** Why the system refused something; its own message where it is an unusual one. */
export function systemProblem(error: unknown): Problem | string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return Object.hasOwn(english, code) ? (new Problem(code as "ENOSPC") as Problem) : message;
}
