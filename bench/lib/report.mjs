import { definitions } from "./contenders.mjs";
import { duration } from "./measure.mjs";

const GROUPS = {
  squares: {
    title: "Square products",
    text: "float32. noron: operands and result in engine memory, packing, tracing and the call inside the time, on one thread unless it says two. Ratios are those of noron without BLAS. OpenBLAS: cblas_sgemm itself, called through FFI on memory of its own. onnxruntime-node: one Gemm, both operands inputs. tfjs keeps what it has packed of a right side that it has seen before, so that its times leave that packing out (a tenth at 512).",
  },
  shapes: {
    title: "The products of the network's forward and backward",
    text: "784-128-10, weights stored as [out, in] as PyTorch does, so that forward products have the right side transposed and weights' gradients the left.",
  },
  chains: {
    title: "Elementwise and reduction chains on 16 million floats",
    text: "The rate counts the bytes that must at least be moved: each input read once, the result written once. The plain copy moves as many bytes with the C library's memmove, which can write around the caches where WebAssembly cannot. noron and jax-js (under jit) fuse; PyTorch and tfjs run an operation at a time.",
  },
  mlp: {
    title: "A training step: 784-128-ReLU-BatchNorm-Dropout-10",
    text: "Cross entropy, SGD with Nesterov's momentum 0.9, running statistics kept, dropout 0.2, four batches in turn that the library holds already, the loss read in every step. PyTorch runs eagerly, with OMP_WAIT_POLICY=passive: without it two threads are many times slower where OpenBLAS has threads of its own. At batch 1 there is no BatchNorm, which has nothing to normalise there. jax-js: the whole step under jit.",
  },
  loaded: {
    title: "The step on a loaded machine",
    text: "As above, while as many programs as the machine has cores do nothing but compute.",
  },
  tiny: {
    title: "A tiny network: 2-8-8-1, tanh, batch 32, mean squared error, plain SGD",
    text: "The size of a classroom demonstration: what is measured is overhead. brain.js knows no batches: its row is one pass over the same 32 examples, 32 updates.",
  },
  first: {
    title: "Start",
    text: "A fresh process each time, from before the import of the library; the runtime's own start is not in it. The step is the network's at batch 64, its creation included.",
  },
};

const label = (id) => definitions.find((definition) => definition.id === id)?.label ?? id;
const number = (value) => (value >= 1000 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3));

/** The rows of one task, the fastest marked. */
function rows({ contenders, unit, group }) {
  const ratio = (id, value) => (id === "noron" || value === null ? "1" : value.toFixed(2));
  return Object.entries(contenders).map(([id, { median, min, spread, rate, noronTimesAsFast }]) => [
    label(id),
    duration(median),
    duration(min),
    `${(spread * 100).toFixed(0)} %`,
    group === "first" ? "" : `${number(rate)} ${unit}`,
    ratio(id, noronTimesAsFast),
  ]);
}

const HEAD = ["", "median", "least", "spread", "rate", "noron is times as fast"];

/** @param {string[][]} table */
function aligned(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))),
  );
}

/** The results for a terminal. */
export function toText(report) {
  const lines = [];
  for (const result of report.results) {
    lines.push("", `${GROUPS[result.group].title}: ${result.title}`);
    for (const row of aligned([HEAD, ...rows(result)])) lines.push(`  ${row.join("  ")}`);
  }
  for (const { batch, kernels, bytesMoved, least, endless } of report.traffic)
    lines.push(
      "",
      `A training step at batch ${batch}: ${kernels} kernels move ${mebibytes(bytesMoved)}, ${(bytesMoved / least).toFixed(2)} × the fewest (${mebibytes(least)}; with an endless cache ${mebibytes(endless)})`,
    );
  lines.push("", "Bars");
  for (const row of aligned(barRows(report.bars))) lines.push(`  ${row.join("  ")}`);
  return lines.join("\n");
}

function barRows(list) {
  return [
    ["work", "bar", "by medians", "by least times", "holds"],
    ...list.map(({ work, bar, value, byLeast, holds, note }) => [
      note === undefined ? work : `${work} (${note})`,
      bar,
      value === null ? "not measured" : value.toFixed(2),
      byLeast === null ? "" : byLeast.toFixed(2),
      holds === null ? "" : holds ? "yes" : "no",
    ]),
  ];
}

function markdownTable(table) {
  const escape = (row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    escape(table[0]),
    `|${table[0].map((_, column) => (column === 0 ? " --- |" : " ---: |")).join("")}`,
    ...table.slice(1).map(escape),
  ];
}

