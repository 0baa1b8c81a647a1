import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp from "sharp";
import { expect, test } from "vitest";
import { type Ended, events, expectRefusal, file, folder, noron } from "./command.ts";

/** A picture of one colour above and another below, a little different each time. */
async function picture(name: string, above: number[], below: number[], seed: number, size = 20): Promise<void> {
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, at) => {
    const row = Math.floor(at / (size * 3));
    return (row < size / 2 ? above : below)[at % 3] + Math.round(20 * Math.sin(seed * 7.3 + at));
  });
  const image = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  file(name, await (name.endsWith(".png") ? image.png() : image.jpeg({ quality: 95 })).toBuffer());
}

const [light, dark, red, blue] = [
  [220, 220, 220],
  [40, 40, 40],
  [210, 40, 40],
  [40, 40, 210],
];

/** Pictures that are light above or below, PNG and JPEG, some of another size. */
async function pictures(into: string, count = 24): Promise<void> {
  for (let seed = 0; seed < count; seed++) {
    const size = seed % 5 === 0 ? 31 : 20;
    await picture(join(into, "above", `${seed}.${seed % 2 ? "png" : "jpg"}`), light, dark, seed, size);
    await picture(join(into, "bên dưới", `${seed}.${seed % 2 ? "png" : "jpg"}`), dark, light, seed, size);
  }
}

const result = (ended: Ended) => events(ended).find(({ event }) => event === "result")!;

test("a folder of images by class is trained on, measured and predicted, by file", async () => {
  await pictures("pictures");
  const args = [
    "train",
    "pictures",
    "--epochs",
    "20",
    "--batch",
    "4",
    "--norm",
    "none",
    "--model",
    "16",
    "--dropout",
    "0",
    "--image-size",
    "12",
    "--log",
    "json",
  ];
  const trained = events(await noron([...args, "--channels", "1", "--out", "run"]));
  expect(trained[0]).toMatchObject({ event: "data", rows: 48, classes: ["above", "bên dưới"] });
  expect(trained.find(({ event }) => event === "result")!.test.accuracy).toBe(1);
  const preprocessing = JSON.parse(readFileSync(join(folder, "run", "preprocessing.json"), "utf8"));
  expect(preprocessing).toMatchObject({ height: 12, width: 12, channels: 1, classes: ["above", "bên dưới"] });

  await pictures("more", 3);
  expect(result(await noron(["evaluate", "run", "more", "--log", "json"]))).toMatchObject({
    rows: 6,
    scores: { accuracy: 1 },
  });
  await picture("one.png", dark, light, 99, 50);
  await picture("two.jpg", light, dark, 98, 7);
  const said = await noron(["predict", "run", "one.png", "two.jpg", "--no-proba"]);
  expect(said.stdout).toBe("file,prediction\none.png,bên dưới\ntwo.jpg,above\n");
  const all = await noron(["predict", "run", "more", "--no-proba"]);
  expect(all.stdout.split("\n").slice(0, 2)).toEqual(["file,prediction", "more/above/0.jpg,above"]);
  const [one] = events(await noron(["predict", "run", "more", "--log", "json"]));
  expect(one).toMatchObject({ event: "prediction", file: "more/above/0.jpg", row: 0 });
  // A class that training had not: nothing to measure, but to predict.
  await picture("other/sideways/a.png", light, dark, 5);
  expect((await noron(["predict", "run", "other", "--no-proba"])).stdout).toMatch(/a\.png,above\n$/);
  expectRefusal(
    await noron(["evaluate", "run", "other"]),
    3,
    /label "sideways" of other\/sideways\/a\.png is none of the 2 classes/,
    [...["more", "one.png", "other", "pictures", "run", "two.jpg"]],
  );
});

