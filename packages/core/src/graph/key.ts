import { type DType, dtypeCode } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Block, Slot } from "./slot.ts";

/** The structure of what is to be run, as integers: two runs share a plan exactly when these are equal. */
export class StructureKey {
  private ints = new Int32Array(1024);
  length = 0;

  private push(value: number): void {
    if (this.length === this.ints.length) {
      const grown = new Int32Array(this.ints.length * 2);
      grown.set(this.ints);
      this.ints = grown;
    }
    this.ints[this.length++] = value;
  }

  /** Numbers the nodes (in `local`) and writes their structure. */
  build(order: readonly Tensor[], roots: readonly Tensor[], effects: readonly { slot: Slot; value: Tensor }[]): void {
    this.length = 0;
    const blocks: Block[] = [];
    const pushSlot = (slot: Slot): void => {
      let block = blocks.indexOf(slot.block);
      if (block < 0) block = blocks.push(slot.block) - 1;
      this.push(block);
      this.push(slot.offset);
    };
    for (let local = 0; local < order.length; local++) {
      const node = order[local];
      node.local = local;
      // An evaluated node is a leaf like any other data.
      this.push(node.value !== null ? 0 : node.op.code);
      this.header(node.dtype, node.shape);
      if (node.value !== null) continue;
      if (node.source !== null) pushSlot(node.source.slot!);
      const { attributes, inputs } = node;
      this.push(attributes.length);
      for (let index = 0; index < attributes.length; index++) this.push(attributes[index]);
      for (let index = 0; index < inputs.length; index++) this.push(inputs[index].local);
    }
    this.push(-1);
    for (const root of roots) this.push(root.local);
    this.push(-1);
    for (const { slot, value } of effects) {
      this.push(value.local);
      pushSlot(slot);
    }
  }

  private header(dtype: DType, shape: readonly number[]): void {
    this.push((dtypeCode(dtype) << 8) | shape.length);
    for (let dim = 0; dim < shape.length; dim++) this.push(shape[dim]);
  }

  /** FNV-1a over the integers. */
  hash(): number {
    let hash = 0x811c9dc5;
    const { ints, length } = this;
    for (let index = 0; index < length; index++) hash = Math.imul(hash ^ ints[index], 0x01000193);
    return hash | 0;
  }

  copy(): Int32Array {
    return this.ints.slice(0, this.length);
  }

  equals(other: Int32Array): boolean {
    if (other.length !== this.length) return false;
    for (let index = 0; index < other.length; index++) if (other[index] !== this.ints[index]) return false;
    return true;
  }
}
