import {
  applyPreprocessing,
  type ClassTarget,
  csvPieces,
  DataError,
  encodeTarget,
  fitPreprocessing,
  type NumberTarget,
  type Preprocessing,
  parsePreprocessing,
  parseTable,
  planTable,
  readingNotes,
  readTable,
  restoreTarget,
  scannedReadingNotes,
  scanTable,
} from "@noron/tabular";
import { describe, expect, test } from "vitest";

/** 40 rows with every kind of column; rows 0 to 29 are trained on. */
const lines = Array.from({ length: 40 }, (_, row) => {
  const age = row % 4 === 0 ? "" : (row * 7) % 50;
  const city = row === 35 ? "Huế" : row % 6 === 0 ? "" : ["Hà Nội", "Sài Gòn", "Đà Nẵng"][row % 3];
  const day = `2024-${String((row % 12) + 1).padStart(2, "0")}-15`;
  return [age, city, row % 2 ? "yes" : "NO", day, 2 ** (row % 20), row === 38 ? 1e9 : row % 9, (row * 13) % 17].join(
    ",",
  );
});
const csv = `age,city,member,since,income,size,price\n${lines.join("\n")}\n`;
const table = parseTable(csv, { name: "people.csv" });
const training = Array.from({ length: 30 }, (_, row) => row);
const plan = planTable(table, { target: "price", task: "regression" });
const { preprocessing, notes } = fitPreprocessing(table, training, plan);

const column = (applied: { features: Float32Array; width: number }, index: number) =>
  Array.from(
    { length: applied.features.length / applied.width },
    (_, row) => applied.features[row * applied.width + index],
  );

