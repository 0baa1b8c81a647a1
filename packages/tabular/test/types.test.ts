import {
  applyPreprocessing,
  DataError,
  type DecimalMark,
  describeDataError,
  describeNote,
  encodeTarget,
  fitPreprocessing,
  isWarning,
  type NumberFeature,
  type Preprocessing,
  parsePreprocessing,
  parseTable,
  planTable,
} from "@noron/tabular";
import { describe, expect, test } from "vitest";
import { parseNumber } from "../src/types/number-format.ts";

const targets = Array.from({ length: 30 }, (_, row) => row * 1.5 + 0.25);

/** The decision about one column of 30 cells beside a numeric target and another feature. */
function decide(cells: readonly (string | number)[], name = "f", delimiter = ",") {
  const quoted = (cell: string | number) => `"${String(cell).replaceAll('"', '""')}"`;
  const other = targets.map((value) => value * 2 + 0.5);
  const lines = targets.map((target, row) => [quoted(cells[row % cells.length]), other[row], target].join(delimiter));
  const table = parseTable([[quoted(name), "other", "target"].join(delimiter), ...lines].join("\n"), { delimiter });
  return planTable(table, { target: "target" }).columns[0];
}
const rows = <T>(make: (row: number) => T) => targets.map((_, row) => make(row));

