import { gzipSync } from "node:zlib";
import { DataError, parseTable, readTable, writeCsv } from "@noron/tabular";
import { describe, expect, test } from "vitest";

const bytes = (text: string) => new TextEncoder().encode(text);
const grid = (table: ReturnType<typeof parseTable>) => [
  table.columns.map((column) => column.name),
  ...Array.from({ length: table.rowCount }, (_, row) => table.columns.map((column) => column.cells[row])),
];

const plain = [
  ["a", "b"],
  ["1", "x"],
  ["2", "y"],
];

const readable: [name: string, text: string, expected: string[][]][] = [
  ["commas", "a,b\n1,x\n2,y\n", plain],
  ["no line end at the end", "a,b\n1,x\n2,y", plain],
  ["Windows line ends", "a,b\r\n1,x\r\n2,y\r\n", plain],
  ["old Macintosh line ends", "a,b\r1,x\r2,y\r", plain],
  ["mixed line ends", "a,b\r\n1,x\n2,y\r\n", plain],
  ["semicolons", "a;b\n1;x\n2;y\n", plain],
  ["tabs", "a\tb\n1\tx\n2\ty\n", plain],
  ["bars", "a|b\n1|x\n2|y\n", plain],
  ["byte order mark", "\ufeffa,b\n1,x\n2,y\n", plain],
  ["byte order mark before a quote", '\ufeff"a","b"\n1,x\n2,y\n', plain],
  ["blank lines before, within and after", "\n\na,b\n1,x\n\n2,y\n\n\n", plain],
  ["trailing rows of separators only", "a,b\n1,x\n2,y\n,\n,\n", plain],
  ["separators at the end of rows", "a,b\n1,x,\n2,y,\n", plain],
  ["separators at the end of some rows, and blank ones", "a,b\n1,x,\n2,y\n,,\n", plain],
  ["comments above the header", "# made today, by me\n# twice\na,b\n1,x\n2,y\n", plain],
  ["comments among the rows", "a,b\n1,x\n# the second\n2,y\n# end\n", plain],
  ["a comment above a column", "# prices\na\n1\n2\n", [["a"], ["1"], ["2"]]],
  [
    "a header that begins with #",
    "##version 4\n#a\tb\n1\tx\n",
    [
      ["#a", "b"],
      ["1", "x"],
    ],
  ],
  [
    "a column called #",
    "#,b\n1,x\n",
    [
      ["#", "b"],
      ["1", "x"],
    ],
  ],
  [
    "a cell that begins with #",
    "a,b\n#1,x\n",
    [
      ["a", "b"],
      ["#1", "x"],
    ],
  ],
  ["white space around cells", " a , b\n1 ,x\n 2,  y \n", plain],
  ["quotes around all", '"a","b"\n"1","x"\n"2","y"\n', plain],
  ["quotes and Windows line ends", '"a","b"\r\n"1","x"\r\n"2","y"\r\n', plain],
  [
    "quoted separators, quotes and line breaks",
    'a,b\n"1,5","say ""hi"""\n2,"two\nlines"\n',
    [
      ["a", "b"],
      ["1,5", 'say "hi"'],
      ["2", "two\nlines"],
    ],
  ],
  ["one column", "a\n1\n2\n", [["a"], ["1"], ["2"]]],
  ["a blank line of one column is a missing cell", "a\n1\n\n2\n", [["a"], ["1"], [""], ["2"]]],
  [
    "decimal commas between semicolons",
    "a;b\n1,5;2,5\n3,5;4,5\n",
    [
      ["a", "b"],
      ["1,5", "2,5"],
      ["3,5", "4,5"],
    ],
  ],
  [
    "same names",
    "a,a,a,a_2\n1,2,3,4\n",
    [
      ["a", "a_3", "a_4", "a_2"],
      ["1", "2", "3", "4"],
    ],
  ],
  [
    "no names",
    ",b,\n1,2,3\n",
    [
      ["column_1", "b", "column_3"],
      ["1", "2", "3"],
    ],
  ],
  [
    "names of objects' members",
    "__proto__,constructor\n1,2\n",
    [
      ["__proto__", "constructor"],
      ["1", "2"],
    ],
  ],
  [
    "Vietnamese, composed and decomposed",
    `giá nhà,${"diện tích".normalize("NFD")}\n1,${"Hà Nội".normalize("NFD")}\n`,
    [
      ["giá nhà", "diện tích"],
      ["1", "Hà Nội"],
    ],
  ],
];

