/** A piece of HTML: what is put into it is escaped, unless it is such a piece itself. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Value = Html | string | number | readonly (Html | string | number)[];

/** html`<p>${anything}</p>`: texts are escaped, lists put one behind another. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = parts[0];
  values.forEach((value, index) => {
    text += write(value) + parts[index + 1];
  });
  return new Html(text);
}

function write(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "string" || typeof value === "number") return escape(String(value));
  return value.map(write).join("");
}

/** Nothing in it can end a text or an attribute, and what no page shows is shown as a code. */
function escape(text: string): string {
  return (
    text
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      .replace(/"/g, "&quot;")
      .replace(/'/g, "&#39;")
      .replace(/(?![\n\t])[\p{Cc}\p{Cs}]/gu, (code) => `\\u${code.charCodeAt(0).toString(16).padStart(4, "0")}`)
      // Marks that turn the direction of what follows.
      .replace(/[\u202a-\u202e\u2066-\u2069]/g, (code) => `\\u${code.charCodeAt(0).toString(16)}`)
  );
}
