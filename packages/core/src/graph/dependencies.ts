import type { Tensor } from "../tensor/tensor.ts";
import type { Block } from "./slot.ts";

/**
 * The blocks of state that a graph reads, and the inputs of nodes that were computed from them. Held here, by the node,
 * the inputs go when the node goes; and when one of the blocks moves, all go at once, since nothing computed through them
 * would be right any more. So what is kept follows from what the program says alone, and no list of nodes is needed.
 */
export class Dependencies {
  private graphs: WeakMap<Tensor, readonly Tensor[]> | null = null;
  /** The evaluation in which one of the blocks moved last. */
  movedAt = -1;
  private readonly unions = new WeakMap<Dependencies, Dependencies>();

  private constructor(private readonly blocks: readonly Block[]) {
    for (const block of blocks) block.dependents.push(this);
  }

  static of(block: Block): Dependencies {
    return Dependencies.interned([block]);
  }

  private static interned(blocks: readonly Block[]): Dependencies {
    const found = blocks[0].dependents.find(
      (known) => known.blocks.length === blocks.length && known.blocks.every((block, index) => block === blocks[index]),
    );
    return found ?? new Dependencies(blocks);
  }

  union(other: Dependencies): Dependencies {
    let union = this.unions.get(other);
    if (union === undefined) {
      const blocks = [...new Set([...this.blocks, ...other.blocks])].sort((a, b) => a.number - b.number);
      union = Dependencies.interned(blocks);
      this.unions.set(other, union);
    }
    return union;
  }

  keep(node: Tensor, inputs: readonly Tensor[]): void {
    this.graphs ??= new WeakMap();
    this.graphs.set(node, inputs);
  }

  inputsOf(node: Tensor): readonly Tensor[] | undefined {
    return this.graphs?.get(node);
  }

  drop(node: Tensor): void {
    this.graphs?.delete(node);
  }

  /** One of the blocks has moved. */
  dropAll(evaluation: number): void {
    this.movedAt = evaluation;
    this.graphs = null;
  }
}