describe("features", () => {
  test("have names, in the order of the columns", () => {
    expect(applyPreprocessing(preprocessing, table).featureNames).toEqual([
      "age",
      "age=(missing)",
      "city=Hà Nội",
      "city=Sài Gòn",
      "city=Đà Nẵng",
      "city=(missing)",
      "member",
      "since.days",
      "since.month",
      "since.weekday",
      "income",
      "size",
    ]);
  });

  test("are standardised on the training rows", () => {
    const applied = applyPreprocessing(preprocessing, table, training);
    for (const index of [0, 7, 8, 9, 10, 11]) {
      const values = column(applied, index);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 5);
    }
  });

  test("depend on the training rows alone", () => {
    const changed = parseTable(csv.replace("1000000000", "5"));
    expect(
      fitPreprocessing(changed, training, planTable(changed, { target: "price", task: "regression" })).preprocessing,
    ).toEqual(preprocessing);
  });

  test("fill what is missing with the median, and say where", () => {
    const applied = applyPreprocessing(preprocessing, table, [0, 1]);
    const ages = training.filter((row) => row % 4 !== 0).map((row) => (row * 7) % 50);
    ages.sort((a, b) => a - b);
    expect(preprocessing.columns[0]).toMatchObject({ fill: (ages[10] + ages[11]) / 2, missingIndicator: true });
    expect(column(applied, 1)).toEqual([1, 0]);
    expect(notes.filter((note) => note.code === "filled").map((note) => note.column)).toEqual(["age", "city"]);
  });

  test("encode categories one-hot, missing and unseen ones as their own, and count the unseen", () => {
    const applied = applyPreprocessing(preprocessing, table, [0, 1, 3, 35]);
    expect([2, 3, 4, 5].map((index) => column(applied, index))).toEqual([
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 1],
    ]);
    expect(applied.counts[1]).toEqual({
      column: "city",
      missing: 1,
      unseen: 1,
      unreadable: 0,
      clipped: 0,
      firstUnseen: { value: "Huế", row: 37, like: "" },
    });
    expect(applied.notes).toEqual([
      {
        code: "unseen-category",
        column: "city",
        parameters: { column: "city", count: 1, value: "Huế", row: 37, like: "" },
        text: 'column "city": 1 cell with a category that training has not seen, treated as missing; the first is "Huế" in row 37',
      },
    ]);
  });

  test("say what an unseen category is called in training, where it is written nearly so", () => {
    const rows = Array.from(
      { length: 30 },
      (_, row) => `${["Paid", "open"][row % 2]},${["01067", "80331"][row % 2]},${row}.5`,
    );
    const bills = parseTable(`state,code,y\n${rows.join("\n")}`);
    const fitted = fitPreprocessing(bills, training, planTable(bills, { target: "y" })).preprocessing;
    const { notes } = applyPreprocessing(fitted, parseTable("state,code\nopen,1067\nPAID,80331\n"));
    expect(notes.map(({ text }) => text)).toEqual([
      'column "state": 1 cell with a category that training has not seen, treated as missing; the first is "PAID" in row 3, which training has as "Paid"',
      'column "code": 1 cell with a category that training has not seen, treated as missing; the first is "1067" in row 2, which training has as "01067"',
    ]);
  });

  test("keep a wild value near, and say so", () => {
    const applied = applyPreprocessing(preprocessing, table, [38]);
    expect(column(applied, 11)).toEqual([10]);
    expect(applied.notes.map((note) => note.code)).toEqual(["clipped"]);
  });

  test("take the logarithm of a very long tail", () => {
    expect(preprocessing.columns[4]).toMatchObject({ name: "income", logOffset: 0 });
    const tail = parseTable(
      `x,y\n${Array.from({ length: 60 }, (_, row) => `${row === 0 ? 0 : 1.25 ** row},${row % 7}.5`).join("\n")}`,
    );
    const fitted = fitPreprocessing(
      tail,
      Array.from({ length: 60 }, (_, row) => row),
      planTable(tail, { target: "y" }),
    );
    expect(fitted.preprocessing.columns[0]).toMatchObject({ logOffset: 1.25 });
    expect(fitted.notes.map((note) => note.code)).toContain("log-feature");
    expect(
      applyPreprocessing(fitted.preprocessing, parseTable("x\n-5\n0\n1e300\n")).features.every(Number.isFinite),
    ).toBe(true);
  });

  test("share one place among the rarest categories", () => {
    const cells = Array.from({ length: 400 }, (_, row) => (row < 200 ? "a" : `c${row % 50}`));
    const many = parseTable(`f,y\n${cells.map((cell, row) => `${cell},${row}.5`).join("\n")}`);
    const rows = cells.map((_, row) => row);
    const fitted = fitPreprocessing(many, rows, planTable(many, { target: "y" }), { maximumCategories: 3 });
    expect(fitted.preprocessing.columns[0]).toMatchObject({ levels: ["a", "c0", "c1"], missingLevel: true });
    expect(fitted.notes.map((note) => note.code)).toContain("rare-categories");
  });

  test("are finite whatever the numbers' size", () => {
    const values = ["1e308", "-1e308", "5e-324", "0", "1e-300", "9007199254740993"];
    const wide = parseTable(
      `x,y\n${Array.from({ length: 36 }, (_, row) => `${values[row % 6]},${values[(row * 5) % 6]}`).join("\n")}`,
    );
    const rows = Array.from({ length: 36 }, (_, row) => row);
    const fitted = fitPreprocessing(wide, rows, planTable(wide, { target: "y", task: "regression" })).preprocessing;
    expect(applyPreprocessing(fitted, wide).features.every(Number.isFinite)).toBe(true);
    const target = encodeTarget(fitted, wide);
    expect(target.kind === "number" && target.values.every(Number.isFinite)).toBe(true);
  });

  test("of a column that does not vary in training are left out, and said", () => {
    const rows = Array.from({ length: 20 }, (_, row) => row);
    const still = parseTable(`a,b,y\n${rows.map((row) => `${row < 15 ? 1 : 2},${row * 2.5},${row}.5`).join("\n")}`);
    const fitted = fitPreprocessing(still, rows.slice(0, 15), planTable(still, { target: "y" }));
    expect(fitted.preprocessing.columns.map(({ name }) => name)).toEqual(["b"]);
    expect(fitted.notes).toMatchObject([{ code: "constant-in-training", column: "a" }]);
  });
});

