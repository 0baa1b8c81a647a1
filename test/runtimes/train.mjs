// Trains a small network by seed in an ordinary loop, under whichever runtime runs this file, from what was built, and
// prints what must be the same everywhere: the bits of the losses and a hash of the parameters. With the argument
// "unfused" the engine is told that there is no relaxed SIMD.

const validate = WebAssembly.validate;
if (globalThis.process?.argv.includes("unfused")) WebAssembly.validate = () => false;

const { engineInfo, manualSeed, nn, optim, randn, tensor } = await import("../../packages/noron/dist/index.js");
const { relaxedSimd } = engineInfo();
WebAssembly.validate = validate;

// f32x4.relaxed_madd of its arguments' first lanes. An engine may round once (fused) or twice.
const MADD = [
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 8, 1, 0x60, 3, 0x7d, 0x7d, 0x7d, 1, 0x7d, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10,
  22, 1, 20, 0, 0x20, 0, 0xfd, 0x13, 0x20, 1, 0xfd, 0x13, 0x20, 2, 0xfd, 0x13, 0xfd, 0x85, 2, 0xfd, 0x1f, 0, 0x0b,
];

/** Whether the engine's multiply-add rounds once: (1 + 2⁻¹²)² − (1 + 2⁻¹¹) is then 2⁻²⁴, and else 0. */
function roundsOnce() {
  if (!relaxedSimd) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(MADD)));
  return exports.f(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

const bits = (value) => new Uint32Array(Float32Array.of(value).buffer)[0].toString(16).padStart(8, "0");

manualSeed(20);
const rows = 150;
const x = randn([rows, 7]);
const values = x.dataSync();
const labels = Int32Array.from({ length: rows }, (_, row) => {
  const [a, b] = [values[row * 7], values[row * 7 + 1]];
  return a * a + b * b < 0.7 ? 0 : a > b ? 1 : 2;
});
const y = tensor(labels);
const model = new nn.Sequential(
  new nn.Linear(7, 33),
  new nn.BatchNorm1d(33),
  new nn.GELU(),
  new nn.Dropout(0.2),
  new nn.Linear(33, 17),
  new nn.Tanh(),
  new nn.Linear(17, 3),
);
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.AdamW(model.parameters(), { lr: 0.02 });

const losses = [];
for (let step = 0; step < 30; step++) {
  optimizer.zeroGrad();
  const l = loss.forward(model.forward(x), y);
  l.backward();
  optimizer.step();
  losses.push(bits(await l.item()));
}
model.eval();
const predicted = model.forward(x).argmax(1).dataSync();
const correct = labels.filter((label, row) => label === predicted[row]).length;

// FNV-1a over the bits of all parameters and buffers.
let hash = 0x811c9dc5;
for (const each of Object.values(model.stateDict()))
  for (const byte of new Uint8Array(each.dataSync().buffer)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;

const result = { relaxedSimd, fused: roundsOnce(), losses, accuracy: correct / rows, parameters: hash.toString(16) };
console.log(JSON.stringify(result));
