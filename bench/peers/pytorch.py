"""PyTorch, eager, on a given number of threads: the same lines of JSON as worker.mjs."""

import json
import math
import os
import sys
import time

options = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
threads = options.get("threads", 1)
os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
# Threads of OpenMP that spin while OpenBLAS's own work make a step of two threads a hundred times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np  # noqa: E402

torch = None
ROW = 1024


def numbers(seed, count):
    bits = np.arange(count, dtype=np.uint32)
    bits *= np.uint32(0x9E3779B1)
    bits += np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B)
    bits ^= bits >> np.uint32(16)
    return (bits / 2**32 - 0.5).astype(np.float32)


def within(seed, count, bound):
    return (numbers(seed, count).astype(np.float64) * 2 * bound).astype(np.float32)


def sample(values):
    flat = values.reshape(-1)
    size = flat.size
    return [float(flat[place * 2654435761 % size]) for place in range(64)] + [float(flat[-1])]


def on(seed, *shape):
    return torch.from_numpy(numbers(seed, math.prod(shape))).reshape(shape)


class Product:
    def __init__(self, m, k, n, transposeA=False, transposeB=False, **_):
        self.a = on(1, k, m).t() if transposeA else on(1, m, k)
        self.b = on(2, n, k).t() if transposeB else on(2, k, n)
        self.c = torch.empty(m, n)

    def check(self):
        self.run(1)
        return sample(self.c.numpy())

    def run(self, count):
        with torch.no_grad():
            for _ in range(count):
                torch.matmul(self.a, self.b, out=self.c)


class Chain:
    def __init__(self, chain, size, **_):
        shape = (size // ROW, ROW) if chain == "softmax" else (size,)
        self.x = on(3, *shape)
        b = on(4, *shape) if chain == "axpy" else None
        self.once = {
            "affine": lambda x: torch.relu(x * 2 + 1),
            "six": lambda x: (torch.relu(x * 2 + 1) - x).abs().sqrt(),
            "axpy": lambda x: torch.add(x, b, alpha=0.5),
            "softmax": lambda x: torch.softmax(x, 1),
            "sum": lambda x: x.sum().item(),
            "spread": lambda x: (x - 0.25).square().mean().item(),
        }[chain]
        self.chain, self.size = chain, size

    def check(self):
        y = self.once(self.x)
        if isinstance(y, float):
            return [y / self.size if self.chain == "sum" else y]
        return sample(y.numpy())

    def run(self, count):
        with torch.no_grad():
            for _ in range(count):
                self.once(self.x)


class Loop:
    """A loop over batches in turn that reads the loss of every step."""

    def __init__(self, model, loss, optimizer, batches, read_first):
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self.batches, self.read_first, self.next = batches, read_first, 0

    def __call__(self, count, values=None):
        for _ in range(count):
            x, y = self.batches[self.next % len(self.batches)]
            self.next += 1
            self.optimizer.zero_grad()
            loss = self.loss(self.model(x), y)
            if self.read_first:
                value = loss.item()
            loss.backward()
            self.optimizer.step()
            if not self.read_first:
                value = loss.item()
            if values is not None:
                values.append(value)


def take(parameter, values):
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values).reshape(parameter.shape))


def mlp_loop(batch, dropout, read_first):
    from torch import nn

    layers = [nn.Linear(784, 128), nn.ReLU()]
    if batch > 1:
        layers.append(nn.BatchNorm1d(128))
    layers += [nn.Dropout(dropout), nn.Linear(128, 10)]
    take(layers[0].weight, within(11, 128 * 784, 1 / 28))
    take(layers[0].bias, within(12, 128, 1 / 28))
    take(layers[-1].weight, within(13, 1280, 1 / math.sqrt(128)))
    take(layers[-1].bias, within(14, 10, 1 / math.sqrt(128)))
    model = nn.Sequential(*layers)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    batches = []
    for which in range(4):
        labels = np.minimum(9, np.floor((numbers(200 + which, batch).astype(np.float64) + 0.5) * 10)).astype(np.int64)
        batches.append((on(100 + which, batch, 784) + 0.5, torch.from_numpy(labels)))
    return Loop(model, nn.CrossEntropyLoss(), optimizer, batches, read_first)


def tiny_loop(read_first):
    from torch import nn

    layers = []
    for layer, (inputs, out) in enumerate([(2, 8), (8, 8), (8, 1)]):
        linear = nn.Linear(inputs, out)
        take(linear.weight, within(21 + layer, out * inputs, 1 / math.sqrt(inputs)))
        take(linear.bias, within(31 + layer, out, 1 / math.sqrt(inputs)))
        layers += [linear, nn.Tanh()]
    model = nn.Sequential(*layers[:-1])
    x = on(41, 32, 2) * 2
    y = torch.where(x[:, :1] * x[:, 1:] > 0, 1.0, -1.0).float()
    return Loop(model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.1), [(x, y)], read_first)


class Training:
    def __init__(self, make, steps):
        self.make, self.steps, self.loop = make, steps, None

    def check(self):
        values = []
        self.make(0.0)(self.steps, values)
        return values

    def run(self, count):
        if self.loop is None:
            self.loop = self.make(0.2)
        self.loop(count)


def make(task):
    if task["kind"] == "product":
        return Product(**task)
    if task["kind"] == "chain":
        return Chain(**task)
    read_first = task["loop"] == "read first"
    if task["kind"] == "mlp":
        return Training(lambda dropout: mlp_loop(task["batch"], dropout, read_first), 5)
    return Training(lambda _: tiny_loop(read_first), 20)


def open_torch():
    global torch
    import torch as module

    torch = module
    torch.set_num_threads(threads)
    return {"version": torch.__version__}


current = None


def command_open(_):
    return open_torch()


def command_prepare(message):
    global current
    current = None
    current = make(message["task"])
    return {"values": current.check()}


def command_run(message):
    start = time.perf_counter()
    current.run(message["count"])
    return {"ms": (time.perf_counter() - start) * 1000}


def command_first(message):
    global current
    start = time.perf_counter()
    version = open_torch()
    imported = time.perf_counter()
    current = make(message["task"])
    current.run(1)
    end = time.perf_counter()
    return {"import": (imported - start) * 1000, "total": (end - start) * 1000, **version}


def command_memory(_):
    with open("/proc/self/statm") as file:
        return {"rss": int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")}


for line in sys.stdin:
    try:
        request = json.loads(line)
        reply = globals()["command_" + request["command"]](request)
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