const decisions: [
  name: string,
  cells: (string | number)[],
  kind: string,
  note?: string,
  column?: string,
  delimiter?: string,
][] = [
  ["whole numbers", rows((row) => row % 7), "number"],
  ["decimals, signs and exponents", rows((row) => `${row % 2 ? "-" : "+"}${row}.5e-${row % 3}`), "number"],
  ["numbers with gaps", ["1", "", "NA", "2.5", "?"], "number"],
  ["decimal commas", rows((row) => `${row},25`), "number", "decimal-comma"],
  ["decimal commas between semicolons", rows((row) => `${row},5`), "number", "decimal-comma", "f", ";"],
  ["commas before three digits, between commas", rows((row) => `${row + 1},234`), "number", "commas-are-thousands"],
  [
    "commas before three digits, where larger numbers go without",
    rows((row) => (row % 2 ? `${row + 1},234` : row + 5000)),
    "ignore",
    "comma-in-doubt",
  ],
  [
    "commas before three digits, between semicolons",
    rows((row) => `${row + 1},234`),
    "number",
    "comma-in-doubt",
    "f",
    ";",
  ],
  ["separated thousands", rows((row) => `${row + 1},234,567.5`), "number", "commas-are-thousands"],
  ["thousands separated by spaces", rows((row) => `${row + 1} 234 567,5`), "number", "decimal-comma"],
  ["thousands in Switzerland", rows((row) => `${row + 1}'234.50`), "number"],
  ["dollars", rows((row) => `$${row + 1}.50`), "number", "units-left-out"],
  ["euros behind decimal commas", rows((row) => `-${row},50 €`), "number", "units-left-out"],
  ["đồng with points", rows((row) => `${row + 1}.200.000 ₫`), "number", "points-are-thousands", "f", ";"],
  ["per cent", rows((row) => `${row} %`), "number", "units-left-out"],
  ["units", rows((row) => `${row} kg`), "ignore", "identifier-column"],
  ["a few numbers with one unit", rows((row) => `${row % 9} kg`), "category", "texts-like-numbers"],
  ["numbers of houses", rows((row) => `${row % 5}${"ab"[row % 2]}`), "category"],
  ["times of day", rows((row) => `${row % 9}:30`), "category", "texts-like-numbers"],
  ["dates with the month's name", rows((row) => `${(row % 28) + 1} ${row % 2 ? "Jan" : "March"} 2024`), "date"],
  [
    "times in several zones",
    rows((row) => `2024-01-01T10:${10 + row}${row % 2 ? "Z" : "+02:00"}`),
    "date",
    "zones-left-out",
  ],
  ["prices without cents", rows((row) => `${row + 1},-`), "number", "decimal-comma", "f", ";"],
  ["one typing mistake", rows((row) => (row === 5 ? "1o" : row)), "number", "not-numbers"],
  ["a word for unknown", rows((row) => (row % 6 === 0 ? "unknown" : row)), "number", "not-numbers"],
  ["half words", rows((row) => (row % 2 ? "a" : "b") + (row % 3)), "category"],
  ["infinities are no numbers", rows((row) => ["inf", "-inf", "x", "y"][row % 4]), "category"],
  ["texts", ["red", "green", "blue"], "category"],
  ["a value or nothing", ["x", ""], "category"],
  ["true and false", ["true", "false", "TRUE", "False"], "boolean"],
  ["yes and no", ["Yes", "no", "", "YES"], "boolean"],
  ["y and n", ["y", "n"], "boolean"],
  ["on and off", ["on", "off"], "boolean"],
  ["ja and nein", ["Ja", "nein", "", "JA"], "boolean"],
  ["oui and non", ["OUI", "non"], "boolean"],
  ["sí and no", ["sí", "No"], "boolean"],
  ["ja alone", ["ja", "vielleicht"], "category"],
  ["texts in capital letters and without", ["open", "Open", "shut"], "category", "spelled-alike"],
  ["có and không", ["Có", "không"], "boolean"],
  ["true, 0 and 1", ["true", "0", "1"], "boolean"],
  ["0 and 1 are numbers", ["0", "1"], "number"],
  ["dates", rows((row) => `2024-01-${String(row + 1).padStart(2, "0")}`), "date"],
  ["times", rows((row) => `2024-01-31T${row % 24}:15:00Z`), "date"],
  ["days that do not exist", ["2023-02-30", "2023-02-31"], "category"],
  ["day and month in doubt", ["01/02/2024", "03/04/2024"], "category", "ambiguous-date"],
  [
    "days in doubt, all different",
    rows((row) => `0${(row % 12) + 1}/09/20${10 + row}`.slice(-10)),
    "ignore",
    "ambiguous-date",
  ],
  ["days first", rows((row) => `${row + 1}/09/2024`), "date", "day-first"],
  ["months first", rows((row) => `09/${row + 1}/2024 3:${10 + row} PM`), "date", "month-first"],
  [
    "days first in one row and months first in another",
    ["27/09/2024", "09/27/2024", "01/02/2024"],
    "category",
    "ambiguous-date",
  ],
  [
    "few cells that are no dates",
    rows((row) => (row % 12 === 0 ? `soon ${row}` : `${row + 1}.9.24`)),
    "date",
    "not-dates",
  ],
  ["codes with zeros in front", ["00123", "10999", "20111", "04242"], "category", "codes"],
  ["codes with zeros in front, all different", rows((row) => String(row * 37).padStart(6, "0")), "ignore", "codes"],
  ["telephone numbers of two lengths", ["0912345678", "02438123456", "0987654321"], "category", "codes"],
  ["one number with a zero in front", rows((row) => (row === 3 ? "05" : row * 7)), "number"],
  ["few cells that are no numbers", rows((row) => ["n/a?", "12 kg", "1o"][row] ?? row * 1.5), "number", "not-numbers"],
  ["a third that is no numbers", rows((row) => (row % 3 ? row % 8 : `x${row % 2}`)), "category", "some-numbers"],
  ["accountants' negatives", rows((row) => `(${row + 1}.50)`), "number", "negative-numbers"],
  ["minus behind", rows((row) => `${row + 1},50-`), "number", "negative-numbers", "f", ";"],
  ["codes of a currency", rows((row) => `USD ${row + 1}`), "number", "units-left-out"],
  ["đồng in full", rows((row) => `${row + 1}.000 đồng`), "number", "points-are-thousands"],
  ["yen", rows((row) => `${row + 1}000円`), "number", "units-left-out"],
  ["always the same text", ["x"], "ignore", "constant-column"],
  ["always the same number", ["3"], "ignore", "constant-column"],
  ["always missing", ["", "NA", "?"], "ignore", "all-missing"],
  ["different texts", rows((row) => `name ${row}`), "ignore", "identifier-column"],
  ["mostly different texts", rows((row) => `name ${row % 20}`), "ignore", "many-values"],
  ["id", rows((row) => 1000 + ((row * 7) % 30)), "ignore", "identifier-column", "id"],
  ["camelCase id", rows((row) => row + 100), "ignore", "identifier-column", "PassengerId"],
  ["customer_id, repeated", rows((row) => row % 10), "number", undefined, "customer_id"],
  ["counting index", rows((row) => row + 1), "ignore", "identifier-column", "index"],
  ["unnamed and counting", rows((row) => row), "ignore", "identifier-column", ""],
  ["unnamed and measured", rows((row) => row * 3), "number", undefined, ""],
  ["refractive index", rows((row) => row * row), "number", undefined, "refractive_index"],
  ["humid", rows((row) => row + 5), "number", undefined, "humid"],
  ["x counting up is a feature", rows((row) => row + 1), "number", undefined, "x"],
  ["id with decimals is measured", rows((row) => row + 0.5), "number", undefined, "id"],
];

