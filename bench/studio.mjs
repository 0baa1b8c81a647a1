/**
 * How fast the studio's page is, in a Chromium of this machine: the time from opening its address to a network that
 * trains, frames a second and what a frame costs the page's own thread, and kB by part.
 *
 *     npm ci && npm run build && node bench/studio.mjs
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { median } from "./lib/statistics.mjs";

const LOADS = 9;
/** Milliseconds that a running training is watched for. */
const WATCHED = 5_000;

const place = (path) => fileURLToPath(new URL(path, import.meta.url));
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined) throw new Error("there is no Chromium here: apt-get install chromium");

const server = spawn(process.execPath, [place("../packages/noron/bin/noron.js"), "studio", "--port", "0"]);
const address = await new Promise((resolve) => {
  server.stdout.on("data", (text) => resolve(String(text).trim()));
});
const folder = mkdtempSync(join(tmpdir(), "noron-bench-studio-"));
const browser = await chromium.launchPersistentContext(folder, {
  executablePath,
  headless: false,
  args: "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
    " ",
  ),
});
try {
  console.log(`from the address to the first step: ${JSON.stringify(await loads())}`);
  for (const [name, fragment, speed] of [
    ["the preset, as it opens", "#train?lang=en", undefined],
    ["the preset at full speed", "#train?lang=en", "null"],
  ])
    console.log(`${name}: ${JSON.stringify(await frames(fragment, speed))}`);
  console.log(`kB, compressed: ${JSON.stringify(sizes())}`);
} finally {
  await browser.close();
  server.kill("SIGINT");
  rmSync(folder, { recursive: true, force: true });
}

/** Seconds until the step counter is above 0: the first load, and the median and the longest of others, with an empty cache. */
async function loads() {
  const seconds = [];
  for (let load = 0; load <= LOADS; load++) {
    const page = await browser.newPage();
    const session = await browser.newCDPSession(page);
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const before = performance.now();
    await page.goto(address, { waitUntil: "commit" });
    await page.waitForFunction(() => Number(document.querySelector("[data-testid=step]")?.textContent) > 0, undefined, {
      polling: "raf",
    });
    seconds.push((performance.now() - before) / 1000);
    await page.close();
  }
  const [first, ...others] = seconds;
  return { first: rounded(first), median: rounded(median(others)), longest: rounded(Math.max(...others)) };
}

/** Frames and steps a second, and milliseconds of the page's thread for each frame. */
async function frames(fragment, speed) {
  const page = await browser.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(address + fragment);
  await page.getByRole("button", { name: "Pause" }).waitFor();
  if (speed !== undefined) await page.getByLabel("Speed").selectOption(speed);
  const session = await browser.newCDPSession(page);
  await session.send("Performance.enable");
  const taken = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    const steps = Number((await page.getByTestId("step").innerText()).replace(/\D/g, ""));
    return { busy: metrics.find(({ name }) => name === "TaskDuration").value, steps, time: performance.now() };
  };
  await page.waitForTimeout(2_000);
  const before = await taken();
  const drawn = await page.evaluate(
    (watched) =>
      new Promise((resolve) => {
        const end = performance.now() + watched;
        let count = 0;
        const frame = () => {
          count++;
          if (performance.now() < end) requestAnimationFrame(frame);
          else resolve(count);
        };
        requestAnimationFrame(frame);
      }),
    WATCHED,
  );
  const after = await taken();
  await page.close();
  const seconds = (after.time - before.time) / 1000;
  return {
    framesASecond: rounded((1000 * drawn) / WATCHED),
    millisecondsAFrame: rounded((1000 * (after.busy - before.busy)) / drawn),
    stepsASecond: Math.round((after.steps - before.steps) / seconds),
  };
}

/** What is waited for before anything is shown, noron itself in its worker, and what is fetched once the network trains. */
function sizes() {
  const dist = place("../packages/studio/dist/");
  const bytes = (path) => {
    const contents = readFileSync(join(dist, path));
    return path.endsWith(".woff2") ? contents.length : gzipSync(contents).length;
  };
  const page = readFileSync(join(dist, "index.html"), "utf8");
  const named = [...page.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map(([, file]) => file);
  const parts = { first: bytes("index.html") };
  for (const file of readdirSync(join(dist, "assets"))) {
    const part = named.includes(file) ? "first" : file.replace(/-[\w-]{8}\./, ".");
    parts[part] = (parts[part] ?? 0) + bytes(join("assets", file));
  }
  return Object.fromEntries(Object.entries(parts).map(([part, count]) => [part, rounded(count / 1000)]));
}

function rounded(value) {
  return Number(value.toPrecision(3));
}
