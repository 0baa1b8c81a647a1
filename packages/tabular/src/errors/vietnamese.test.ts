import { expect, test } from "vitest";
import { vietnameseErrors } from "./vietnamese.ts";

test.each(Object.entries(vietnameseErrors))("%s says in Vietnamese what to do", (_, text) => {
  expect(text({ value: "x", suggestion: undefined })).toMatch(/[Hh]ãy /);
});
