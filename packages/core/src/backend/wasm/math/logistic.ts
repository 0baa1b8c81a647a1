import type { Local } from "../assembler.ts";
import { expClamped, lowest, reduceExp } from "./exp.ts";
import type { Lanes } from "./lanes.ts";

/** tanh = (e − 1) / (e + 1) with e = exp 2|x|, from expm1 so that small arguments keep all their bits. */
export function tanh(l: Lanes, x: Local): Local {
  const size = l.atMost(l.abs(x), l.wide ? 20 : 9.5);
  const { shifted, r, tail } = reduceExp(l, l.add(size, size), l.bias);
  const scale = l.left(shifted, l.fraction);
  let t: Local;
  if (l.wide) {
    const [sum, error] = l.fastTwoSum(l.sub(scale, l.c(1)), l.mul(scale, r));
    t = l.add(sum, l.add(error, l.mul(scale, tail)));
  } else {
    t = l.add(l.mul(scale, l.add(r, tail)), l.sub(scale, l.c(1)));
  }
  return l.withSign(l.div(t, l.add(t, l.c(2))), x);
}

/** sigmoid = 1 / (1 + exp(−x)), and exp x / (1 + exp x) below 0, which stays right down to the smallest subnormal. */
export function sigmoid(l: Lanes, x: Local): Local {
  const e = expClamped(l, l.atLeast(l.or(x, l.signBit), lowest(l)));
  const one = l.c(1);
  return l.div(l.select(l.lt(x, l.c(0)), e, one), l.add(e, one));
}
