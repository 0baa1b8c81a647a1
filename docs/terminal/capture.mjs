/**
 * Writes docs/commands.md: what each command shows on a real terminal of 100 columns, as tmux captures it.
 *
 *     npm run build && node docs/terminal/capture.mjs
 *
 * Needs tmux. It trains on a small table that it makes itself; times and folders' dates are those of the day.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const COLUMNS = 100;
const SECTIONS = [
  ["What is in the data, before any training", "noron inspect customers.csv --target churned"],
  ["Training, and the score on rows not trained on", "noron train customers.csv --target churned --out runs/first"],
  ["What a training would do, without doing it", "noron train customers.csv --target churned --dry-run"],
  [
    "Another one, with a network of the lecture's parts",
    "noron train customers.csv -t churned --model 16,8 --activation tanh --norm batch --optimizer nesterov --out runs/second",
  ],
  [
    "Stopped by Ctrl-C",
    "noron train customers.csv -t churned --model 512,512 --batch 1 --epochs 40 --out runs/third",
    { stopAfter: 3000 },
  ],
  ["And gone on with, to the same bits as if it had not been stopped", "noron train --resume runs/third"],
  ["Measuring a run on other rows", "noron evaluate runs/first customers.csv"],
  ["Predictions, as CSV", "noron predict runs/first customers.csv | head -n 6"],
  ["One prediction as a lecture on its numbers", "noron explain runs/second --row 7 --layer 0 --neuron 1"],
  ["Runs side by side", "noron runs"],
  ["Two of them compared", "noron runs --compare runs/first runs/second"],
  ["A report to read in a browser, offline", "noron report runs/first"],
  ["A module for an app", "noron export runs/first --out churn.ts && head -n 12 churn.ts"],
  ["Mistakes", "noron train customers.csv --target churnd"],
  ["In Vietnamese", "noron evaluate runs/first customers.csv --lang vi"],
  ["What the engine found", "noron doctor"],
];

const folder = mkdtempSync(join(tmpdir(), "noron-terminal-"));
const server = ["-L", `noron-terminal-${process.pid}`, "-f", "/dev/null"];
const tmux = (...words) => execFileSync("tmux", [...server, ...words], { encoding: "utf8" });
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const rows = Array.from({ length: 400 }, (_, row) => {
  const age = 20 + ((row * 37) % 50);
  const plan = ["basic", "plus", "pro"][row % 3];
  const calls = (row * 13) % 9;
  const strange = (row * 7919) % 23 === 0;
  return [age, plan, calls, row % 4 !== 0, (calls > 4 && plan !== "pro") !== strange ? "yes" : "no"].join(",");
});
writeFileSync(join(folder, "customers.csv"), `age,plan,calls,active,churned\n${rows.join("\n")}\n`);
mkdirSync(join(folder, "bin"));
symlinkSync(join(root, "packages/noron/bin/noron.js"), join(folder, "bin", "noron"));

const shell = `env -i HOME=${folder} HISTFILE= LANG=C.UTF-8 TERM=tmux-256color PATH=${folder}/bin:${process.env.PATH} PS1= bash --norc --noprofile`;
tmux("new-session", "-d", "-x", String(COLUMNS), "-y", "60", "-c", folder, shell);
tmux("set-option", "-g", "history-limit", "5000");
const parts = [];
try {
  for (const [number, [title, command, { stopAfter } = {}]] of SECTIONS.entries()) {
    const end = `end-of-${number}`;
    tmux("send-keys", "clear", "Enter");
    await pause(300);
    tmux("clear-history");
    tmux("send-keys", "-l", `${command}; tmux ${server.join(" ")} wait-for -S ${end}`);
    tmux("send-keys", "Enter");
    if (stopAfter !== undefined) {
      await pause(stopAfter);
      tmux("send-keys", "C-c");
    }
    tmux("wait-for", end);
    await pause(200);
    const seen = tmux("capture-pane", "-p", "-J", "-S", "-");
    // The first line is what was typed.
    const lines = seen.slice(seen.indexOf(end) + end.length).split("\n");
    const text = lines
      .map((line) => line.trimEnd())
      .join("\n")
      .replace(/^\n+|\n+$/g, "");
    parts.push(`## ${title}\n\n\`\`\`console\n$ ${command}\n${text}\n\`\`\`\n`);
    process.stderr.write(`${command}\n`);
  }
} finally {
  tmux("kill-server");
  rmSync(folder, { recursive: true });
}
const head = `# The commands on a terminal

Written by \`node docs/terminal/capture.mjs\` from a real terminal of ${COLUMNS} columns; do not edit. Each was typed as it
stands (in a clone with \`npx\` in front) on a table of 400 made-up customers. \`noron COMMAND --help\` lists the options;
[errors.md](errors.md) says what each error means.
`;
writeFileSync(join(root, "docs/commands.md"), `${head}\n${parts.join("\n")}`);
