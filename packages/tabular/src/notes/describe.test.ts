import { expect, test } from "vitest";
import { profile } from "../profile/profile.ts";
import { parseTable } from "../read/parse-csv.ts";
import { describeNote, describeReason } from "./describe.ts";
import { makeNote } from "./note.ts";
import { makeReason } from "./reason.ts";

test("why a target cannot be learned is said in each language", () => {
  const [note] = profile(parseTable("f,t\n1,x\n2,x\n3,x\n", { name: "same.csv" }), { target: "t" }).warnings;
  expect(describeNote(note, "en")).toMatch(
    /^the target cannot be learned: same\.csv, column "t": the target is "x" in every/,
  );
  expect(describeNote(note, "vi")).toMatch(
    /^không thể học biến mục tiêu: same\.csv, cột "t": biến mục tiêu là "x" ở mọi/,
  );
});

test("numbers in Vietnamese have points on a terminal, as in files, and are Vietnamese where that is asked for", () => {
  const note = makeNote("duplicate-rows", { count: 1234, share: 0.0456 });
  expect(describeNote(note, "vi")).toContain("1\u00a0234 hàng (4.6 %)");
  expect(describeNote(note, "vi", "vi")).toContain("1.234 hàng (4,6 %)");
  expect(describeNote(note, "vi")).toContain("1\u00a0234 hàng (4.6 %)");
  expect(describeNote(note, "en", "vi")).toContain("1,234 rows (4.6 %)");
  const reason = makeReason("numbers", { count: 5678, unique: 9 });
  expect(describeReason(reason, "vi")).toContain("5\u00a0678 số");
  expect(describeReason(reason, "vi", "vi")).toContain("5.678 số");
});