describe("CSV that is read", () => {
  test.each(readable)("%s", async (_, text, expected) => {
    expect(grid(parseTable(text))).toEqual(expected);
    expect(grid(await readTable(bytes(text)))).toEqual(expected);
    expect(grid(await readTable(gzipSync(bytes(text))))).toEqual(expected);
  });

  test("UTF-16 with a byte order mark, as spreadsheets save it", async () => {
    const little = Uint8Array.from([0xff, 0xfe, ...Buffer.from("a\tb\r\n1\tx\r\n2\ty\r\n", "utf16le")]);
    expect(grid(await readTable(little))).toEqual(plain);
  });

  test.each(["utf-16le", "utf-16be"])("%s without a mark", async (encoding) => {
    const bytes = Buffer.from("a,b\n1,x\n2,y\n", "utf16le");
    expect(grid(await readTable(encoding === "utf-16le" ? bytes : bytes.swap16()))).toEqual(plain);
  });

  test("Windows-1252 is no Latin-1: the euro and curly quotes are what they are", async () => {
    // 0x81 stands for nothing.
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode("a,b\n1,"),
      0x80,
      0x93,
      0x94,
      0x99,
      0x9f,
      0x81,
      0xe9,
      10,
    ]);
    const table = await readTable(bytes);
    expect(table.columns[1].cells).toEqual(["€“”™Ÿ\u0081é"]);
  });

  test("what is not UTF-8 is read as Windows-1252, and said", async () => {
    const table = await readTable(Uint8Array.from([...bytes("a,b\n1,caf"), 0xe9, 0x0a]));
    expect(table.columns[1].cells).toEqual(["café"]);
    expect(table.notes.map((note) => note.code)).toContain("encoding");
  });

  test("UTF-8 with a damaged character is UTF-8, and what hardly is is Windows-1252", async () => {
    const damaged = (text: string) => {
      const all = bytes(text);
      return all.map((byte, index) => (index === all.length - 2 ? 0xe9 : byte));
    };
    const table = await readTable(damaged(`a,giá\n${"1,đắt\n".repeat(20)}2,x\n`));
    expect(table.columns[1].name).toBe("giá");
    expect(table.columns[1].cells.slice(19)).toEqual(["đắt", "\ufffd"]);
    expect(table.notes.map(({ code }) => code)).toEqual(["damaged-text"]);
    expect((await readTable(damaged("a,giá\n2,x\n"))).notes.map(({ code }) => code)).toEqual(["encoding"]);
  });

  test("renamed, unnamed and number-like headers and words for missing are noted", () => {
    const codes = (text: string) => parseTable(text).notes.map((note) => note.code);
    expect(codes("a,a\n1,2\n")).toEqual(["duplicate-header"]);
    expect(codes(",a\n1,2\n")).toEqual(["unnamed-column"]);
    expect(codes("1.5,2\n1,2\n")).toEqual(["header-looks-like-data"]);
    expect(codes("1.5,x\n1,y\n2,x\n")).toEqual(["header-looks-like-data"]);
    expect(codes("country,2019\nx,1\n")).toEqual([]);
    expect(codes("a,b\nNA,2\n")).toEqual(["missing-words"]);
    expect(codes("a,b\n1,2\n\n3,4\n")).toEqual(["blank-rows"]);
    expect(codes("# me\na,b\n1,2,\n3,4\n")).toEqual(["comment-lines", "trailing-separators"]);
  });

  test("rows are numbered as in the file", () => {
    expect([...parseTable("\na,b\n1,2\n\n3,4\n").rowNumbers]).toEqual([3, 5]);
  });

  test("hundred thousand columns of one name are read", () => {
    const names = "x,".repeat(99_999);
    expect(parseTable(`${names}x\n${names}x\n`).columns.length).toBe(100_000);
  });

  test("a wide table keeps every column", () => {
    const names = Array.from({ length: 5000 }, (_, index) => `f${index}`);
    const table = parseTable(`${names.join(",")}\n${names.map((_, index) => index).join(",")}\n`);
    expect(table.columns[4999]).toEqual({ name: "f4999", cells: ["4999"] });
  });
});

