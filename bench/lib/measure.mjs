import { Contender, load, takes } from "./contenders.mjs";
import { pairedRatio, summarize } from "./statistics.mjs";
import { fewestBytes } from "./traffic.mjs";
import { expected } from "./work.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Does the tasks of a group with every contender, each in a process of its own that lives as long as the group.
 *
 * A task: all prepare it and their results are compared; each is warmed up and finds how many runs fill a slice of time;
 * then rounds, in each of which all run one slice, in turn.
 *
 * @param {import("./work.mjs").Task[]} tasks
 * @param {import("./contenders.mjs").Definition[]} definitions
 * @param {{ rounds: number, slice: number, warmUp: number, cores: number }} settings
 * @param {{ versions: Record<string, string>, absent: Record<string, string>, say: (text: string) => void }} notes
 */
export async function measureGroup(tasks, definitions, settings, { versions, absent, say }) {
  const results = [];
  const open = new Map();
  for (const definition of definitions) {
    if (absent[definition.id] !== undefined || !tasks.some((task) => takes(definition, task))) continue;
    let contender = null;
    try {
      contender = new Contender(definition);
      open.set(definition.id, contender);
      versions[definition.id] = (await contender.ask("open")).version;
    } catch (error) {
      absent[definition.id] = firstLine(error);
      open.delete(definition.id);
      await contender?.close();
      say(`  ${definition.label} is left out: ${absent[definition.id]}`);
    }
  }
  try {
    for (const task of tasks) {
      const entries = [];
      const failures = {};
      const truth = expected(task);
      for (const definition of definitions) {
        const contender = open.get(definition.id);
        if (contender === undefined || !takes(definition, task)) continue;
        try {
          const { skipped, values } = await contender.ask("prepare", { task });
          if (skipped) continue;
          entries.push({ definition, contender, values, count: 1, times: [] });
        } catch (error) {
          failures[definition.id] = firstLine(error);
        }
      }
      const agreeing = entries.filter((entry) => {
        const problem = disagreement(entry.values, truth ?? losses(entries), task);
        if (problem === null) return true;
        failures[entry.definition.id] = problem;
        return false;
      });
      for (const [id, why] of Object.entries(failures)) say(`  ${task.id}: ${id} is not timed: ${why}`);
      // Without noron there is nothing to compare with: a step that is not built yet.
      if (!agreeing.some(({ definition }) => definition.id === "noron")) continue;
      const unload = task.loaded ? load(settings.cores) : () => {};
      try {
        for (const entry of agreeing) await warmUp(entry, settings);
        for (let round = 0; round < settings.rounds; round++) {
          for (let turn = 0; turn < agreeing.length; turn++) {
            const { contender, count, times } = agreeing[(turn + round) % agreeing.length];
            const { ms } = await contender.ask("run", { count });
            times.push(ms / count);
            await pause(2);
          }
        }
      } finally {
        unload();
      }
      const own = agreeing.find(({ definition }) => definition.id === "noron").times;
      const result = { task: task.id, group: task.group, title: task.title, unit: task.unit, contenders: {}, failures };
      for (const { definition, times, count } of agreeing) {
        const summary = summarize(times);
        result.contenders[definition.id] = {
          ...summary,
          rate: task.amount / (summary.median / 1000),
          bestRate: task.amount / (summary.min / 1000),
          noronTimesAsFast: pairedRatio(own, times),
          runsPerSlice: count,
        };
      }
      results.push(result);
      say(`  ${line(result)}`);
    }
  } finally {
    for (const contender of open.values()) await contender.close();
  }
  return results;
}

/** Runs until the engine has compiled what it will, and sets how many runs one slice takes. */
async function warmUp(entry, { slice, warmUp: total }) {
  let spent = 0;
  let count = 1;
  for (;;) {
    const { ms } = await entry.contender.ask("run", { count });
    spent += ms;
    entry.count = Math.max(1, Math.round((slice / Math.max(ms, 0.001)) * count));
    if (spent >= total) return;
    count = Math.max(1, Math.min(entry.count, count * 4));
  }
}

/** The losses that the others are held against: noron's, or the first who has any. */
function losses(entries) {
  const reference = entries.find(({ definition }) => definition.id === "noron") ?? entries[0];
  return reference?.values ? { values: reference.values, tolerance: 2e-3 } : null;
}

function disagreement(values, truth, task) {
  if (values === null) return null;
  if (truth === null) return values.every(Number.isFinite) ? null : "its results are no numbers";
  if (values.length !== truth.values.length) return `it gave ${values.length} values for ${truth.values.length}`;
  for (let index = 0; index < values.length; index++) {
    const difference = Math.abs(values[index] - truth.values[index]);
    if (!(difference <= truth.tolerance))
      return `result ${index} of ${task.id} is ${values[index]} where ${truth.values[index]} is right`;
  }
  return null;
}