describe("what a column is", () => {
  test.each(decisions)("%s", (_, cells, kind, note, column, delimiter) => {
    const decided = decide(cells, column, delimiter);
    expect(decided.kind, decided.reason).toBe(kind);
    expect(decided.reason).not.toBe("");
    for (const { text } of decided.notes) expect(text).toContain(`column "${decided.name}"`);
    if (note === undefined) expect(decided.notes).toEqual([]);
    else expect(decided.notes.map(({ code }) => code)).toContain(note);
  });

  test("says what to do about thousands and units that it cannot read", () => {
    expect(decide(rows((row) => `${row + 1},234.567,5`)).reason).toMatch(/all of its 30 texts are different/);
    expect(decide(rows((row) => (row % 2 ? `${row + 1},234` : row + 5000))).reason).toMatch(/all of its 30 texts/);
    expect(decide(rows((row) => `${row + 1} kg`)).reason).toMatch(/unit/);
    expect(decide(rows((row) => `KH${row + 1}`)).reason).not.toMatch(/unit/);
  });

  test("kinds can be forced", () => {
    const table = parseTable(`a,b,c\n${rows((row) => `${row % 3},${row},${row}.5`).join("\n")}`);
    const plan = planTable(table, { target: "c", kinds: { a: "category", b: "ignore" } });
    expect(plan.columns.map((column) => column.kind)).toEqual(["category", "ignore"]);
    expect(plan.notes.map((note) => note.code)).toContain("ignored-column");
  });
});

test.each<[string, DecimalMark, number]>([
  ["1,234.5", ",.", 1234.5],
  ["1,234", ",.", 1234],
  ["1,234", ",", 1.234],
  ["1,234,567", ".", Number.NaN],
  ["12,34", ",.", Number.NaN],
  ["1.5", ",.", 1.5],
  ["1 234,5", ",", 1234.5],
  ["1\u00a0234.5", ".", 1234.5],
  ["1'000'000", ".", 1e6],
  ["12 34", ".", Number.NaN],
  ["−3.5", ".", -3.5],
  ["$12.50", ".", 12.5],
  ["-$12", ".", -12],
  ["€ -7,5", ",", -7.5],
  ["1.200.000 đ", ".,", 1.2e6],
  ["12 %", ".", 12],
  ["5%", ",.", 5],
  ["$", ".", Number.NaN],
  ["%5", ".", Number.NaN],
  ["5 kg", ".", Number.NaN],
  ["(12)", ".", -12],
  ["($1,234.50)", ",.", -1234.5],
  ["$(12)", ".", -12],
  ["(12,5) €", ",", -12.5],
  ["(-12)", ".", Number.NaN],
  ["(12", ".", Number.NaN],
  ["1.234,56-", ".,", -1234.56],
  ["12-", ".", -12],
  ["12-13", ".", Number.NaN],
  ["1 364,28- €", ",", -1364.28],
  ["€ 12,5-", ",", -12.5],
  ["12 %-", ".", -12],
  ["19,-", ",", 19],
  ["19,-- €", ",", 19],
  ["CHF 1'250.–", ".", 1250],
  ["-19.-", ".", -19],
  ["12.345,-", ".,", 12345],
  ["R$ 1.50", ".", 1.5],
  ["US$12", ".", 12],
  ["Rs. 12", ".", 12],
  ["12 kr", ".", 12],
  ["3 S", ".", Number.NaN],
  ["2024-05", ".", Number.NaN],
  ["12 EUR", ".", 12],
  ["VND 1.200.000", ".,", 1.2e6],
  ["-5%", ".", -5],
  ["inf", ".", Number.NaN],
  ["1e999", ".", Number.NaN],
])("%j with the mark %j is %d", (cell, mark, expected) => {
  expect(parseNumber(cell, mark)).toBe(expected);
});

test("long codes as classes stay apart, where a float64 cannot tell them apart", () => {
  const text = rows((row) => `${row},900719925474099${row % 2 ? 2 : 3}`).join("\n");
  const { target } = planTable(parseTable(`f,target\n${text}\n`), { target: "target", task: "classification" });
  expect(target.classes).toEqual(["9007199254740992", "9007199254740993"]);
});