const refused: [name: string, data: string | Uint8Array, code: string, place: object, message: RegExp][] = [
  ["nothing", "", "empty-file", {}, /empty/],
  ["no bytes", new Uint8Array(0), "empty-file", {}, /empty/],
  ["blank lines only", "\n\r\n  \n", "empty-file", {}, /empty/],
  ["separators only", ",,\n,,\n", "empty-file", {}, /empty/],
  ["header only", "a,b\n", "no-rows", {}, /header but no row/],
  ["a short row", "a,b,c\n1,2,3\n4,5\n", "ragged-row", { row: 3 }, /t\.csv, row 3: .*2 cells and the header 3/],
  ["a long row", "a,b\n1,2\n3,4,5\n", "ragged-row", { row: 3 }, /3 cells and the header 2/],
  [
    "a title above the names",
    "Sales of May\n\na,b\n1,2\n",
    "ragged-row",
    { row: 3 },
    /"Sales of May": should that be a title, remove/,
  ],
  ["a short row after a quoted line break", 'a,b\n"x\ny",2\n3\n', "ragged-row", { row: 3 }, /line 4 of the file/],
  ["an open quote", 'a,b\n1,"x\n2,y\n', "bad-quotes", { row: 2 }, /never closed/],
  ["text after a quote", 'a,b\n1,"x"y\n2,z\n', "bad-quotes", { row: 2 }, /follows a closing quote/],
  ["a zip", Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0]), "not-text", {}, /Excel/],
  ["a binary file", Uint8Array.from([1, 0, 2, 0, 3]), "not-text", {}, /binary/],
  [
    "a NUL byte among text",
    "a,b\n1,some text\n2,other\0 text\n3,more text\n4,x\n",
    "not-text",
    { row: 3 },
    /row 3: .*NUL byte.*tr -d/,
  ],
  ["a comment alone", "# nothing\n", "no-rows", {}, /header but no row/],
  ["half a gzip file", gzipSync(bytes("a,b\n1,2\n")).subarray(0, 15), "truncated-gzip", {}, /cut off/],
];

describe("CSV that is refused", () => {
  test.each(refused)("%s", async (_, data, code, place, message) => {
    const error = await readTable(data, { name: "t.csv" }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code, file: "t.csv", ...place });
    expect((error as DataError).message).toMatch(message);
    expect((error as DataError).message).toMatch(/^t\.csv/);
  });
});

test("broken quotes are refused in one pass", () => {
  expect(() => parseTable(`a,b\n"a"${'b"'.repeat(200_000)}${" ".repeat(200_000)},1\n`, { delimiter: "," })).toThrow(
    DataError,
  );
});

test("what is written can be read", () => {
  const rows = [
    ["1,5", 'say "hi"', 2.5],
    ["two\nlines", "", -1e-7],
  ];
  const table = parseTable(writeCsv(["a", "b b", "c"], rows));
  expect(grid(table)).toEqual([["a", "b b", "c"], ...rows.map((row) => row.map(String))]);
});