const firstLine = (error) => String(error?.message ?? error).split("\n")[0];

function line({ task, contenders }) {
  const parts = Object.entries(contenders).map(
    ([id, { median, noronTimesAsFast }]) =>
      `${id} ${duration(median)}${id === "noron" ? "" : ` (${noronTimesAsFast.toFixed(2)}x)`}`,
  );
  return `${task}: ${parts.join(", ")}`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1) return `${(ms * 1000).toPrecision(3)} µs`;
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  return `${(ms / 1000).toPrecision(3)} s`;
}

/**
 * Import and first training step, each time in a fresh process.
 * @param {import("./contenders.mjs").Definition[]} definitions
 */
export async function measureFirstStep(definitions, task, rounds, { versions, absent, say }) {
  const taking = definitions.filter((definition) => takes(definition, task) && absent[definition.id] === undefined);
  const times = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const definition of taking) {
      if (absent[definition.id] !== undefined) continue;
      let contender = null;
      try {
        contender = new Contender(definition);
        const answer = await contender.ask("first", { task });
        if (answer.skipped) continue;
        versions[definition.id] = answer.version;
        const own = times.get(definition.id) ?? { import: [], total: [] };
        own.import.push(answer.import);
        own.total.push(answer.total);
        times.set(definition.id, own);
      } catch (error) {
        absent[definition.id] = firstLine(error);
      } finally {
        await contender?.close();
      }
    }
  }
  const own = times.get("noron");
  return ["import", "total"].map((part) => {
    const title = part === "import" ? "import" : "import and first training step, loss read";
    const result = { task: `first ${part}`, group: "first", title, unit: "ms", contenders: {}, failures: {} };
    for (const [id, each] of times)
      result.contenders[id] = {
        ...summarize(each[part]),
        rate: summarize(each[part]).median,
        noronTimesAsFast: own === undefined ? null : pairedRatio(own[part], each[part]),
      };
    say(`  ${line(result)}`);
    return result;
  });
}

/**
 * How many kernels noron's training step is, and how many bytes they move beside the fewest.
 * @param {import("./contenders.mjs").Definition} noron
 * @param {import("./work.mjs").Task[]} tasks
 */
export async function measureTraffic(noron, tasks, { say }) {
  const contender = new Contender(noron);
  const rows = [];
  try {
    await contender.ask("open");
    for (const task of tasks) {
      const { kernels, bytesMoved } = await contender.ask("traffic", { task });
      rows.push({ batch: task.batch, kernels, bytesMoved, ...fewestBytes(task.batch) });
      say(`  batch ${task.batch}: ${kernels} kernels, ${bytesMoved} bytes`);
    }
  } finally {
    await contender.close();
  }
  return rows;
}

/**
 * The memory of a process that trains for a while.
 * @param {import("./contenders.mjs").Definition[]} definitions
 * @param {number} seconds
 */
export async function measureMemory(definitions, task, seconds, { absent, say }) {
  const rows = [];
  for (const definition of definitions) {
    if (absent[definition.id] !== undefined || !takes(definition, task)) continue;
    const contender = new Contender(definition);
    try {
      await contender.ask("open");
      const { skipped } = await contender.ask("prepare", { task });
      if (skipped) continue;
      let count = 0;
      let spent = 0;
      let early = 0;
      let atEarly = 0;
      let peak = 0;
      let slice = 1;
      while (spent < seconds * 1000) {
        const { ms } = await contender.ask("run", { count: slice });
        count += slice;
        spent += ms;
        slice = Math.max(1, Math.round((slice * 50) / Math.max(ms, 0.01)));
        const { rss } = await contender.ask("memory");
        peak = Math.max(peak, rss);
        if (early === 0 && spent >= seconds * 250) [early, atEarly] = [rss, count];
      }
      const { rss: end } = await contender.ask("memory");
      rows.push({
        id: definition.id,
        steps: count,
        early,
        end,
        peak,
        bytesPerStep: (end - early) / Math.max(1, count - atEarly),
      });
      const mib = (bytes) => (bytes / 2 ** 20).toFixed(0);
      say(`  ${definition.id}: ${count} steps, ${mib(early)} MiB after a quarter, ${mib(end)} MiB at the end`);
    } catch (error) {
      say(`  ${definition.id}: ${firstLine(error)}`);
    } finally {
      await contender.close();
    }
  }
  return rows;
}