describe("new data", () => {
  test("without a column is refused by its name", () => {
    const other = parseTable(csv.replace("income", "Incomes"), { name: "new.csv" });
    expect(() => applyPreprocessing(preprocessing, other)).toThrow(
      expect.objectContaining({
        code: "missing-column",
        value: "income",
        message: expect.stringMatching(/new\.csv: .*"income".*"Incomes"\?/),
      }),
    );
  });

  test("may have other columns, in another order, and other spellings of numbers and truth", () => {
    const row = applyPreprocessing(preprocessing, table, [1]);
    const other = parseTable("size;new;price;member;income;since;city;age\n1,0;?;x;TRUE;2;2024/2/15;Sài Gòn;7,0\n");
    expect([...applyPreprocessing(preprocessing, other).features]).toEqual([...row.features]);
  });

  test("with text where there were numbers is refused, but for a few cells", () => {
    const broken = parseTable(csv.replace(/(?<=\n[^\n]*)[^,\n]+(?=,\d+\n)/g, "big"));
    expect(() => applyPreprocessing(preprocessing, broken)).toThrow(
      expect.objectContaining({ code: "not-a-number", column: "size", row: 2, value: "big" }),
    );
    const applied = applyPreprocessing(preprocessing, parseTable(csv.replace("\n7,", "\nseven,")));
    expect(applied.counts[0].unreadable).toBe(1);
    expect(applied.notes.map((note) => note.code)).toContain("unreadable");
  });

  test("may be as large as it likes only within 4 GiB", () => {
    const levels = Array.from({ length: 2 ** 16 }, (_, index) => `l${index}`);
    const huge = {
      ...preprocessing,
      columns: [{ kind: "category" as const, name: "city", levels, missingLevel: false }],
    };
    expect(() => applyPreprocessing(huge, table, { length: 2 ** 20 })).toThrow(
      expect.objectContaining({ code: "too-large" }),
    );
  });
});

describe("targets", () => {
  test("numbers are standardised and come back", () => {
    const encoded = encodeTarget(preprocessing, table);
    if (encoded.kind !== "number") throw new Error("not a number");
    const back = restoreTarget(preprocessing.target as NumberTarget, encoded.values);
    back.forEach((value, row) => {
      expect(value).toBeCloseTo(encoded.original[row], 4);
    });
  });

  test("logarithms come back, and wild outputs stay near what was seen", () => {
    const shifted = parseTable(csv.replace(/,(\d+)\n/g, (_, value) => `,${Number(value) + 1}\n`));
    const fitted = fitPreprocessing(shifted, training, planTable(shifted, { target: "price", task: "regression" }), {
      logTarget: true,
    });
    const target = fitted.preprocessing.target as NumberTarget;
    const encoded = encodeTarget(fitted.preprocessing, shifted);
    if (encoded.kind !== "number") throw new Error("not a number");
    expect(restoreTarget(target, encoded.values)[3]).toBeCloseTo(encoded.original[3], 4);
    expect(restoreTarget(target, [1e6])[0]).toBeLessThan(100);
    const options = { logTarget: true };
    expect(() => fitPreprocessing(table, training, plan, options)).toThrow(
      expect.objectContaining({ code: "not-positive", row: 2 }),
    );
  });

  test("classes become numbers, and rows without one are left out", () => {
    const classes = parseTable(
      `x,kind\n${Array.from({ length: 12 }, (_, row) => `${row}.5,${["b", "a", ""][row % 3]}`).join("\n")}`,
    );
    const classPlan = planTable(classes, { target: "kind" });
    const fitted = fitPreprocessing(classes, classPlan.rows, classPlan).preprocessing;
    expect((fitted.target as ClassTarget).classes).toEqual(["a", "b"]);
    const encoded = encodeTarget(fitted, classes);
    expect(encoded).toMatchObject({ kind: "classes", missing: 4, rows: classPlan.rows });
    expect(encoded.kind === "classes" && [...encoded.classes].slice(0, 3)).toEqual([1, 0, 1]);
    expect(() => encodeTarget(fitted, parseTable("x,kind\n1,a\n2,c\n"))).toThrow(
      expect.objectContaining({
        code: "unknown-class",
        row: 3,
        value: "c",
        message: expect.stringContaining('"a", "b"'),
      }),
    );
    expect(() => encodeTarget(fitted, parseTable("x\n1\n"))).toThrow(
      expect.objectContaining({ code: "missing-column" }),
    );
    expect(() => encodeTarget(fitted, parseTable("x,kind\n1,\n"))).toThrow(
      expect.objectContaining({ code: "all-missing" }),
    );
  });
});

