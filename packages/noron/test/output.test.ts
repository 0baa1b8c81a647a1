import { execFileSync, spawn } from "node:child_process";
import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { isTaken, WholeFile, writeWhole } from "../src/command/output.ts";
import { file, folder } from "./command.ts";

const inside = (...names: string[]) => join(folder, ...names);

describe("what is written over", () => {
  test("a link stays, and the file that it leads to is written with its permissions", () => {
    file("real.txt", "old");
    chmodSync(inside("real.txt"), 0o640);
    symlinkSync("real.txt", inside("first"));
    symlinkSync("first", inside("second"));
    writeWhole(inside("second"), "new");
    expect(readFileSync(inside("real.txt"), "utf8")).toBe("new");
    expect(statSync(inside("real.txt")).mode & 0o777).toBe(0o640);
    expect([readlinkSync(inside("second")), readlinkSync(inside("first"))]).toEqual(["first", "real.txt"]);
    expect(readdirSync(folder).sort()).toEqual(["first", "real.txt", "second"]);
  });

  test("a link to nothing yet leads to the new file; links in a circle are refused", () => {
    symlinkSync(join("there", "new.txt"), inside("link"));
    expect(isTaken(inside("link"))).toBe(false);
    writeWhole(inside("link"), "new");
    expect(readFileSync(inside("there", "new.txt"), "utf8")).toBe("new");
    symlinkSync("circle", inside("circle"));
    expect(() => writeWhole(inside("circle"), "new")).toThrow(/circle cannot be written: ELOOP/);
    expect(lstatSync(inside("circle")).isSymbolicLink()).toBe(true);
  });

  test("a file that is not finished leaves the old one, and a folder is refused at once", () => {
    file("real.txt", "old");
    symlinkSync("real.txt", inside("link"));
    const begun = new WholeFile(inside("link"));
    begun.write("half");
    begun.discard();
    expect(readFileSync(inside("real.txt"), "utf8")).toBe("old");
    expect(() => new WholeFile(folder)).toThrow(/cannot be written: EISDIR/);
    expect(readdirSync(folder).sort()).toEqual(["link", "real.txt"]);
  });

  test.skipIf(process.platform === "win32")("a pipe is written into, and stays one", async () => {
    execFileSync("mkfifo", [inside("pipe")]);
    expect(isTaken(inside("pipe"))).toBe(false);
    const reader = spawn("cat", [inside("pipe")]);
    const read = text(reader.stdout);
    writeWhole(inside("pipe"), "what is said");
    expect(await read).toBe("what is said");
    expect(lstatSync(inside("pipe")).isFIFO()).toBe(true);
  });
});