describe("points before three digits", () => {
  /** Cells of "f" beside others of "g" and a target of classes. */
  const plan = (f: string[], g: string[], delimiter: string) => {
    const lines = f.map((cell, row) => [`"${cell}"`, `"${g[row]}"`, row % 2 ? "a" : "b"].join(delimiter));
    const table = parseTable([["f", "g", "t"].join(delimiter), ...lines].join("\n"), { delimiter });
    const { columns } = planTable(table, { target: "t" });
    return { decimal: columns[0].decimal, codes: columns[0].notes.map(({ code }) => code) };
  };
  const money = ["1.200", "950", "2.374.000", "4.762,50", "17"];
  const dotted = ["1.200", "950", "3.125", "200", "17.500"];
  const whole = ["1", "2", "4", "7", "9"];

  test.each<[string, string[], string[], string, string, string[]]>([
    ["thousands beside decimal commas in the column", money, whole, ",", ".,", ["points-are-thousands"]],
    ["thousands between semicolons", dotted, whole, ";", ".,", ["points-are-thousands"]],
    [
      "thousands beside a column of decimal commas",
      dotted,
      whole.map((x) => `${x},5`),
      ",",
      ".,",
      ["points-are-thousands"],
    ],
    ["decimals beside decimals between semicolons", dotted, whole.map((x) => `${x}.5`), ";", ".", ["points-in-doubt"]],
    [
      "decimals beside decimal points in one column and decimal commas in most",
      dotted,
      whole.map((x, row) => (row === 0 ? "0.5" : `${x},5`)),
      ";",
      ".",
      ["points-in-doubt"],
    ],
    ["decimals where nothing says so", dotted, whole, ",", ".", ["points-in-doubt"]],
    ["decimals beside small whole numbers", ["1.234", "2", "3.125", "4", "5.5"], whole, ",", ".", []],
  ])("%s", (_, f, g, delimiter, decimal, codes) => {
    const found = plan(f, g, delimiter);
    expect(found.decimal).toBe(decimal);
    expect(found.codes.filter((code) => code.startsWith("points"))).toEqual(codes);
  });

  test.each<[string, string[], string, string[]]>([
    [
      "without whole numbers beside them, of any digits: decimals",
      ["1.234", "5.678", "2.359", "9.871", "4.003"],
      ".",
      ["points-in-doubt"],
    ],
    [
      "without, most of them round: thousands",
      ["1.200", "2.500", "3.100", "1.850", "4.000"],
      ".,",
      ["points-are-thousands"],
    ],
    [
      "with larger numbers that have none: decimals",
      ["1.200", "950", "3.100", "5000", "4.000"],
      ".",
      ["points-in-doubt"],
    ],
    ["with small whole numbers: decimals", ["1.234", "2", "3.125", "4", "5.517"], ".", ["points-in-doubt"]],
  ])("between semicolons, in a file without a comma, %s", (_, f, decimal, codes) => {
    const found = plan(f, whole, ";");
    expect(found.decimal).toBe(decimal);
    expect(found.codes).toEqual(codes);
  });

  const prices = (cell: (thousands: number) => string) => whole.map((_, row) => cell(360 + 97 * row));
  const dong = prices((size) => `${size}.000 ₫`);
  test.each<[string, string[], string[], string, string[]]>([
    ["amounts of a currency without decimals: thousands", dong, whole, ".,", ["points-are-thousands"]],
    ["such beside decimal points: thousands", dong, whole.map((x) => `0.${x}`), ".,", ["points-are-thousands"]],
    ["its code in front: thousands", prices((size) => `Rp ${size}.500`), whole, ".,", ["points-are-thousands"]],
    ["commas of such: thousands", prices((size) => `¥${size},000`), whole, ",.", ["commas-are-thousands"]],
    ["such with other decimals: decimals", [...dong.slice(1), "8337.000 ₫"], whole, ".", []],
    ["amounts in dollars: in doubt", prices((size) => `$${size}.714`), whole, ".", ["points-in-doubt"]],
    [
      "such beside decimal points: in doubt",
      prices((size) => `$${size}.714`),
      whole.map((x) => `0.${x}`),
      ".",
      ["points-in-doubt"],
    ],
    ["measurements with three decimals: in doubt", prices((size) => `${size}.271`), whole, ".", ["points-in-doubt"]],
    ["such beside decimal points: decimals", prices((size) => `${size}.271`), whole.map((x) => `0.${x}`), ".", []],
    ["such, one below 1: decimals", [...prices((size) => `${size}.271`).slice(1), "0.125"], whole, ".", []],
  ])("between commas, %s", (_, f, g, decimal, codes) => {
    const found = plan(f, g, ",");
    expect(found.decimal).toBe(decimal);
    expect(found.codes.filter((code) => code !== "units-left-out")).toEqual(codes);
  });

  test("say what a cell is read as", () => {
    const text = (cell: string) => {
      const table = parseTable(
        `f,t\n${rows((row) => `${cell.replace("1", String(row % 9 || 4))},${row % 2}`).join("\n")}`,
      );
      return planTable(table, { target: "t" }).columns[0].notes.map((note) => note.text.split(";")[0]);
    };
    expect(text("310.000 ₫")).toEqual([
      'column "f": its points are read as separating thousands ("340.000 ₫" is 340000), as the decimal mark is the comma, the currency has no decimals or the numbers look so',
      'column "f": signs of currency and per cent are left out, so that "340.000 ₫" is 340000',
    ]);
    expect(text("1.714")).toEqual([
      'column "f": each of its points stands before three digits and is read as the decimal mark ("4.714" is 4.714)',
    ]);
  });

  test("are what they are asked to be, in new data too", () => {
    const text = (delimiter: string) =>
      ["f,t", ...rows((row) => `${row + 1}.2${row % 9}4,${row % 2 ? "a" : "b"}`)].join("\n").replaceAll(",", delimiter);
    const table = parseTable(text(";"), { delimiter: ";" });
    for (const [choice, value] of [
      ["number:comma", 1204],
      ["number:point", 1.204],
    ] as const) {
      const plan = planTable(table, { target: "t", kinds: { f: choice } });
      expect(plan.columns[0].notes).toEqual([]);
      expect(plan.choices.kinds).toEqual({ f: choice });
      const { preprocessing } = fitPreprocessing(table, plan.rows, plan);
      const back = parsePreprocessing(JSON.stringify(preprocessing)) as Preprocessing;
      expect(back).toEqual(preprocessing);
      const [column] = back.columns as [NumberFeature];
      expect(column).toMatchObject({ decimalFixed: true });
      // Neither the separator nor a decimal point beside it changes what was asked for.
      for (const delimiter of [",", ";"]) {
        const { features } = applyPreprocessing(back, parseTable(text(delimiter), { delimiter }));
        expect(features[0]).toBeCloseTo((value - column.mean) / column.standardDeviation, 4);
      }
    }
    const target = planTable(table, { target: "f", kinds: { f: "number:comma" } }).target;
    expect(target).toMatchObject({ task: "regression", decimal: ".,", decimalFixed: true });
    expect(() => planTable(table, { target: "f", kinds: { f: "number" } })).toThrow(/this is the target/);
  });

  test("a target of thousands that is no number says how to mend it", () => {
    const read = planFor(rows((row) => (row % 2 ? `${100 + row}.000` : `${row + 2}.374.000`))).target;
    expect([read.task, read.decimal]).toEqual(["regression", ".,"]);
    const cells = rows((row) => (row % 3 === 0 ? 5000 + row : `${row + 1},234`));
    expect(() => planFor(cells)).toThrow(/separated thousands/);
    expect(() => planFor(cells, "regression")).toThrow(/separated thousands/);
  });
});

