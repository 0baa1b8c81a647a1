import type { Local } from "../assembler.ts";
import type { VectorBuilder } from "../vector.ts";

export type MathEmitter = (v: VectorBuilder, ...operands: Local[]) => Local;
export const MATH: { [name: string]: { f32: MathEmitter; f64: MathEmitter; inline: boolean } } = {};
