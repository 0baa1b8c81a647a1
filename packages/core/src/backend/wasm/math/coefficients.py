"""Fits the polynomials of this folder and prints coefficients.ts, to be formatted then:
`python3 coefficients.py > coefficients.ts`.

Every fit is minimax in the relative error that matters to the function, by Remez exchange (Muller, "Elementary
Functions", chapter 3). The coefficients are rounded one after the other from the lowest degree up, and the rest is
fitted again after each, so that rounding costs next to nothing. Constants that are split into several parts follow
Cody and Waite: the leading parts have enough trailing zeros that their products with the multiple are exact.
"""

from mpmath import mp, mpf, matrix, lu_solve, exp, expm1, log, sin, cos, atan, asin, sinh, erf, erfc, sqrt, pi, floor, polyval, frexp, ldexp, nint, taylor
import sys

mp.prec = 500


def rounded(x, bits):
    """x to the given number of significant bits."""
    if x == 0:
        return mpf(0)
    mantissa, exponent = frexp(x)
    return ldexp(nint(ldexp(mantissa, bits)), exponent - bits)


def remez(function, weight, low, high, powers):
    """Coefficients c of sum(c[k] x^powers[k]) that make max |weight (p - function)| least, and that maximum."""
    count = len(powers)
    low, high = mpf(low), mpf(high)
    at = lambda t: low + (high - low) * (1 - cos(pi * t)) / 2
    points = [at((mpf(i) + mpf(1) / 2) / (count + 1)) for i in range(count + 1)]
    grid = [at(mpf(i) / (24 * count)) for i in range(24 * count + 1)]
    grid = [x for x in grid if abs(x) > (high - low) / 10**6]
    values = [(function(x), weight(x)) for x in grid]
    for _ in range(12):
        system, right = matrix(count + 1, count + 1), matrix(count + 1, 1)
        for i, x in enumerate(points):
            if x == 0:
                x = (high - low) / 10**6
            for k, power in enumerate(powers):
                system[i, k] = x**power
            system[i, count] = (-1) ** i / weight(x)
            right[i] = function(x)
        solution = lu_solve(system, right)
        coefficients = [solution[k] for k in range(count)]
        errors = [w * (sum(c * x**p for c, p in zip(coefficients, powers)) - f) for x, (f, w) in zip(grid, values)]
        extremes = []
        for x, error in zip(grid, errors):
            if extremes and (error > 0) == (extremes[-1][1] > 0):
                if abs(error) > abs(extremes[-1][1]):
                    extremes[-1] = (x, error)
            else:
                extremes.append((x, error))
        while len(extremes) > count + 1:
            extremes.pop(0 if abs(extremes[0][1]) < abs(extremes[-1][1]) else -1)
        worst = max(abs(e) for e in errors)
        if len(extremes) < count + 1:
            break
        least = min(abs(e) for _, e in extremes)
        points = [x for x, _ in extremes]
        if worst < least * mpf("1.01"):
            break
    return coefficients, worst


def fit(name, function, weight, low, high, degree, bits, first=0):
    """Coefficients from x^first to x^degree, rounded to `bits` (24 or 53)."""
    powers = list(range(first, degree + 1))
    done = []
    best = None
    while powers:
        # Divided by the lowest power that is left, what remains is a plain polynomial again.
        lowest = powers[0]
        rest = lambda x: (function(x) - sum(c * x**p for p, c in done)) / x**lowest
        heavy = lambda x: weight(x) * abs(x) ** lowest
        coefficients, worst = remez(rest, heavy, low, high, [p - lowest for p in powers])
        best = best or worst
        # Where 0 is inside, the rounding of one coefficient cannot be made good by higher ones: round all at once.
        count = len(powers) if low < 0 else 1
        for power, coefficient in zip(powers[:count], coefficients):
            done.append((power, rounded(coefficient, bits)))
        powers = powers[count:]
    points = [low + (high - low) * (mpf(i) + mpf("0.37")) / 1500 for i in range(1500)]
    worst = max(abs(weight(x) * (sum(c * x**p for p, c in done) - function(x))) for x in points)
    print(f"{name}: degree {degree}, error 2^{float(log(best, 2)):.1f}, rounded 2^{float(log(worst, 2)):.1f}", file=sys.stderr)
    return [c for _, c in done]


