import { data, manualSeed, nn, optim } from "noron";

manualSeed(0);
const loader = new data.DataLoader(data.samples.spirals({ count: 600 }), { batchSize: 20, shuffle: true });
const model = new nn.Sequential(new nn.Linear(2, 64), new nn.ReLU(), new nn.Linear(64, 2));
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });

for (let epoch = 1; epoch <= 20; epoch++) {
  let total = 0;
  for await (const [x, y] of loader) {
    optimizer.zeroGrad();
    const l = loss.forward(model.forward(x), y);
    l.backward();
    optimizer.step();
    total += await l.item();
  }
  console.log(`epoch ${epoch}: loss ${(total / loader.length).toFixed(4)}`);
}
console.log(String(model.summary()));
