"""Writes what math.test.ts measures float64 against: `python3 reference.py > fixtures/float64.json`.

For every function there are arguments (over the ranges where something changes, and at random bit patterns), the results
rounded to float64, and how far each true result lies from it, in 1/200 ulp, all from mpmath with hundreds of bits.
`python3 reference.py COUNT SEED` gives other samples and longer ones, to search for worst errors.
"""

import base64
import json
import math
import random
import struct
import sys

from mpmath import mp, mpf, acos, asin, atan, cos, cosh, erf, erfc, exp, expm1, frexp, ldexp, log, log1p, sin, sinh, sqrt, tan, tanh

mp.prec = 200
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 420
random.seed(int(sys.argv[2]) if len(sys.argv) > 2 else 1)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def exact_erf(x):
    return erf(x) if abs(x) < 1 else (1 - erfc(x) if x > 0 else erfc(-x) - 1)


# Ranges: ("lin", low, high) evenly, ("log", low, high) evenly in the exponent of 2 with either sign, ("pos", …) positive.
LINES = {
    "exp": (exp, [("lin", -1, 1), ("lin", -745, 709.7), ("lin", -745.1, -708), ("log", -60, 3)]),
    "exp2": (lambda x: mpf(2) ** x, [("lin", -1, 1), ("lin", -1074, 1023.9), ("lin", -1074, -1022), ("log", -60, 3)]),
    "expm1": (expm1, [("lin", -1, 1), ("lin", -40, 709.7), ("log", -1074, -20), ("log", -60, 3)]),
    "log": (log, [("pos", -1074, 1023.9), ("pos", -1, 1), ("lin", 0.5, 2), ("one", 2, 50)]),
    "log2": (lambda x: log(x, 2), [("pos", -1074, 1023.9), ("pos", -1, 1), ("lin", 0.5, 2), ("one", 2, 50)]),
    "log1p": (log1p, [("log", -1074, -20), ("log", -60, -0.1), ("lin", -0.9999, 1), ("pos", -2, 1023)]),
    "tanh": (tanh, [("lin", -1, 1), ("lin", -20, 20), ("log", -1074, -20), ("log", -60, 3)]),
    "sigmoid": (sigmoid, [("lin", -1, 1), ("lin", -745, 40), ("lin", -40, 40), ("log", -60, 3)]),
    "rsqrt": (lambda x: 1 / sqrt(x), [("pos", -1074, 1023.9), ("lin", 0.5, 2)]),
    "erf": (exact_erf, [("lin", -1, 1), ("lin", -6, 6), ("log", -1021, -20), ("log", -60, 1)]),
    "sin": (sin, [("lin", -7, 7), ("log", -60, 3), ("log", 3, 25), ("log", 3, 1023.9), ("turn", 1, 600000), ("log", -1074, -20)]),
    "cos": (cos, [("lin", -7, 7), ("log", -60, 3), ("log", 3, 25), ("log", 3, 1023.9), ("turn", 1, 600000)]),
    "tan": (tan, [("lin", -7, 7), ("log", -60, 3), ("log", 3, 25), ("log", 3, 1023.9), ("turn", 1, 600000), ("log", -1074, -20)]),
    "asin": (asin, [("lin", -1, 1), ("log", -60, 0), ("log", -1074, -20), ("lin", 0.99, 1)]),
    "acos": (acos, [("lin", -1, 1), ("log", -60, 0), ("lin", 0.99, 1)]),
    "atan": (atan, [("lin", -3, 3), ("log", -60, 60), ("log", -1074, 1023.9)]),
    "sinh": (sinh, [("lin", -2, 2), ("lin", -710.4, 710.4), ("log", -60, 3), ("log", -1074, -20)]),
    "cosh": (cosh, [("lin", -2, 2), ("lin", -710.4, 710.4), ("log", -60, 3)]),
}


def draw(kind, low, high):
    t = low + (high - low) * random.random()
    if kind == "lin":
        return t
    if kind == "turn":
        return round(t) * math.pi / 2 * (1 + random.choice([0, 0, 2.0**-52, 2.0**-40]))
    if kind == "one":
        return 1 + random.choice([-1, 1]) * 2.0**-t
    size = math.ldexp(2 ** (t - math.floor(t)), math.floor(t))
    return size if kind == "pos" else random.choice([-1, 1]) * size


def special():
    """The worst known neighbour of a multiple of π / 2 (Muller, chapter 11)."""
    return [6381956970095103 * 2.0**797]


def measure(value):
    """value rounded to float64, and what is left in 1/200 ulp; None beyond the range."""
    _, exponent = frexp(value)
    if value == 0 or exponent > 1024:
        return None
    step = max(exponent - 53, -1074)
    units = ldexp(value, -step)
    whole = int(mp.nint(units))
    if step == 971 and abs(whole) == 2**53:
        return None
    nearest = math.ldexp(whole, step)
    return nearest, int(mp.nint((units - whole) * 200))


def pack(kind, values):
    return base64.b64encode(struct.pack(f"<{len(values)}{kind}", *values)).decode()


def entry(columns, results):
    return {
        "arguments": [pack("d", column) for column in columns],
        "results": pack("d", [y for y, _ in results]),
        "rest": pack("b", [r for _, r in results]),
    }


def main():
    out = {}
    for name, (function, ranges) in LINES.items():
        xs, results = [], []
        if name in ("sin", "cos", "tan"):
            candidates = special()
        else:
            candidates = []
        while len(candidates) < COUNT:
            candidates.append(draw(*ranges[len(candidates) % len(ranges)]))
        for x in candidates:
            if not math.isfinite(x) or x == 0:
                continue
            mp.prec = 1500 if name in ("expm1", "log1p", "tanh", "sinh", "sigmoid", "erf", "atan", "asin", "sin", "tan") and abs(x) < 1e-15 else 260
            try:
                found = measure(function(mpf(x)))
            except OverflowError:
                continue
            if found:
                xs.append(x)
                results.append(found)
        out[name] = entry([xs], results)
    xs, ys, results = [], [], []
    mp.prec = 260
    while len(xs) < 2 * COUNT:
        kind = len(xs) % 4
        x = draw("one", 1, 50) if kind == 0 else draw("pos", -2, 2) if kind == 1 else draw("pos", -1074, 1023)
        reach = 1100 / abs(math.log2(x)) if x != 1 else 1
        y = random.uniform(-reach, reach) if kind < 3 else random.uniform(-3, 3)
        if not math.isfinite(y):
            continue
        found = measure(mpf(x) ** mpf(y))
        if found:
            xs.append(x)
            ys.append(y)
            results.append(found)
    out["pow"] = entry([xs, ys], results)
    json.dump(out, sys.stdout, indent=0)


main()
