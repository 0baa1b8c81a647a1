/** A value of JSON or Parquet as a CSV file would have it. */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value.trim().normalize("NFC");
    case "number":
      return Number.isNaN(value) ? "" : unmistakable(String(value));
    case "boolean":
    case "bigint":
      return String(value);
    case "object":
      if (value === null) return "";
      if (value instanceof Date) return dateText(value);
      return jsonText(value);
    default:
      return "";
  }
}

/**
 * A number whose point no reader takes for one that separates thousands, as that of "1.234" may: what was a number
 * already stays that number beside texts of any kind.
 */
export function unmistakable(number: string): string {
  return /^-?[1-9]\d{0,2}\.\d{3}$/.test(number) ? `${number}0` : number;
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return "";
  const text = date.toISOString();
  return text.endsWith("T00:00:00.000Z") ? text.slice(0, -14) : text;
}

function jsonText(value: object): string {
  return JSON.stringify(value, (_, member) => {
    if (typeof member === "bigint") return Number(member);
    return ArrayBuffer.isView(member) ? Array.from(member as Uint8Array) : member;
  });
}
