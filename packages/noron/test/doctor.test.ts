import { describe, expect, it } from "vitest";
import { events, noron } from "./command.ts";

describe("noron doctor", () => {
  it("says what the engine found, and how fast it is", async () => {
    const { code, stdout, stderr } = await noron(["doctor"], { env: { NORON_BLAS: "off", NORON_THREADS: "2" } });
    expect(code).toBe(0);
    expect(stdout).toContain(`Node ${process.versions.node}`);
    expect(stdout).toMatch(/^threads +2$/m);
    expect(stdout).toMatch(/^512³ product +\d+ GFLOP\/s on 1 thread$/m);
    expect(stdout).toMatch(/^512³ product +\d+ GFLOP\/s on 2 threads$/m);
    expect(stderr).toContain("unset NORON_BLAS");
  });

  it("writes the same for programs", async () => {
    const ended = await noron(["doctor", "--log", "json"], { env: { NORON_BLAS: "off", NORON_THREADS: "1" } });
    const [doctor] = events(ended);
    expect(doctor).toMatchObject({ event: "doctor", engine: { backend: "wasm", threads: 1, blas: null } });
    const speeds = doctor.speeds as { threads: number; gigaflops: number }[];
    expect(speeds).toHaveLength(1);
    expect(speeds[0].gigaflops).toBeGreaterThan(0.1);
  });

  it("refuses a number of threads that is none, for every command", async () => {
    const { code, stderr } = await noron(["doctor"], { env: { NORON_THREADS: "many" } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/NORON_THREADS is "many"; it is a whole number of threads, from 1 to 64/);
  });
});