def ratio(function, first, order):
    """(function(x) - its Taylor terms below x^order) / x^order, without cancellation near 0."""
    terms = taylor(function, 0, order + 14)[order:]
    def of(x):
        if abs(x) < mpf("1e-4"):
            return sum(c * x**k for k, c in enumerate(terms))
        return (function(x) - sum(c * x**k for k, c in enumerate(first))) / x**order
    return of


def even(function):
    """g(z) = function(sqrt z), for functions that are even; z may be 0."""
    return lambda z: function(sqrt(z)) if z > 0 else function(mpf("1e-12"))


def number(x):
    return "Math.PI" if float(x) == float(pi) else repr(float(x))


def show(name, values, bits):
    if not isinstance(values, list):
        return f"    {name}: {number(values)},"
    text = ", ".join(number(c) for c in values)
    return f"    {name}: [{text}],"


def parts(value, sizes):
    """value as a sum of numbers of so many bits each (truncated, so that all have its sign)."""
    result = []
    for size in sizes:
        mantissa, exponent = frexp(value)
        part = ldexp(floor(ldexp(mantissa, size)), exponent - size)
        result.append(part)
        value -= part
    return result


LN2 = log(2)
R = LN2 / 2 * mpf("1.0005")
expTail = ratio(exp, [1, 1], 2)
logTail = ratio(lambda s: log((1 + s) / (1 - s)), [0, 2], 3)
sinTail = ratio(sin, [0, 1], 3)
cosTail = ratio(cos, [1, 0, -mpf(1) / 2], 4)
atanTail = ratio(atan, [0, 1], 3)
asinTail = ratio(asin, [0, 1], 3)
sinhTail = ratio(sinh, [0, 1], 3)
Q = pi / 4 * mpf("1.0005")
S = (sqrt(2) - 1) / (sqrt(2) + 1) * mpf("1.001")
T = sqrt(2) - 1

print("""/** Written by coefficients.py, which holds how each was found. Polynomials run from the lowest degree up. */
export interface Coefficients {
  /** ln 2, the first part short enough for exact products with any exponent. */
  readonly ln2: readonly number[];
  /** (exp r − 1 − r) / r² for |r| ≤ ln 2 / 2. */
  readonly exp: readonly number[];
  /** (ln((1 + s) / (1 − s)) − 2 s) / s³ in s², for (1 + s) / (1 − s) from √½ to √2. */
  readonly log: readonly number[];
  /** (sin r − r) / r³ in r², for |r| ≤ π / 4. */
  readonly sin: readonly number[];
  /** (cos r − 1 + r² / 2) / r⁴ in r², for |r| ≤ π / 4. */
  readonly cos: readonly number[];
  /** (atan t − t) / t³ in t², for |t| ≤ √2 − 1. */
  readonly atan: readonly number[];
  /** (asin t − t) / t³ in t², for |t| ≤ ½. */
  readonly asin: readonly number[];
  /** (sinh x − x) / x³ in x², for |x| ≤ 1. */
  readonly sinh: readonly number[];
  /** π, π / 2 and π / 4, each in two parts. */
  readonly pi: readonly number[];
  readonly halfPi: readonly number[];
  readonly quarterPi: readonly number[];
}
""")
for dtype, bits in (("F32", 24), ("F64", 53)):
    wide = bits == 53
    print(f"export const {dtype}: Coefficients = {{")
    rows = {
        "ln2": parts(LN2, [42 if wide else 16])
        + [rounded(LN2 - parts(LN2, [42 if wide else 16])[0], bits)],
        "exp": fit("exp", expTail, lambda x: x * x / abs(expm1(x)), -R, R, 10 if wide else 4, bits),
        "log": fit("log", even(logTail), lambda z: z / 2, 0, S * S, 6 if wide else 2, bits),
        "sin": fit("sin", even(sinTail), lambda z: z * sqrt(z) / sin(sqrt(z)), 0, Q * Q, 5 if wide else 2, bits),
        "cos": fit("cos", even(cosTail), lambda z: z * z / cos(sqrt(z)), 0, Q * Q, 5 if wide else 2, bits),
        "atan": fit("atan", even(atanTail), lambda z: z * sqrt(z) / atan(sqrt(z)), 0, T * T, 10 if wide else 4, bits),
        "asin": fit("asin", even(asinTail), lambda z: z * sqrt(z) / asin(sqrt(z)), 0, mpf(1) / 4, 12 if wide else 4, bits),
        "sinh": fit("sinh", even(sinhTail), lambda z: z * sqrt(z) / sinh(sqrt(z)), 0, 1, 6 if wide else 3, bits),
    }
    for name, value in (("pi", pi), ("halfPi", pi / 2), ("quarterPi", pi / 4)):
        rows[name] = [rounded(value, bits), rounded(value - rounded(value, bits), bits)]
    for name, value in rows.items():
        print(show(name, value, bits)[2:])
    print("};")