const mebibytes = (bytes) => `${number(bytes / 2 ** 20)} MiB`;

/** The results as the page docs/benchmarks.md. */
export function toMarkdown(report) {
  const { machine, settings, versions, absent } = report;
  const lines = [
    "# Benchmarks",
    "",
    "Written by `npm run bench`; do not edit. To repeat it: `npm ci && npm run bench` (a shorter run: `npm run bench -- --quick`; one part: `npm run bench -- --only tiny`, which leaves this page alone).",
    "Peers come from `bench/package.json`, PyTorch from the system's Python (Debian: `python3-torch`), OpenBLAS from the system (Debian: `libopenblas0`); what is not there is left out.",
    "",
    "Every contender runs in a process of its own. All get the same numbers, and a result that is wrong (against double precision, or for training against noron's losses without dropout) is not timed.",
    `After warming up, ${settings.rounds} rounds: in each, every contender in turn runs as often as fills ${settings.slice} ms. Spread is the middle half of the rounds over their median; ratios are medians over rounds of what ran side by side.`,
    "What limits each row, and which bars lie beyond what the instructions allow: [speed.md](speed.md), measured by `node bench/limits.mjs`.",
    "",
    `- Date: ${report.date}`,
    `- Machine: ${machine.model}, ${machine.cores} cores, ${machine.memory} GiB, ${machine.system}; load when it began ${machine.load}`,
    `- Node ${process.versions.node} (V8 ${process.versions.v8})`,
    ...Object.entries(versions).flatMap(([id, version]) => (id === "copy" ? [] : [`- ${label(id)}: ${version}`])),
    ...Object.entries(absent).map(([id, why]) => `- ${label(id)}: left out (${why})`),
  ];
  lines.push("", "## Bars", "", ...markdownTable(barRows(report.bars)));
  let group = "";
  for (const result of report.results) {
    if (result.group !== group) {
      group = result.group;
      lines.push("", `## ${GROUPS[group].title}`, "", GROUPS[group].text);
    }
    lines.push("", `### ${result.title}`, "", ...markdownTable([HEAD, ...rows(result)]));
    for (const [id, why] of Object.entries(result.failures)) lines.push("", `${label(id)} is not timed: ${why}`);
  }
  if (report.traffic.length > 0) {
    lines.push("", "## Kernels and bytes of a training step", "");
    lines.push(
      "The network's step in an ordinary loop, fused. Each element counts once for every kernel that reads or writes it. The fewest: parameters and momentum read and written, batch, labels and statistics, and again what waits for the whole batch (the batch for the first layer's gradient, each parameter for its update, hidden values written once and read three times around BatchNorm's sums and those of its gradient, the logits' gradient); with a cache that holds everything, the last column. Gradients themselves are in neither, though noron stores them, so that a program can read them after the step.",
      "",
    );
    lines.push(
      ...markdownTable([
        ["batch", "kernels", "moved", "the fewest", "ratio", "with an endless cache"],
        ...report.traffic.map(({ batch, kernels, bytesMoved, least, endless }) => [
          String(batch),
          String(kernels),
          mebibytes(bytesMoved),
          mebibytes(least),
          (bytesMoved / least).toFixed(2),
          mebibytes(endless),
        ]),
      ]),
    );
  }
  if (report.memory.length > 0) {
    lines.push("", "## Memory of a long run", "");
    lines.push("The training step at batch 64 in an ordinary loop; resident memory of the process.", "");
    lines.push(
      ...markdownTable([
        ["", "steps", "after a quarter", "at the end", "greatest", "bytes a step"],
        ...report.memory.map(({ id, steps, early, end, peak, bytesPerStep }) => [
          label(id),
          steps.toLocaleString("en-US"),
          mebibytes(early),
          mebibytes(end),
          mebibytes(peak),
          Math.round(bytesPerStep).toLocaleString("en-US"),
        ]),
      ]),
    );
  }
  if (report.sizes.length > 0) {
    lines.push("", "## Installed size", "", "With all dependencies, as a package manager puts it on the disk.", "");
    lines.push(
      ...markdownTable([
        ["", "packages", "installed", "download"],
        ...report.sizes.map(({ label: name, packages, bytes, packed }) => [
          name,
          String(packages),
          mebibytes(bytes),
          packed === undefined ? "" : mebibytes(packed),
        ]),
      ]),
    );
  }
  return `${lines.join("\n")}\n`;
}