test("colours are seen where the images have them, and a folder of train and test keeps its test", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const part = seed < 22 ? "train" : "test";
    await picture(`data/${part}/red/${seed}.png`, red, red, seed, 6);
    await picture(`data/${part}/blue/${seed}.png`, blue, blue, seed, 6);
  }
  const args = ["train", "data", "--epochs", "8", "--model", "8", "--norm", "none", "--dropout", "0", "--out", "run"];
  const ended = await noron([...args, "--log", "json"]);
  expect(result(ended).test.accuracy).toBe(1);
  expect(events(ended)[0].split).toMatchObject({ test: 16 });
  const preprocessing = JSON.parse(readFileSync(join(folder, "run", "preprocessing.json"), "utf8"));
  expect(preprocessing).toMatchObject({ height: 6, width: 6, channels: 3, classes: ["blue", "red"] });
  const network = JSON.parse(readFileSync(join(folder, "run", "config.json"), "utf8")).network;
  expect(network.inputs).toBe(6 * 6 * 3);
  const explained = await noron(["explain", "run", "--row", "0", "data/test/red/25.png", "--log", "json"]);
  expect(explained.code).toBe(0);
  const [row] = events(explained);
  expect(row).toMatchObject({ row: 0, file: "data/test/red/25.png" });

  const looked = await noron(["inspect", "data"]);
  expect(looked.stdout).toMatch(/^data: 44 images of 6 × 6 pixels, in colour\n/);
  expect(looked.stdout).toMatch(/2 classes: blue 22, red 22\n/);

  expect((await noron(["report", "run"])).code).toBe(0);
  const page = readFileSync(join(folder, "run", "report.html"), "utf8");
  const shown = [...page.matchAll(/src="data:image\/bmp;base64,([^"]+)" alt="Image ([^:]+):/g)];
  expect(shown).toHaveLength(5);
  for (const [, bitmap, name] of shown) {
    // The pixels behind the header, blue first, are those of the file.
    const drawn = Buffer.from(bitmap, "base64").subarray(54);
    const pixels = await sharp(join(folder, name)).raw().toBuffer();
    const stride = Math.ceil((3 * 6) / 4) * 4;
    for (let at = 0; at < 36; at++) {
      const place = Math.floor(at / 6) * stride + 3 * (at % 6);
      expect([...drawn.subarray(place, place + 3)].reverse()).toEqual([...pixels.subarray(3 * at, 3 * at + 3)]);
    }
  }

  const resumed = await noron(["train", "--resume", "run", "--epochs", "9"]);
  expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringMatching(/in colour/)]);
});

test("grey pixels that are stored in colour are told", async () => {
  for (let seed = 0; seed < 8; seed++)
    for (const [name, shade] of [
      ["light", 200],
      ["dark", 40],
    ] as const) {
      const raw = { width: 4, height: 4, channels: 3 } as const;
      const pixels = Uint8Array.from({ length: 48 }, (_, at) => shade + 5 * (Math.floor(at / 3) % 4) + seed);
      mkdirSync(join(folder, "grey", name), { recursive: true });
      file(`grey/${name}/${seed}.png`, await sharp(pixels, { raw }).png().toBuffer());
    }
  const told = async (...options: string[]) => (await noron(["train", "grey", "--dry-run", ...options])).stderr;
  expect(await told()).toMatch(/^grey: 16 images of 4 × 4 pixels, stored in colour though all of them are grey/);
  expect(await told("--channels", "1")).toMatch(/^grey: 16 images of 4 × 4 pixels\n/);
});

test("images that are none, have no class or cannot be decoded here are refused", async () => {
  await pictures("pictures", 4);
  const inputs = ["bad", "flat", "no-sharp.mjs", "pictures"];
  mkdirSync(join(folder, "bad", "above"), { recursive: true });
  file("bad/above/a.png", "this is no image");
  await picture("flat/a.png", light, dark, 1);
  file(
    "no-sharp.mjs",
    `import { register } from "node:module";
     register("data:text/javascript," + encodeURIComponent(\`export async function resolve(name, context, next) {
       if (name === "sharp") throw Object.assign(new Error("Cannot find package 'sharp'"), { code: "ERR_MODULE_NOT_FOUND" });
       return next(name, context);
     }\`));`,
  );
  const refuse = async (args: string[], code: number, message: RegExp, env = {}) =>
    expectRefusal(await noron(["train", ...args], { env }), code, message, inputs);
  await refuse(["bad"], 3, /bad\/above\/a\.png: this image cannot be decoded: /);
  await refuse(["flat"], 3, /flat: no image says what is on it: put the images of each class into a folder/);
  await refuse(["pictures", "--image-size", "big"], 2, /--image-size big cannot be: it is a size in pixels/);
  await refuse(["pictures", "--channels", "2"], 2, /--channels 2 cannot be: it is 1 for grey, or 3/);
  await refuse(
    ["pictures", "--eject", "program.mjs"],
    2,
    /which decodes no images such as those in pictures: leave it out/,
  );
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "no-sharp.mjs")).href}` };
  await refuse(["pictures"], 2, /decoded by the package sharp, which is not installed here: npm install sharp/, env);
});
