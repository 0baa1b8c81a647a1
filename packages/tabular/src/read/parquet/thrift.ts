/** Types of Thrift's compact protocol (apache/thrift, doc/specs/thrift-compact-protocol.md). */
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
/** Parquet's own structures are half as deep. */
const DEEPEST = 20;

/**
 * Walks over one structure without making anything of it: a list may claim two thousand million members, and a reader
 * makes room for them before it finds that they are not there.
 * @returns where the structure ends
 * @throws Error, RangeError where it is damaged
 */
export function checkThrift(view: DataView, start: number): number {
  let at = start;
  const byte = () => view.getUint8(at++);
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new Error("a number is longer than any");
  };
  const skip = (type: number, depth: number): void => {
    if (type === 1 || type === 2) return;
    if (type === 3) at++;
    else if (type >= 4 && type <= 6) varint();
    else if (type === 7) at += 8;
    else if (type === BINARY) {
      const length = varint();
      at += length;
    } else if (type === LIST) skipList(depth);
    else if (type === STRUCT) skipStruct(depth + 1);
    else throw new Error(`there is no type ${type}`);
    if (at > view.byteLength) throw new Error("it ends too early");
  };
  const skipList = (depth: number) => {
    const head = byte();
    const size = head >> 4 === 15 ? varint() : head >> 4;
    if (size > view.byteLength - at) throw new Error(`a list claims ${size} members`);
    const type = head & 15;
    for (let index = 0; index < size; index++) skip(type <= 2 ? 3 : type, depth);
  };
  const skipStruct = (depth: number) => {
    if (depth > DEEPEST) throw new Error("it is nested too deeply");
    for (let head = byte(); (head & 15) !== 0; head = byte()) {
      if (head >> 4 === 0) varint();
      skip(head & 15, depth);
    }
  };
  skipStruct(0);
  return at;
}
