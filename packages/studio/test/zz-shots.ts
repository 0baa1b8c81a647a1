import { openStudio } from "./studio.ts";

const studio = await openStudio();
const shots: [string, string][] = [
  ["network", "network?step=0&layers=Linear;outFeatures=6,GroupNorm;numGroups=6,Tanh,Linear;outFeatures=auto,Softmax"],
  [
    "diverged",
    "train?data=curve,200,0.05,2&layers=Linear;outFeatures=16,ReLU,Linear;outFeatures=auto&loss=MSELoss&optimizer=SGD;lr=900&bogus=1",
  ],
  ["problem", "train?step=0&layers=Linear,BatchNorm1d,Linear;outFeatures=auto&batch=1"],
];
for (const [name, link] of shots)
  for (const [w, lang, scheme] of [
    [360, "vi", "dark"],
    [1440, "en", "light"],
    [360, "en", "light"],
    [1440, "vi", "dark"],
  ] as const) {
    const page = await studio.page("about:blank".length ? `#${link}&lang=${lang}` : "", { width: w, height: 900 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.locator("main h2").first().waitFor({ state: "attached" });
    await new Promise((r) => setTimeout(r, 1200));
    if (w === 360 ? lang === "vi" : true)
      await page.screenshot({ path: `/tmp/st/${name}-${w}-${lang}.png`, fullPage: w === 360 });
    const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    if (over) console.log("OVERFLOW", name, w, lang, over);
    await page.close();
  }
const BIRDS = `mass,length,width,height,age,sex,kind\n${Array.from({ length: 60 }, (_, row) => `${row},${row % 7},${row % 5},${row % 3},${row % 11},${["f", "m"][row % 2]},${["a", "b", "c"][row % 3]}`).join("\n")}\n`;
for (const [w, lang, scheme] of [
  [360, "vi", "dark"],
  [1440, "en", "light"],
] as const) {
  const page = await studio.page(`#data?lang=${lang}`, { width: w, height: 900 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "birds.csv", mimeType: "text/csv", buffer: Buffer.from(BIRDS) });
  await page.locator("#columns-title").waitFor();
  await page.locator("tbody tr select").nth(5).selectOption("date");
  await page.locator(".wrong").waitFor();
  await new Promise((r) => setTimeout(r, 500));
  await page.screenshot({ path: `/tmp/st/data-${w}-${lang}.png`, fullPage: true });
  await page.close();
}
process.exit(0);