describe("as JSON", () => {
  test("comes back equal and does the same", () => {
    const back = parsePreprocessing(JSON.stringify(preprocessing));
    expect(back).toEqual(preprocessing);
    if (back.input !== "table") throw new Error("not a table");
    expect(applyPreprocessing(back, table).features).toEqual(applyPreprocessing(preprocessing, table).features);
  });

  test("is of version 2 where version 1 would read its cells otherwise, and the old one is read too", () => {
    expect(preprocessing.version).toBe(1);
    const days = parseTable(
      `when,y\n${Array.from({ length: 40 }, (_, row) => `${row % 28}/0${1 + (row % 9)}/2024,${row}.5`).join("\n")}`,
    );
    const fitted = fitPreprocessing(days, training, planTable(days, { target: "y" })).preprocessing;
    expect([fitted.version, fitted.columns[0]]).toMatchObject([2, { order: "day-first" }]);
    const later = (date: string) =>
      readingNotes(fitted, parseTable(`when\n3/4/2024\n${date}\n`)).map(({ code }) => code);
    expect([later("27/9/2024"), later("9/27/2024")]).toEqual([[], ["new-date-order"]]);
    const json = JSON.stringify(fitted);
    expect(parsePreprocessing(json)).toEqual(fitted);
    expect(parsePreprocessing(json.replace('"version":2', '"version":1'))).toEqual(fitted);
  });

  test.each<[string, (json: string) => unknown, RegExp]>([
    ["cut off", (json) => json.slice(0, -5), /not JSON/],
    ["a number", () => 5, /it is not an object/],
    ["null", () => "null", /it is not an object/],
    ["another format", () => "{}", /format is not "noron-preprocessing"/],
    ["a later version", (json) => json.replace('"version":1', '"version":3'), /another version/],
    ["no columns", (json) => json.replace(/"columns":.*\],"target"/, '"columns":[],"target"'), /columns is empty/],
    [
      "a wrong kind",
      (json) => json.replace('"kind":"number"', '"kind":"numbers"'),
      /columns\[0\]\.kind is not "number" or/,
    ],
    [
      "a text for a number",
      (json) => json.replace(/"fill":[\d.]+/, '"fill":"x"'),
      /columns\[0\]\.fill is not a number/,
    ],
    ["a negative spread", (json) => json.replace(/"standardDeviation":/, '"standardDeviation":-'), /not positive/],
    ["one level twice", (json) => json.replace('"Sài Gòn"', '"Hà Nội"'), /levels has a name twice/],
    ["one column twice", (json) => json.replace('"name":"city"', '"name":"age"'), /two columns of one name/],
    ["no target", (json) => json.replace('"target":', '"goal":'), /target is not an object/],
  ])("%s is refused", (_, damage, message) => {
    let error: unknown;
    try {
      parsePreprocessing(damage(JSON.stringify(preprocessing)), "run/preprocessing.json");
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "corrupt-preprocessing", file: "run/preprocessing.json" });
    expect((error as DataError).message).toMatch(message);
  });
});