# erf: x P(x²) below 1, 1 − exp(−x²) Q(t) with t = (x − 3) / (x + 3) above, both for float64;
# −expm1(−x q(x)) with q(x) = −ln(erfc x) / x for float32.
reach = 6
erfSmall = even(lambda x: erf(x) / x)
print("/** erf x / x − 1 in x², for |x| ≤ 1. */")
tail = fit("erf", lambda z: erfSmall(z) - 1, lambda z: 1 / erfSmall(z), 0, 1, 11, 53)
print(show("export const ERF_SMALL =", tail, 53).strip().replace("=:", "=").rstrip(",") + ";")
back = lambda t: 3 * (1 + t) / (1 - t)
scaled = lambda t: exp(back(t) ** 2) * erfc(back(t))
print("/** exp(x²) erfc x in (x − 3) / (x + 3), for x from 1 to 6. */")
print(show("export const ERFC =", fit("erfc", scaled, lambda t: exp(-back(t) ** 2), -mpf(1) / 2, mpf(1) / 3, 13, 53), 53).strip().replace("=:", "=").rstrip(",") + ";")
print("/** −ln(erfc x) / x − 1 for x from 0 to 4. */")
q = lambda x: -log(erfc(x)) / x - 1 if x > mpf("1e-12") else 2 / sqrt(pi) - 1
weigh = lambda x: x * erfc(x) / erf(x) if x > mpf("1e-12") else sqrt(pi) / 2
print(show("export const ERF_LOG =", fit("erf f32", q, weigh, 0, 4, 9, 24), 24).strip().replace("=:", "=").rstrip(",") + ";")

print("/** π / 2 in parts of 33, 33, 33 and 53 bits. */")
sizes = [33, 33, 33, 53]
print(show("export const HALF_PI_PARTS =", parts(pi / 2, sizes), 53).strip().replace("=:", "=").rstrip(",") + ";")


def pieces(bits, count):
    """The first `count` pieces of `bits` bits of 2 / π, as integers."""
    return [int(floor(ldexp(2 / pi, bits * (k + 1)))) % 2**bits for k in range(count)]


mp.prec = 1400
print("/** 2 / π in pieces of 29 bits, each with its place. */")
placed = [ldexp(mpf(piece), -29 * (k + 1)) for k, piece in enumerate(pieces(29, 7))]
print(show("export const TWO_OVER_PI_29 =", placed, 53).strip().replace("=:", "=").rstrip(",") + ";")
print("/** 2 / π in pieces of 26 bits, as integers. */")
print("export const TWO_OVER_PI_26 = [" + ", ".join(str(p) for p in pieces(26, 46)) + "];")
print("/** The logarithm's series as above, for results of about 40 bits. */")
mp.prec = 500
print(show("export const LOG_MIDDLE =", fit("log middle", even(logTail), lambda z: z / 2, 0, S * S, 4, 53), 53).strip().replace("=:", "=").rstrip(",") + ";")
print("/** 1 / 5 + s² / 7 + s⁴ / 9 + … of the same series, for pow. */")
powTail = ratio(lambda s: log((1 + s) / (1 - s)) / 2, [0, 1, 0, mpf(1) / 3], 5)
print(show("export const POW_SERIES =", fit("pow", even(powTail), lambda z: z * z, 0, S * S, 6, 53), 53).strip().replace("=:", "=").rstrip(",") + ";")
