import type { ScalarName } from "../kernel/scalar.ts";
import { sizeOf } from "../tensor/shape.ts";
import { type Fusion, type Group, MAXIMUM_UNITS } from "./fuse.ts";
import { inMemory, type Operand, Unit } from "./unit.ts";
import { isContiguous } from "./view.ts";

/** Functions of an instruction or two. */
export const CHEAP: ReadonlySet<ScalarName> = new Set<ScalarName>([
  ...(["neg", "abs", "not", "cast", "add", "sub", "mul", "min", "max", "where"] as const),
  ...(["eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor"] as const),
]);
/** What is worth a word: below, storing costs nothing either. */
const LARGE = 256;
/** No more units than this are computed again for one value. */
const LONGEST = 8;
/** A value that is smaller than what it is used for by this factor may be stored to avoid a large one. */
const MUCH_SMALLER = 8;

/**
 * Values that are stored by one kernel only to be read by others, although those could compute them in a few instructions
 * from what they read instead: a mask x > 0, a difference from a mean, a negated gradient. Their users get copies of the
 * computation, where no kernel reads more for it than before, so that the values are neither written nor read.
 */
export class Recomputation {
  private readonly copies = new Map<Group, Map<string, Unit>>();

  constructor(
    private readonly fusion: Fusion,
    private readonly units: Unit[],
    /** Units whose outputs are wanted as such. */
    private readonly wanted: ReadonlySet<Unit>,
  ) {}

  run(): void {
    // What one kernel comes to read can make another's copies cheap.
    let changed = true;
    while (changed) {
      changed = false;
      for (const unit of [...this.units].reverse())
        if (this.isCandidate(unit) && this.movesToUsers(unit)) changed = true;
      this.prune();
    }
  }

  private groupOf(unit: Unit): Group {
    return this.fusion.groupOf.get(unit)!;
  }

  private isCandidate(unit: Unit): boolean {
    return (
      isCheap(unit) && !this.wanted.has(unit) && sizeOf(unit.node.shape) >= LARGE && this.usersOutside(unit) !== null
    );
  }

  /** The users in other kernels, where all of them could compute the unit themselves; null where none or not all could. */
  private usersOutside(unit: Unit): Unit[] | null {
    const group = this.groupOf(unit);
    const outside = unit.users.filter((user) => this.groupOf(user) !== group);
    const able = outside.every((user) =>
      user.operands.every((operand) => {
        if (operand.unit !== unit) return true;
        if (user.kind !== "map" && user.kind !== "reduce" && user.kind !== "copy") return false;
        return isContiguous(operand.view) && sameExtents(operand.view.shape, unit.node.shape);
      }),
    );
    return able && outside.length > 0 ? outside : null;
  }

  /** Lets the users outside compute the unit themselves, unless that would cost more. */
  private movesToUsers(unit: Unit): boolean {
    const again = this.closure(unit);
    const outside = this.usersOutside(unit);
    if (again === null || outside === null) return false;
    for (const group of new Set(outside.map((user) => this.groupOf(user)))) {
      if (group.units.length + again.length > MAXIMUM_UNITS) return false;
      if (this.readsMore(group, unit, again)) return false;
    }
    for (const user of outside) user.redirect(unit, this.copy(unit, user));
    return true;
  }

  /** The units that computing it again takes, it last; null where that is no good. */
  private closure(unit: Unit): Unit[] | null {
    const found: Unit[] = [];
    const visit = (current: Unit): boolean => {
      if (found.includes(current)) return true;
      for (const operand of current.operands) {
        const { unit: from } = operand;
        if (from === null || this.isStored(from, unit)) continue;
        if (!isCheap(from) || !isContiguous(operand.view) || !sameExtents(operand.view.shape, from.node.shape))
          return false;
        if (!sameExtents(from.node.shape, current.node.shape) || !visit(from)) return false;
      }
      return found.push(current) <= LONGEST;
    };
    return visit(unit) ? found : null;
  }

