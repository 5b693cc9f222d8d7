import type { Node } from "./nodes.ts";

/**
 * Delays in nanoseconds that schedules are made with, for Lattice's ECP5 of speed grade 6. Assumptions, recalled from its data sheet and from what routing tools report for it
 * (confidence low; routing differs from circuit to circuit): a look-up table with its route 1.0; a carry chain 1.2 and 0.04 a bit; a multiplier of 18 by 18 bits 5.0, each row of
 * adders that joins several 2.5; a block RAM's output 5.5 behind the clock.
 */
const LEVEL = 1;

/** The clock's period for which steps are made. */
export const PERIOD_NS = 12;

/** From the clock's edge to a register's output, with its route. */
export const CLOCK_TO_OUTPUT_NS = 0.8;

/** From the clock's edge to what a block RAM read. */
export const READ_NS = 5.5;

/** Choosing among the addresses or operands of several steps, and what has to stand before the clock's edge. */
export const SHARED_NS = 3;

/** The first stage of a floating-point unit: two numbers are compared, or a subnormal one is shifted to the left. */
export const UNIT_ENTRY_NS = 7;

/** Between two registers within a floating-point unit: the product of 24 by 24 bits. */
export const UNIT_STAGE_NS: number = CLOCK_TO_OUTPUT_NS + 5 + 2 * 2.5;

/** From a queue's count through whoever takes from it to its next count. */
export const QUEUE_NS: number = CLOCK_TO_OUTPUT_NS + 5 * LEVEL;

/** Bits of the largest and the smallest number of a node, as a signed number; of an `f32` its 32, of a truth value one. */
export function widthOf({ type, range }: Pick<Node, "type" | "range">): number {
  if (type === "bool") return 1;
  if (type === "f32") return 32;
  const size = Math.max(range.max, -range.min - 1);
  return size <= 0 ? 1 : Math.floor(Math.log2(size)) + 2;
}

/** From the operands of a node without registers to its result. */
export function delayNs(node: Node): number {
  if (node.kind === "element") return Math.ceil(Math.log2(node.memory.length) / 2 + 0.5) * LEVEL;
  if (node.kind !== "apply") return 0;
  const [a, b] = node.operands;
  const width = Math.max(...node.operands.map(widthOf));
  const float = a?.type === "f32";
  switch (node.operator) {
    case "add":
    case "sub":
    case "neg":
    case "next":
      return float ? LEVEL : 1.2 + 0.04 * widthOf(node);
    case "mul":
      return 5 + 2.5 * (pieces(a!) + pieces(b!) - 2);
    case "shl":
    case "shr":
    case "shrLogical":
      return b?.kind === "constant" ? 0 : 3 * LEVEL;
    case "lt":
    case "le":
    case "gt":
    case "ge":
      return 1.2 + 0.04 * width + (float ? LEVEL : 0);
    case "eq":
    case "ne":
      return Math.ceil(Math.log2(width) / 2 + 0.5) * LEVEL + (float ? LEVEL : 0);
    case "floor":
      return 3 * LEVEL + 2.5;
    case "toI32":
      return 5 * LEVEL;
    case "toF32":
      return 7 * LEVEL + 2.5;
    default:
      return LEVEL;
  }
}

/** How many parts of at most 18 bits a factor has. */
function pieces(factor: Node): number {
  return Math.ceil(widthOf(factor) / 18);
}
