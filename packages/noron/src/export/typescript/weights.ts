/** Characters a line. */
const LINE = 120;

/**
 * Numbers as float32, little-endian, in base64, over several lines. Zeros at the end fill up whole groups of three
 * numbers, so that the text needs no "=".
 */
export function encodeWeights(tensors: readonly ArrayLike<number>[]): string {
  const count = tensors.reduce((sum, { length }) => sum + length, 0);
  const bytes = new DataView(new ArrayBuffer(12 * Math.ceil(count / 3)));
  let offset = 0;
  for (const values of tensors) {
    for (let index = 0; index < values.length; index++, offset += 4) bytes.setFloat32(offset, values[index], true);
  }
  const lines: string[] = [];
  const step = (LINE / 4) * 3;
  for (let start = 0; start < bytes.byteLength; start += step) {
    const part = new Uint8Array(bytes.buffer, start, Math.min(step, bytes.byteLength - start));
    lines.push(btoa(String.fromCharCode(...part)));
  }
  return lines.join("\n");
}

/** The same, read back in the module. It asks nothing of its host: TypeScript without "dom" and "node" knows no atob. */
export const DECODE = `
function decode(text: string): Float32Array {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const digits = text.replace(/\\s/g, "");
  const bytes = new DataView(new ArrayBuffer((digits.length / 4) * 3));
  const code = new Uint8Array(128);
  for (let index = 0; index < 64; index++) code[alphabet.charCodeAt(index)] = index;
  for (let index = 0, at = 0; index < digits.length; index += 4, at += 3) {
    let word = 0;
    for (let digit = 0; digit < 4; digit++) word = word * 64 + code[digits.charCodeAt(index + digit)]!;
    bytes.setUint8(at, word >> 16);
    bytes.setUint16(at + 1, word & 0xffff);
  }
  const values = new Float32Array(bytes.byteLength / 4);
  for (let index = 0; index < values.length; index++) values[index] = bytes.getFloat32(4 * index, true);
  return values;
}`;