describe("rows that are no data", () => {
  const rows = Array.from({ length: 10 }, (_, row) => `${row + 1},${row * 2},x`);
  const read = (text: string) => {
    const table = parseTable(text);
    return { table, codes: table.notes.map(({ code }) => code) };
  };

  test("titles above the names, as a spreadsheet saves them, are left out, but the name of a first column is none", () => {
    const { table, codes } = read(`Sales of May,,\nby shop,,\n,,\na,2023,c\n${rows.join("\n")}\n`);
    expect([table.columns.map(({ name }) => name), table.rowCount, codes]).toEqual([
      ["a", "2023", "c"],
      10,
      ["title-lines"],
    ]);
    expect(table.rowNumbers[0]).toBe(5);
    expect(table.notes[0].text).toMatch(/"Sales of May" and 1 line more/);
    expect(read("a,,\n1,2,3\n4,5,6\n")).toMatchObject({
      codes: ["unnamed-column", "unnamed-column"],
      table: { rowCount: 2 },
    });
    expect(() => parseTable("Sales,,\n,,\n")).toThrow(/header but no row/);
  });

  test("totals at the end are left out where they add up, and kept where they do not", () => {
    const { table, codes } = read(`a,b,c\n${rows.join("\n")}\nTotal,90,\n`);
    expect([table.rowCount, codes]).toEqual([10, ["totals-row"]]);
    expect(table.notes[0].text).toMatch(/^row 12, the last, is left out: it begins with "Total"/);
    // The name of a thing, or of a place, is none.
    expect(read(`a,b,c\n${rows.join("\n")}\nTotal,91,x\n`)).toMatchObject({
      codes: ["totals-kept"],
      table: { rowCount: 11 },
    });
    for (const last of ["Totally,90,x", "5,90,Total"])
      expect(read(`a,b,c\n${rows.join("\n")}\n${last}\n`)).toMatchObject({ codes: [], table: { rowCount: 11 } });
  });

  test("units below the names are left out, and other texts are data", () => {
    const { table, codes } = read(`a,b,c\nkg,m/s,\n${rows.join("\n")}\n`);
    expect([table.rowCount, table.rowNumbers[0], codes]).toEqual([10, 3, ["second-header"]]);
    expect(read(`a,b,c\n(kg),7,y\n${rows.join("\n")}\n`).codes).toEqual([]);
    expect(read(`a,b,c\nNA,x,y\n${rows.join("\n")}\n`).codes).toEqual(["missing-words"]);
    expect(read(`a,c\n(kg),y\n${rows.map((row) => row.replace(/^\d+,/, "")).join("\n")}\n`).codes).toEqual([
      "second-header",
    ]);
  });

  test("two rows of names are joined", () => {
    const names = (header: string) => read(`${header}\n${rows.join("\n")}\n`).table.columns.map(({ name }) => name);
    expect(names("p,,q\nmean,sd,id")).toEqual(["mean", "sd", "id"]);
    expect(names("p,p,q\nmean,sd,mean")).toEqual(["p.mean", "p.sd", "q.mean"]);
    expect(names("p,,\nmean,sd,")).toEqual(["p.mean", "p.sd", "p"]);
  });

  test("lines are kept below units, and not below two rows of names, which are in none", () => {
    const written = (header: string) => parseTable(`${header}\n${rows.join("\n")}\n`, { keepText: true }).written;
    expect(written("a,b,c\nkg,m/s,")).toEqual({ header: "a,b,c\n", rows: rows.map((row) => `${row}\n`) });
    expect(written("p,p,q\nmean,sd,mean")).toBeUndefined();
  });

  test("cells that Excel is told are text are what is in them", () => {
    const { table } = read('a,b\n"=""00123""",="7"\n=1+2,="x"y"\n'.replace(',="x"y"', ',"=x"'));
    expect(table.columns.map(({ cells }) => cells)).toEqual([
      ["00123", "=1+2"],
      ["7", "=x"],
    ]);
  });

  test("a line for Excel names the separator", () => {
    const { table } = read("sep=|\r\na|b,c\r\n1|2,3\r\n");
    expect(table.columns.map(({ name, cells }) => [name, cells])).toEqual([
      ["a", ["1"]],
      ["b,c", ["2,3"]],
    ]);
    expect(table.rowNumbers[0]).toBe(2);
  });

  test("names of rows without one above them, but between commas", () => {
    const { table, codes } = read("a\tb\nr1\t1\t2\nr2\t3\t4\n");
    expect(codes).toEqual(["row-names", "unnamed-column"]);
    expect(table.columns.map(({ cells }) => cells)).toEqual([
      ["r1", "r2"],
      ["1", "3"],
      ["2", "4"],
    ]);
    expect(() => read("a,b\n1,5,2\n3,5,4\n")).toThrow(/has 3 cells and the header 2/);
    const gaps = parseTable("a\tb\nr1\t1\t\nr2\t\t\nr3\t3\t4\n", { keepText: true });
    expect(gaps.notes.map(({ code }) => code)).toEqual(["row-names", "unnamed-column"]);
    expect(gaps.columns.map(({ cells }) => cells)).toEqual([
      ["r1", "r2", "r3"],
      ["1", "", "3"],
      ["", "", "4"],
    ]);
    expect(gaps.written?.rows).toEqual(["r1\t1\t\n", "r2\t\t\n", "r3\t3\t4\n"]);
  });
});
