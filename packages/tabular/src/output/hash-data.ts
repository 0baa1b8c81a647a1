/**
 * A hash of a file's bytes that says whether two runs saw the same data: "sha256:" and 64 hexadecimal digits, the
 * same as `sha256sum` prints. A page that was not loaded over https has no SHA-256; there it is "fnv1a64:" and 16.
 */
export async function hashData(...files: Uint8Array[]): Promise<string> {
  const bytes = files.length === 1 ? files[0] : join(files);
  const subtle = globalThis.crypto?.subtle;
  if (subtle === undefined) return `fnv1a64:${fnv1a64(bytes)}`;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** FNV-1a, 64 bits, as 16 hexadecimal digits. Tells files apart; it is no protection against a forger. */
export function fnv1a64(bytes: Uint8Array): string {
  // The state in two halves of 32 bits; the prime is 2^40 + 0x1b3.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

function join(files: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(files.reduce((sum, file) => sum + file.length, 0));
  let offset = 0;
  for (const file of files) {
    all.set(file, offset);
    offset += file.length;
  }
  return all;
}