  /** Whether a unit that `reader`'s kernel computes or reads is, or may as well be, in memory. */
  private isStored(unit: Unit, reader: Unit): boolean {
    const group = this.groupOf(unit);
    if (group !== this.groupOf(reader) || this.wanted.has(unit)) return true;
    if (unit.users.some((user) => this.groupOf(user) !== group)) return true;
    return unit.kind !== "matmul" && sizeOf(unit.node.shape) * MUCH_SMALLER <= sizeOf(reader.node.shape);
  }

  /**
   * Whether a kernel would read more large values than before if it computed the unit instead of reading it, and no
   * kernel over the same space reads them all, with which it can run together.
   */
  private readsMore(group: Group, unit: Unit, again: readonly Unit[]): boolean {
    const limit = sizeOf(unit.node.shape) / MUCH_SMALLER;
    const read = readsOf(group);
    const more = new Set<unknown>();
    for (const copied of again)
      for (const operand of copied.operands) {
        if (operand.unit !== null && again.includes(operand.unit)) continue;
        const source = operand.unit ?? operand.leaf!;
        if (read.has(source) || (operand.unit !== null && this.groupOf(operand.unit) === group)) continue;
        if (isLarge(operand, limit)) more.add(source);
      }
    if (more.size <= 1) return false;
    return !this.fusion.groups.some((other) => {
      if (other === group || !sameSpace(other, group)) return false;
      const reads = readsOf(other);
      return [...more].every((source) => reads.has(source));
    });
  }

  /** A copy of the unit in the kernel of one that reads it, over the same dims. */
  private copy(unit: Unit, user: Unit): Unit {
    const group = this.groupOf(user);
    let known = this.copies.get(group);
    if (known === undefined) {
      known = new Map();
      this.copies.set(group, known);
    }
    const key = `${unit.index}: ${user.dims}`;
    const made = known.get(key);
    if (made !== undefined) return made;
    const operands = unit.operands.map((operand): Operand => {
      if (operand.unit === null || this.isStored(operand.unit, unit)) return operand;
      return { ...operand, unit: this.copy(operand.unit, user) };
    });
    const copied = new Unit(unit.index, unit.node, unit.kind, operands, unit.domain);
    copied.dims = [...user.dims];
    known.set(key, copied);
    this.units.push(copied);
    this.fusion.groupOf.set(copied, group);
    group.units = [...group.units, copied].sort((a, b) => a.index - b.index);
    return copied;
  }

  /** Takes out what nobody uses any more. */
  private prune(): void {
    const dead = new Set<Unit>();
    const visit = (unit: Unit): void => {
      if (unit.users.length > 0 || this.wanted.has(unit) || dead.has(unit)) return;
      dead.add(unit);
      for (const { unit: from } of unit.operands)
        if (from !== null) {
          from.users.splice(from.users.indexOf(unit), 1);
          visit(from);
        }
    };
    for (const unit of [...this.units]) if (isCheap(unit)) visit(unit);
    if (dead.size === 0) return;
    for (const unit of dead) {
      const group = this.groupOf(unit);
      group.units = group.units.filter((other) => other !== unit);
      this.fusion.groupOf.delete(unit);
    }
    const alive = this.units.filter((unit) => !dead.has(unit));
    this.units.splice(0, this.units.length, ...alive);
  }
}

/** Everything that a kernel's units take as operands. */
function readsOf(group: Group): Set<unknown> {
  return new Set(group.units.flatMap((unit) => unit.operands.map((operand) => operand.unit ?? operand.leaf)));
}

function sameSpace(a: Group, b: Group): boolean {
  return (
    a.kind === "loop" &&
    b.kind === "loop" &&
    sameExtents(a.extents, b.extents) &&
    a.reduced.every((reduced, dim) => reduced === b.reduced[dim])
  );
}

function isCheap(unit: Unit): boolean {
  return unit.kind === "map" && CHEAP.has(unit.node.op.scalar!.name);
}

function isLarge(operand: Operand, limit: number): boolean {
  if (operand.leaf !== null && !inMemory(operand.leaf)) return false;
  return sizeOf((operand.unit?.node ?? operand.leaf!).shape) > limit;
}

function sameExtents(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, dim) => extent === b[dim]);
}
