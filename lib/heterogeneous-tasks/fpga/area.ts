import type { Circuit, Queue } from "./circuit.ts";
import type { Block } from "./lower.ts";
import type { Memory, Node, Register } from "./nodes.ts";
import { fromRam, type Plan, REGISTERS, steady, type Unit, unitOf } from "./plan.ts";
import type { Task } from "../task.ts";
import { widthOf } from "./timing.ts";
import { addressBits } from "./verilog-words.ts";
import { QUEUE_REGISTERS } from "./verilog.ts";

/**
 * What a circuit needs, or what a part has.
 *
 * @example
 * ```ts
 * import { type FpgaArea, lfe5u85 } from "veelab/heterogeneous-tasks";
 * const area: FpgaArea = lfe5u85;
 * console.log(area.multipliers); // 156
 * ```
 */
export interface FpgaArea {
  /** Look-up tables of four inputs. A bit of a carry chain is one. */
  readonly lookUpTables: number;
  /** Flip-flops. */
  readonly flipFlops: number;
  /** Multipliers of 18 by 18 bits. */
  readonly multipliers: number;
  /** Blocks of RAM of 18 kbit. */
  readonly blockRams: number;
}

/** Of the units, each synthesised alone by Yosys 0.55 (`synth_ecp5`): measured. Multipliers of `f32_mul`: 24 by 24 bits. */
const UNIT_AREAS: Readonly<Record<Unit["module"], FpgaArea>> = {
  add: { lookUpTables: 900, flipFlops: 178, multipliers: 0, blockRams: 0 },
  mul: { lookUpTables: 1062, flipFlops: 196, multipliers: 4, blockRams: 0 },
  div: { lookUpTables: 1128, flipFlops: 163, multipliers: 0, blockRams: 0 },
  sqrt: { lookUpTables: 498, flipFlops: 129, multipliers: 0, blockRams: 0 },
};

/** Look-up tables of the comparisons and conversions of `f32`, measured in the same way. */
const FLOAT_TABLES: Readonly<Record<string, number>> = {
  ...{ lt: 121, gt: 121, le: 145, ge: 145, eq: 58, ne: 58, floor: 231, toI32: 290 },
};

interface Sum {
  lookUpTables: number;
  flipFlops: number;
  multipliers: number;
  blockRams: number;
}

/** What a circuit will need, estimated bit by bit from what its Verilog says, without what synthesis simplifies. Linear in nodes. */
export function areaOf({ flat, plans, queues }: Circuit): FpgaArea {
  const sum: Sum = { lookUpTables: 0, flipFlops: 0, multipliers: 0, blockRams: 0 };
  const { nodes, edges } = flat;
  for (const [at, { depth, range }] of queues.entries()) {
    const width = widthOf({ type: edges[at]!.type, range });
    const places = addressBits(depth);
    sum.flipFlops += 3 * places + 1;
    sum.lookUpTables += 4 * places + 6;
    if (depth <= QUEUE_REGISTERS) {
      sum.flipFlops += width * depth;
      sum.lookUpTables += width * (depth - 1);
    } else sum.lookUpTables += distributed(width, depth);
  }
  for (const [at, { kind, task, duplicate, inputs, outputs }] of nodes.entries()) {
    if (task !== undefined) addTask(sum, task, plans[at]!, queues[inputs[0]!]!, queues[outputs[0]!]!);
    const ways = kind === "split" && !duplicate ? outputs : kind === "join" ? inputs : [];
    if (ways.length > 0) {
      const turns = Math.max(...ways.map((edge) => (kind === "split" ? edges[edge]!.gives : edges[edge]!.takes)));
      sum.flipFlops += ways.length + addressBits(turns);
      sum.lookUpTables += 3 * ways.length + 2 * addressBits(turns);
    }
    if (kind === "join") sum.lookUpTables += 32 * chosen(inputs.length);
  }
  const { multipliers, blockRams } = sum;
  return { lookUpTables: Math.round(sum.lookUpTables), flipFlops: sum.flipFlops, multipliers, blockRams };
}

/** Look-up tables a bit that choose among values by states: each is a pair of inputs, and a table with four inputs stands for three of a tree's. */
function chosen(values: number): number {
  return Math.max(0, (2 * values - 1) / 3);
}

/** RAM of 16 words by 4 bits takes 4 tables; more words are chosen from. */
function distributed(width: number, depth: number): number {
  const rows = Math.ceil(depth / 16);
  return rows * Math.ceil(width / 4) * 4 + width * chosen(rows) * (rows > 1 ? 1 : 0);
}

/** The blocks that hold so many words: 512 words of 36 bits each. */
function blocks(width: number, words: number): number {
  return Math.ceil(width / 36) * Math.ceil(words / 512);
}