describe("points that separate thousands", () => {
  const semicolons = (prices: string[], name: string) =>
    parseTable(`size;price\n${prices.map((price, row) => `${(row * 7) % 11},5;${price}`).join("\n")}`, { name });
  const fitted = (prices: string[]) => {
    const table = semicolons(prices, "train.csv");
    const rows = prices.map((_, row) => row);
    const plan = planTable(table, { target: "price", task: "regression" });
    return parsePreprocessing(JSON.stringify(fitPreprocessing(table, rows, plan).preprocessing)) as Preprocessing;
  };
  const original = (preprocessing: Preprocessing, prices: string[]) => {
    const encoded = encodeTarget(preprocessing, semicolons(prices, "new.csv"));
    return encoded.kind === "number" ? Array.from(encoded.original) : [];
  };
  const thousands = ["1.200", "950", "2.374.000", "4.762,50", "17", "8.100", "3.300", "640"];

  test("are read in training and afterwards", () => {
    const preprocessing = fitted(thousands);
    expect(original(preprocessing, thousands)).toEqual([1200, 950, 2_374_000, 4762.5, 17, 8100, 3300, 640]);
    expect(original(preprocessing, ["1.500", "20"])).toEqual([1500, 20]);
  });

  test("are read where training had none, beside decimal commas", () => {
    const preprocessing = fitted(["950", "17,5", "640", "8", "99", "120", "430", "77"]);
    expect(original(preprocessing, ["1.200", "3.300"])).toEqual([1200, 3300]);
  });

  test("are decimal where another column has a decimal point, and it is told", async () => {
    const preprocessing = fitted(thousands);
    const read = async (text: string, name: string) => {
      const table = await readTable(new TextEncoder().encode(text), { name });
      const encoded = encodeTarget(preprocessing, table);
      const notes = readingNotes(preprocessing, table).map(({ code }) => code);
      return { values: encoded.kind === "number" ? [...encoded.original] : [], notes };
    };
    const decimal = { values: [1.207], notes: ["new-points-decimal"] };
    expect(await read('{"size":1.5,"price":"1.207"}\n', "new.jsonl")).toEqual(decimal);
    const thousand = { values: [1207], notes: ["new-points-thousands"] };
    expect(await read('{"size":2,"price":"1.207"}\n', "new.jsonl")).toEqual(thousand);
    const number = { values: [1.207], notes: [] };
    expect(await read('{"size":2,"price":1.207}\n', "new.jsonl")).toEqual(number);
    expect(await read('{"size":"2,5","price":1.207}\n', "new.jsonl")).toEqual(number);
    const mixed = '{"size":2,"price":1.207}\n{"size":2,"price":"1,5"}\n{"size":2,"price":"1.234,5"}\n';
    expect(await read(mixed, "new.jsonl")).toEqual({ values: [1.207, 1.5, 1234.5], notes: [] });
    expect(await read("size,price\n2,1.207\n", "new.csv")).toEqual(thousand);
    expect(await read("size;price\n2.5;1.207\n", "new.csv")).toEqual(decimal);
    expect(await read("size;price\n2;1.207\n", "new.csv")).toEqual(thousand);
  });

  test("are decimal between commas where training had decimal commas alone", () => {
    const preprocessing = fitted(["950", "17,5", "640", "8", "99", "120", "430", "77"]);
    const table = parseTable("size,price\n2,1.207\n");
    const encoded = encodeTarget(preprocessing, table);
    expect(encoded.kind === "number" && [...encoded.original]).toEqual([1.207]);
    expect(readingNotes(preprocessing, table).map(({ code }) => code)).toEqual(["new-points-decimal"]);
  });

  test("are in new data what they were in training, and cells that cannot be are told", () => {
    const table = (prices: string[]) =>
      parseTable(`size,price\n${prices.map((price, row) => `${row},${price}`).join("\n")}`);
    const learn = (prices: string[], target: "size" | "price") => {
      const rows = prices.map((_, row) => row);
      const plan = planTable(table(prices), { target, task: "regression" });
      const { preprocessing } = fitPreprocessing(table(prices), rows, plan);
      return parsePreprocessing(JSON.stringify(preprocessing)) as Preprocessing;
    };
    const read = (preprocessing: Preprocessing, prices: string[]) => {
      const encoded = encodeTarget(preprocessing, table(prices));
      const codes = readingNotes(preprocessing, table(prices)).map(({ code }) => code);
      return { values: encoded.kind === "number" ? [...encoded.original] : [], codes };
    };
    const dong = learn(["360.000 ₫", "210.000 ₫", "186.000 ₫", "635.000 ₫"], "price");
    expect(dong.version).toBe(1);
    expect(read(dong, ["225.000 ₫", "50 ₫"])).toEqual({ values: [225_000, 50], codes: [] });
    expect(read(dong, ["225.000 ₫", "1.350.000 ₫"])).toEqual({ values: [225_000, 1_350_000], codes: [] });

    const doubtful = ["360.120", "210.480", "186.750", "635.330"];
    const points = learn(doubtful, "price");
    expect(points.version).toBe(2);
    expect(read(points, ["225.000", "17"])).toEqual({ values: [225, 17], codes: [] });
    expect(read(points, ["225.000 ₫", "17"])).toEqual({ values: [225, 17], codes: [] });
    expect(() => read(points, ["225.000", "1.350.000"])).toThrow(
      'row 3, column "price": "1.350.000" is not a number, and the target must be one. In training points were read as decimal; should they separate thousands, train again with --type price=number:comma.',
    );
    const applied = applyPreprocessing(learn(doubtful, "size"), table(["225.000", "1.350.000"]));
    expect(applied.notes.map((note) => note.text)).toEqual([
      'column "price": 1 cell not readable, treated as missing; the first is "1.350.000" in row 3, whose points can only separate thousands, and in training points were read as decimal; should they separate thousands there too, train again with --type price=number:comma',
    ]);

    const whole = learn(["360120", "210480", "186750", "635330"], "price");
    expect(whole.version).toBe(1);
    const told = { values: [225_000, 1_350_000], codes: ["new-points-thousands"] };
    expect(read(whole, ["225.000", "1.350.000"])).toEqual(told);
    expect(read(whole, ["225.000", "17"])).toEqual({ values: [225, 17], codes: ["new-points-plain"] });
    expect(read(whole, ["225.5", "17"])).toEqual({ values: [225.5, 17], codes: [] });
    const fractions = learn(["36.5", "210.4", "186.75", "635.3"], "price");
    expect(read(fractions, ["225.125", "17"])).toEqual({ values: [225.125, 17], codes: [] });
  });

  test("commas between commas are thousands where another column has decimal points", () => {
    const preprocessing = fitted(thousands);
    const read = (text: string) => {
      const encoded = encodeTarget(preprocessing, parseTable(text, { delimiter: "," }));
      return encoded.kind === "number" ? [...encoded.original] : [];
    };
    expect(read('size,price\n2.5,"1,200"\n3.5,1200\n')).toEqual([1200, 1200]);
    expect(read('size,price\n2,"1,25"\n3,1200\n')).toEqual([1.25, 1200]);
  });

  test("are told by a cell that is there, at once and in pieces", async () => {
    const preprocessing = fitted(thousands);
    const told = async (text: string, name: string) => {
      const options = { name, delimiter: text.includes(";") ? ";" : "," };
      async function* cut() {
        yield* text.match(/.{1,9}/gs)!;
      }
      const scan = await scanTable({ name, pieces: () => csvPieces(cut(), options) });
      const notes = readingNotes(preprocessing, parseTable(text, options));
      expect(scannedReadingNotes(preprocessing, scan)).toEqual(notes);
      return notes.map((note) => note.text);
    };
    expect(await told("size;price\n2;640\n2;15.576\n3;1.100\n", "new.csv")).toEqual([
      'column "price": "15.576" in row 3 is read as 15576, as thousands or decimal commas of training or of this file say; should its points be decimal, write "15,576"',
    ]);
    expect(await told("size,price\n2.5,640\n2,15.570 €\n", "new.csv")).toEqual([
      'column "price": "15.570 €" in row 3 is read as 15.57, though training had the decimal comma, as this file does not; should its points separate thousands, write "15570 €"',
    ]);
  });
});