/** A plan for a target of these cells, beside a numeric feature. */
function planFor(cells: readonly (string | number)[], task?: "classification" | "regression") {
  const lines = cells.map((cell, row) => `${(row * 37) % 101}.5,"${cell}"`);
  return planTable(parseTable(`feature,target\n${lines.join("\n")}`, { name: "t.csv" }), { target: "target", task });
}

describe("the task", () => {
  const tasks: [name: string, cells: (string | number)[], task: string, classes: string[]][] = [
    ["text", rows((row) => ["b", "a", "c"][row % 3]), "classification", ["a", "b", "c"]],
    ["truth", rows((row) => ["yes", "No", "yes", "NO", "No"][row % 5]), "classification", ["no", "yes"]],
    ["truth in two words", rows((row) => ["N", "N", "N", "yes", "no"][row % 5]), "classification", ["N", "Y"]],
    ["ja and nein", rows((row) => ["Ja", "Nein", "Ja", "nein", "JA"][row % 5]), "classification", ["Nein", "Ja"]],
    ["few whole numbers", rows((row) => [10, 2, 1][row % 3]), "classification", ["1", "2", "10"]],
    ["whole numbers written two ways", rows((row) => ["1", "1.0", "0"][row % 3]), "classification", ["0", "1"]],
    ["decimals", rows((row) => row / 4), "regression", []],
    ["many whole numbers", rows((row) => row * 3), "regression", []],
    ["few rows of whole numbers", [1, 5, 3, 8, 2, 9], "regression", []],
    ["digits and texts", rows((row) => ["1", "2", "3a"][row % 3]), "classification", ["1", "2", "3a"]],
    ["decimal commas", rows((row) => `${row},5`), "regression", []],
  ];
  test.each(tasks)("%s", (_, cells, task, classes) => {
    const { target, notes } = planFor(cells);
    expect(target).toMatchObject({ task, classes });
    expect(notes.find((note) => note.code === "task")?.text).toContain(task);
  });

  test("classes that differ in capital letters or spaces alone are told", () => {
    const { target, notes } = planFor(
      rows((row) => ["paid", "Paid", "unpaid", "PAID", "on  hold", "on hold"][row % 6]),
    );
    expect(target.classes).toHaveLength(6);
    expect(notes.filter(isWarning).map(({ text }) => text)).toEqual([
      'the target "target": "paid" (5 ×), "Paid" (5 ×), "PAID" (5 ×); "on  hold" (5 ×), "on hold" (5 ×) differ in capital letters or spaces alone, and are classes of their own: should they be the same, write them alike in the file',
    ]);
  });

  test("what may be lost or of another unit is a warning, beside ordinary notes", () => {
    const warned = (cells: string[]) =>
      decide(cells)
        .notes.filter(isWarning)
        .map(({ code }) => code);
    expect(warned(rows((row) => `${row}.5 kg`))).toEqual(["identifier-column"]);
    expect(warned(rows((row) => `name ${row}`))).toEqual([]);
    expect(warned(rows((row) => `${row % 2 ? "$" : "€"}${row}.50`))).toEqual(["units-left-out"]);
    expect(warned(rows((row) => `$${row}.50`))).toEqual([]);
    expect(decide(rows((row) => `${row}.-`)).notes).toEqual([]);
  });

  test("texts that are numbers with something around them are told", () => {
    const few = planFor(rows((row) => `${1 + (row % 7)} triệu`));
    expect(few.target.task).toBe("classification");
    expect(few.notes.filter(isWarning).map(({ text }) => text)).toEqual([
      'column "target" is taken as texts; they look like numbers with a unit: write the number alone',
    ]);
    expect(() => planFor(rows((row) => `${row} km`))).toThrow(/too many to be classes: .*numbers with a unit/);
    expect(planFor(rows((row) => ["1a", "1b", "2a"][row % 3])).notes.filter(isWarning)).toEqual([]);
  });

  test("can be given", () => {
    expect(
      planFor(
        rows((row) => row % 3),
        "regression",
      ).target.task,
    ).toBe("regression");
    expect(
      planFor(
        rows((row) => `${(row % 4) + 0.5}`),
        "classification",
      ).target.classes,
    ).toHaveLength(4);
  });

  test("rows without a target are left out, and said", () => {
    const plan = planFor(rows((row) => (row % 10 === 0 ? "" : row / 4)));
    expect(plan.rows).toHaveLength(27);
    expect(plan.notes.find((note) => note.code === "missing-target")?.text).toMatch(/3 rows/);
  });
});

