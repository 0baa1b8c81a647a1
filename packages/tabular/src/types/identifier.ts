import { type ColumnFacts, distinctNumbers } from "./column-facts.ts";
import type { DecimalMark } from "./number-format.ts";

/** Names that say "this only numbers the rows": id, user_id, PassengerId, uuid; not "humid" or "paid". */
const identifierName = /(?:^|[\s_.-])(?:id|uuid|guid|mã)$/i;
const camelCaseIdentifier = /[a-z](?:Id|ID)$/;
/** Names that may number the rows and may be measured ("refractive index"): the numbers themselves must count up by one. */
const counterName = /(?:^|[\s_.-])(?:index|idx|no|nr|num|number|key|row|stt|#)\.?$/i;

/**
 * Whether a column of numbers only numbers its rows. A measurement must never be taken for it, so its name has to say
 * so too: all cells are whole numbers, no two the same, and the name is that of an identifier; or they count up by
 * one in file order from 0 or 1, and the name is that of a counter or there is none.
 * @param facts of a column whose cells are all numbers
 * @param unnamed the file gives the column no name
 */
export function isIdentifier(facts: ColumnFacts, decimal: DecimalMark, unnamed: boolean): boolean {
  const { name, rows } = facts;
  const { whole, countsUp, rises } = facts.numbers[decimal];
  if (rows < 3 || !whole) return false;
  // What pandas calls the index that it wrote itself, of which rows may have been taken out.
  if (rises && /^Unnamed: ?0$/.test(name)) return true;
  if (countsUp && (unnamed || /^unnamed(: ?\d+)?$/i.test(name) || counterName.test(name))) return true;
  return looksLikeIdentifier(name) && distinctNumbers(facts, decimal) === rows;
}

/** Whether a name is that of an identifier. */
export function looksLikeIdentifier(name: string): boolean {
  return identifierName.test(name) || camelCaseIdentifier.test(name);
}