describe("signs of currency and per cent", () => {
  const table = (amounts: string[]) =>
    parseTable(`size,amount\n${amounts.map((amount, row) => `${row},${amount}`).join("\n")}\n`);
  const learn = (amounts: string[]) => {
    const plan = planTable(table(amounts), { target: "size", task: "regression" });
    const { preprocessing } = fitPreprocessing(table(amounts), plan.rows, plan);
    return parsePreprocessing(JSON.stringify(preprocessing)) as Preprocessing;
  };
  const dollars = ["$20", "$35.5", "$41", "$17"];
  const shares = ["62.7%", "12 %", "98.6%", "5%"];
  const plain = ["20", "35.5", "41", "17"];
  const pieces = async function* (text: string) {
    yield* text.match(/.{1,7}/gs)!;
  };

  test.each<[string, string[], string[], string[]]>([
    [
      "euros after dollars",
      dollars,
      ["$12", "15", "€20", "€30"],
      ['column "amount": "€20" in row 4 is read as 20, though the numbers of training had "$": bring it to their unit'],
    ],
    [
      "none after per cent",
      shares,
      ["70 %", "0.986", "0.5"],
      [
        'column "amount": "0.986" in row 3 is read as 0.986, though the numbers of training had "%" and it has none: should it be a share of 1, or in another unit, bring it to theirs',
      ],
    ],
    [
      "per cent after none",
      plain,
      ["3", "12%"],
      ['column "amount": "12%" in row 3 is read as 12, and the numbers of training had no "%": write it as they were'],
    ],
    ["the same by another name", dollars, ["USD 12", "US$3", "4"], []],
    ["đồng by another name", ["20 ₫", "35 ₫", "41 ₫"], ["20 đ", "VND 7", "NA"], []],
    ["a currency after none", plain, ["$12", "€3"], []],
    ["the same", shares, shares, []],
  ])("%s", async (_, trained, amounts, texts) => {
    const preprocessing = learn(trained);
    expect(preprocessing.version).toBe(1);
    const notes = readingNotes(preprocessing, table(amounts));
    expect(notes.map((note) => note.text)).toEqual(texts);
    const text = `size,amount\n${amounts.map((amount, row) => `${row},${amount}`).join("\n")}\n`;
    const name = "table";
    const scan = await scanTable({ name, pieces: () => csvPieces(pieces(text), { name, delimiter: "," }) });
    expect(scannedReadingNotes(preprocessing, scan)).toEqual(notes);
  });

  test("are kept where all numbers have the same", () => {
    const sign = (amounts: string[]) => {
      const [column] = learn(amounts).columns;
      return column.kind === "number" ? column.sign : "";
    };
    expect([dollars, shares, plain].map(sign)).toEqual(["$", "%", undefined]);
    expect(sign(["$20", "€35", "$41"])).toBeUndefined();
  });
});