describe("words such as NA in a target", () => {
  const plan = (cells: readonly string[], kinds = {}, other: (row: number) => string = (row) => `${row * 7}.5`) => {
    const lines = rows((row) => `${other(row)},"${cells[row % cells.length]}"`);
    return planTable(parseTable(`f,y\n${lines.join("\n")}`, { name: "t.csv" }), { target: "y", kinds });
  };
  const codes = ({ notes }: ReturnType<typeof plan>) => notes.map(({ code }) => code);

  const kept: [string, string[], string[]][] = [
    ["None beside one class", ["yes", "None"], ["None", "yes"]],
    ["NA beside one class", ["EU", "NA"], ["EU", "NA"]],
    ["None as often as another", ["Insomnia", "None", "Apnea", "None"], ["Apnea", "Insomnia", "None"]],
    ["NA beside empty cells", ["EU", "NA", "AS", ""], ["AS", "EU", "NA"]],
  ];
  test.each(kept)("are a class: %s", (_, cells, classes) => {
    const found = plan(cells);
    expect(found.target.classes).toEqual(classes);
    expect(codes(found)).toContain("class-words");
    expect(codes(found)).not.toContain("missing-words");
    expect(found.rows).toHaveLength(rows((row) => cells[row % cells.length]).filter((cell) => cell !== "").length);
    expect(plan(cells, { y: "category:words" }).target.classes).toEqual(classes);
  });

  test("are a class in new rows as in training, where others are missing", () => {
    const cells = ["yes", "None", "no", "None"];
    const lines = rows((row) => `${row * 7}.5,${cells[row % 4]}`);
    const table = parseTable(`f,y\n${lines.join("\n")}`);
    const found = planTable(table, { target: "y" });
    const { preprocessing } = fitPreprocessing(table, found.rows, found);
    const encoded = encodeTarget(preprocessing, parseTable("f,y\n1,None\n2,NA\n3,Yes\n4,\n"));
    expect(encoded).toMatchObject({ missing: 2, rows: Int32Array.of(0, 2) });
    expect(encoded.kind === "classes" && Array.from(encoded.classes, (at) => found.target.classes[at])).toEqual([
      "None",
      "yes",
    ]);
  });

  const left: [string, string[], ((row: number) => string)?][] = [
    ["NA beside two classes", ["a", "b", "NA"]],
    ["None that is rarer than every class", ["a", "b", "a", "b", "a", "b", "None"]],
    ["None that stands for numbers too", ["a", "b", "None"], (row) => (row % 5 ? `${row}.5` : "None")],
  ];
  test.each(left)("are missing, and told with how to keep them: %s", (_, cells, other) => {
    const found = plan(cells, {}, other);
    expect(found.target.classes).toEqual(["a", "b"]);
    const note = found.notes.find(({ code }) => code === "missing-target");
    expect(note?.text).toMatch(/should "\w+" \(\d+ ×\) be a class, ask for --type y=category:words$/);
    expect(describeNote(note!, "vi")).toMatch(/là một lớp, hãy dùng --type y=category:words$/);
    expect(plan(cells, { y: "category:words" }, other).target.classes).toHaveLength(3);
  });

  test("are missing where that is asked for, and the refusal says how to keep them", () => {
    const refused = () => plan(["yes", "None"], { y: "category:missing" });
    expect(refused).toThrow(/the target is "yes" in every row, so there is nothing to learn/);
    const marked = () => plan(["yes", "None"], {}, (row) => (row % 5 ? `${row}.5` : "None"));
    expect(marked).toThrow(
      /the target is "yes" in every row in which it is not missing.*should "None" \(15 ×\) be a class, ask for --type y=category:words/,
    );
    try {
      marked();
    } catch (error) {
      expect(describeDataError(error as DataError, "vi")).toMatch(
        /nếu "None" \(15 ×\) là một lớp, hãy dùng --type y=category:words/,
      );
    }
  });

  test("are texts of another column where that is asked for", () => {
    const lines = rows((row) => `${["NA", "EU", ""][row % 3]},${row}.5`);
    const table = parseTable(`region,y\n${lines.join("\n")}`);
    const found = planTable(table, { target: "y", kinds: { region: "category:words" } });
    expect(found.columns[0]).toMatchObject({ kind: "category", missing: 10, distinct: 2 });
    expect(codes(found)).not.toContain("missing-words");
    const { preprocessing } = fitPreprocessing(table, found.rows, found);
    expect(preprocessing.columns[0]).toMatchObject({ levels: ["EU", "NA"], missingLevel: true });
    const applied = applyPreprocessing(preprocessing, parseTable("region,y\nNA,1\nNone,2\nEU,3\n"));
    expect([...applied.features]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
  });
});

test("codes with zeros in front are classes, however many", () => {
  const cells = Array.from(
    { length: 90 },
    (_, row) => `${row % 7}.5,${String(700 + 11 * (row % 15)).padStart(5, "0")}`,
  );
  const { target } = planTable(parseTable(`f,y\n${cells.join("\n")}`), { target: "y" });
  expect([target.task, target.why.code, target.classes[0]]).toEqual(["classification", "target-codes", "00700"]);
});

describe("targets that are refused", () => {
  const mistyped = rows((row) => (row === 7 ? "oops" : row / 4));
  const refusals: [name: string, plan: () => unknown, expected: object, message: RegExp][] = [
    [
      "text among numbers",
      () => planFor(mistyped),
      { code: "not-a-number", row: 9, column: "target", value: "oops" },
      /t\.csv, row 9, column "target": "oops"/,
    ],
    [
      "regression on text",
      () => planFor(["a", "b"], "regression"),
      { code: "not-a-number", row: 2 },
      /"a" is not a number/,
    ],
    ["one class", () => planFor(rows(() => "a")), { code: "one-class", value: "a" }, /every row/],
    ["one number", () => planFor(rows(() => 5)), { code: "one-class", value: "5" }, /every row/],
    ["all missing", () => planFor(rows(() => "NA")), { code: "all-missing", column: "target" }, /missing in every row/],
    ["names", () => planFor(rows((row) => `name ${row}`)), { code: "too-many-classes" }, /30 different values/],
    [
      "no such column",
      () => planTable(parseTable("Species,b\na,1\n"), { target: "specis" }),
      { code: "no-such-column", value: "specis" },
      /Did you mean "Species"\?/,
    ],
    [
      "no such column, nothing near",
      () => planTable(parseTable("a,b\na,1\n"), { target: "price" }),
      { code: "no-such-column" },
      /The columns are "a", "b"/,
    ],
    [
      "no features",
      () => planTable(parseTable("a,b\n1,x\n1,y\n"), { target: "b" }),
      { code: "no-features" },
      /"a": every cell is "1"/,
    ],
  ];
  test.each(refusals)("%s", (_, plan, expected, message) => {
    let error: unknown;
    try {
      plan();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject(expected);
    expect((error as DataError).message).toMatch(message);
  });
});

describe("numbers that may stand for missing ones", () => {
  const ages = Array.from({ length: 300 }, (_, row) => String(18 + ((row * 37) % 63)));
  const some = (value: string, times: number) => [...ages, ...Array<string>(times).fill(value)];
  const codes = (cells: readonly string[]) => {
    const table = parseTable(`f,t\n${cells.map((cell, row) => `${cell},${row % 2}`).join("\n")}\n`);
    return planTable(table, { target: "t" }).columns[0].notes.filter(({ code }) => code === "missing-code");
  };

  test.each<[string, string[], unknown[]]>([
    ["−999 in a fiftieth of ages", some("-999", 6), [{ value: -999, count: 6, low: 18, high: 80 }]],
    ["−999 in a seventh", some("-999", 50), [{ value: -999, count: 50, low: 18, high: 80 }]],
    ["9999 in a hundredth", some("9999", 3), [{ value: 9999, count: 3, low: 18, high: 80 }]],
    ["−99 written in two ways", [...some("-99", 2), "-99.0"], [{ value: -99, count: 3, low: 18, high: 80 }]],
    [
      "two, one at each end",
      [...some("-999", 4), ...Array<string>(5).fill("9999")],
      [
        { value: -999, count: 4, low: 18, high: 80 },
        { value: 9999, count: 5, low: 18, high: 80 },
      ],
    ],
    ["two at one end", [...some("999", 4), "9999", "9999", "9999"], [{ value: 999 }, { value: 9999 }]],
    ["−999 among incomes", ages.map((age, row) => (row % 40 ? `${age}000` : "-999")), [{ value: -999, count: 8 }]],
    ["−999 among balances", ages.map((age, row) => (row % 40 ? `${Number(age) - 30}000` : "-999")), []],
    ["fewer than three", some("-999", 2), []],
    ["fewer than one in five hundred", [...ages, ...ages, ...ages, ...ages, ...ages, ...some("-999", 3)], []],
    ["99 near the others", some("99", 9), []],
    ["a number of other digits", some("1000", 9), []],
    ["−1 below whole numbers from 0", ["-1", "-1", "-1", ...ages.map((_, row) => String(row % 7))], []],
    ["counts with a long tail", ages.map((_, row) => String(row % 3 === 0 ? 999 : row * row)), []],
    ["two numbers and a code", ages.map((_, row) => String([0, 1.5, 99][row % 3])), []],
  ])("%s", (_, cells, found) => {
    const notes = codes(cells);
    expect(notes.map(({ parameters }) => parameters)).toMatchObject(found);
    expect(notes).toHaveLength(found.length);
    expect(notes.every(isWarning)).toBe(true);
  });

  test("are told of a target of numbers as well, and how to mend it", () => {
    const cells = some("-999", 6);
    const table = parseTable(`f,t\n${cells.map((cell, row) => `${row % 7},${cell}`).join("\n")}\n`);
    const { notes } = planTable(table, { target: "t" });
    expect(notes.map((note) => note.text)).toContain(
      'column "t": 6 cells are -999, and all others go from 18 to 80: should it stand for missing, empty these cells',
    );
  });
});
