import { expect, test } from "vitest";
import { CheckpointPace } from "./checkpoint-pace.ts";

/** How many checkpoints are written, and the share of the time that they take. */
function count({
  epoch,
  writing,
  batches = 1,
  total,
}: Record<"epoch" | "writing" | "total", number> & { batches?: number }) {
  let clock = 0;
  let written = 0;
  const pace = new CheckpointPace(() => clock);
  const write = () => {
    written++;
    pace.write(() => {
      clock += writing;
    });
  };
  while (clock < total) {
    for (let batch = 0; batch < batches; batch++) {
      clock += epoch / batches;
      if (pace.dueAfterBatch()) write();
    }
    if (pace.dueAfterEpoch()) write();
  }
  return { written, share: (written * writing) / clock };
}

test("a checkpoint after every epoch, where writing it is little", () => {
  expect(count({ epoch: 1000, writing: 50, total: 100_000 }).written).toBeGreaterThan(94);
});

test("never more than a twentieth of the time, where epochs are short", () => {
  const { written, share } = count({ epoch: 1, writing: 20, total: 100_000 });
  expect(share).toBeLessThan(0.051);
  expect(share).toBeGreaterThan(0.045);
  expect(written).toBeGreaterThan(200);
});

test("every five minutes within a long epoch", () => {
  const hour = 3_600_000;
  expect(count({ epoch: hour, batches: 36_000, writing: 1000, total: hour }).written).toBe(12);
});