function addTask(sum: Sum, task: Task, plans: readonly Plan[], from: Queue, to: Queue): void {
  const { input, output, takes, gives, history } = task;
  const [inWidth, outWidth] = [widthOf({ type: input, range: from.range }), widthOf({ type: output, range: to.range })];
  const states = plans.reduce((all, { steps }) => all + steps, 1);
  const counters = addressBits(takes + 1) + addressBits(gives + 1);
  sum.flipFlops += states + counters;
  sum.lookUpTables += 2 * plans.length + 3 * counters + 6;

  const window = history + takes;
  if (window <= REGISTERS) sum.flipFlops += inWidth * window;
  else {
    sum.flipFlops += addressBits(window);
    sum.lookUpTables += 2 * addressBits(window);
    sum.blockRams += blocks(inWidth, 2 ** addressBits(window));
  }
  // How many values a shared input is chosen from, by what it is the input of; and the stores of each element.
  const units = new Map<Unit["module"], number>();
  const reads = new Map<Memory, number>();
  const writes = new Map<Register, number>();
  const stores = new Float64Array(gives);
  let storing = 0;
  for (const { block, nodes, kept } of plans) {
    for (const node of nodes) {
      const unit = unitOf(node);
      if (unit !== undefined) units.set(unit.module, 1 + (units.get(unit.module) ?? 0));
      else if (node.kind === "element" && fromRam(node)) reads.set(node.memory, 1 + (reads.get(node.memory) ?? 0));
      else addNode(sum, node);
    }
    for (const node of kept) sum.flipFlops += widthOf(node);
    for (const { register } of block.writes) writes.set(register, 1 + (writes.get(register) ?? 0));
    storing += addStores(sum, block, stores);
  }
  for (const [unit, uses] of units) {
    const area = UNIT_AREAS[unit];
    sum.lookUpTables += area.lookUpTables + 32 * chosen(uses) * (unit === "sqrt" ? 1 : 2);
    sum.flipFlops += area.flipFlops;
    sum.multipliers += area.multipliers;
  }
  for (const [memory, uses] of reads) {
    sum.lookUpTables += addressBits(memory.length) * chosen(uses);
    if (memory.kind === "table") sum.blockRams += blocks(widthOf(memory), memory.length);
  }
  for (const [register, uses] of writes) {
    sum.flipFlops += widthOf(register);
    if (uses > 1) sum.lookUpTables += widthOf(register) * chosen(uses);
  }
  if (gives <= REGISTERS) {
    sum.flipFlops += outWidth * gives;
    // The element above moves down as another value.
    for (const count of stores) sum.lookUpTables += outWidth * (count === 0 ? 0.5 : chosen(count + 1));
  } else {
    const places = addressBits(gives);
    sum.flipFlops += places;
    sum.lookUpTables += 3 * places + (outWidth + places) * chosen(storing + 1);
    sum.blockRams += blocks(outWidth, 2 ** places);
  }
}

/** Counts the stores of each element; gives how many there are in all. */
function addStores(sum: Sum, { stores }: Block, counts: Float64Array): number {
  for (const { index, when } of stores) {
    if (when !== undefined) sum.lookUpTables += 1;
    if (counts.length > REGISTERS) continue;
    for (let at = Math.max(0, index.range.min); at <= Math.min(index.range.max, counts.length - 1); at++) {
      counts[at]! += 1;
      if (index.kind !== "constant") sum.lookUpTables += 1;
    }
  }
  return stores.length;
}

/** A node without registers. Where an operand is a constant, half of the tables vanish in what follows. */
function addNode(sum: Sum, node: Node): void {
  if (steady(node)) return;
  const width = widthOf(node);
  if (node.kind === "element") sum.lookUpTables += width * ((node.memory.length - 1) / 2);
  if (node.kind !== "apply") return;
  const [a, b] = node.operands;
  const fixed = b?.kind === "constant" || a?.kind === "constant";
  const wide = Math.max(...node.operands.map(widthOf));
  const float = a?.type === "f32" ? FLOAT_TABLES[node.operator] : undefined;
  if (float !== undefined) sum.lookUpTables += float;
  else
    switch (node.operator) {
      case "add":
      case "sub":
      case "next":
        sum.lookUpTables += width;
        break;
      case "neg":
        if (node.type === "i32") sum.lookUpTables += width;
        break;
      case "mul":
        addProduct(sum, a!, b!, width);
        break;
      case "shl":
      case "shr":
      case "shrLogical":
        if (b?.kind !== "constant") sum.lookUpTables += 3 * width;
        break;
      case "and":
      case "or":
      case "xor":
        sum.lookUpTables += fixed ? 0 : width / 2;
        break;
      case "lt":
      case "le":
      case "gt":
      case "ge":
        sum.lookUpTables += wide;
        break;
      case "eq":
      case "ne":
        sum.lookUpTables += (fixed ? 1 : 2) * (wide / 3);
        break;
      case "choose":
        sum.lookUpTables += width * (fixed ? 0.5 : 1);
        break;
      case "toF32":
        sum.lookUpTables += 589;
        break;
      case "both":
      case "either":
        sum.lookUpTables += 0.5;
        break;
      default:
    }
}

/** A product of parts of 18 bits, of which only those that reach into the result are made; a power of two is a shift. */
function addProduct(sum: Sum, a: Node, b: Node, width: number): void {
  for (const factor of [a, b])
    if (factor.kind === "constant" && Number.isInteger(Math.log2(Math.abs(factor.value)))) return;
  const parts = (factor: Node): number => (widthOf(factor) <= 18 ? 1 : Math.ceil((widthOf(factor) - 1) / 17));
  let count = 0;
  for (let i = 0; i < parts(a); i++) for (let j = 0; j < parts(b); j++) if (17 * (i + j) < width) count++;
  sum.multipliers += count;
  sum.lookUpTables += (count - 1) * width;
}
