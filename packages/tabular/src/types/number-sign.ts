import { placeOf, type Table } from "../read/table.ts";
import type { SeenCell } from "./column-facts.ts";

/** @internal Codes of currencies, and letters that stand for one, on either side of a number. */
export const currencyCodes =
  "EUR|USD|GBP|CHF|JPY|CNY|VN[DĐ]|AUD|BRL|CAD|CZK|DKK|HKD|HUF|IDR|INR|KRW|MXN|MYR|NOK|NZD|PLN|SEK|SGD|THB|TRY|TWD|ZAR|kr|zł|Kč|Rp|Rs|đồng|円|元|원";

/** @internal A sign or code of a currency, or per cent; "đ" is how đồng is written without its sign. */
export const numberSign = new RegExp(`(?:R|US|A|C|NZ|NT|HK|S)?\\p{Sc}|%|‰|đ|${currencyCodes}`, "u");

/** What else means the same. */
const sameSigns: Readonly<Record<string, string>> = {
  đ: "₫",
  VND: "₫",
  VNĐ: "₫",
  EUR: "€",
  USD: "$",
  US$: "$",
  GBP: "£",
  JPY: "¥",
  "\uffe5": "¥",
  円: "¥",
  원: "₩",
  KRW: "₩",
  IDR: "Rp",
  INR: "₹",
  Rs: "₹",
  PLN: "zł",
  CZK: "Kč",
  TRY: "₺",
  THB: "฿",
  AUD: "A$",
  CAD: "C$",
  NZD: "NZ$",
  HKD: "HK$",
  TWD: "NT$",
  SGD: "S$",
  BRL: "R$",
};

/** @internal The sign of a cell that is a number, one for all that mean the same; "" where there is none. */
export function signOf(cell: string): string {
  if (isDigit(cell.charCodeAt(0)) && isDigit(cell.charCodeAt(cell.length - 1))) return "";
  const sign = numberSign.exec(cell)?.[0] ?? "";
  return sameSigns[sign] ?? sign;
}

const isDigit = (code: number) => code >= 48 && code <= 57;

/** @internal */
export function isPerCent(sign: string): boolean {
  return sign === "%" || sign === "‰";
}

/** @internal Whether amounts of a currency have no decimals in practice. */
export function isWholeCurrency(sign: string): boolean {
  return ["₫", "¥", "₩", "Rp"].includes(sign);
}

/**
 * @internal Whether a number of new data with such a sign may be of another unit than those of training: another currency,
 * or with per cent where they were without. A currency may be left out, or be written where it was left out.
 */
export function mayBeOfOtherUnit(trained: string, sign: string): boolean {
  return sign !== trained && (isPerCent(trained) || isPerCent(sign) || (trained !== "" && sign !== ""));
}

/** @internal The first number with each sign, and without one. */
export type FirstOfSigns = ReadonlyMap<string, SeenCell>;

/** @internal The same of the numbers among some cells. */
export function firstOfSigns(
  table: Table,
  cells: readonly string[],
  isNumber: (cell: string) => boolean,
): FirstOfSigns {
  const first = new Map<string, SeenCell>();
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    const sign = signOf(cell);
    if (!first.has(sign) && isNumber(cell)) first.set(sign, { value: cell, ...placeOf(table, row) });
  }
  return first;
}
