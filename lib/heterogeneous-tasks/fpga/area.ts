import type { Circuit, Queue } from "./circuit.ts";
import type { Block } from "./lower.ts";
import type { Memory, Node, Register } from "./nodes.ts";
import { fromRam, isRam, type Plan, steady, type Unit, unitOf } from "./plan.ts";
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
  ...{ lt: 121, gt: 121, le: 145, ge: 145, eq: 58, ne: 58, floor: 231, toI32: 300 },
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
    const width = Math.min(storedBits({ type: edges[at]!.type, range }), readBits(plans[edges[at]!.to]));
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

/** The width without a sign that is always 0, which synthesis takes out of registers. */
function storedBits(one: Pick<Node, "type" | "range">): number {
  return widthOf(one) - (one.type === "i32" && one.range.min >= 0 ? 1 : 0);
}

/** The lowest bits of its input's elements that a task depends on; all where it is no task. */
function readBits(plans: readonly Plan[] | undefined): number {
  if (plans === undefined) return 32;
  let most = 0;
  for (const { block, nodes } of plans)
    for (const [node, bits] of neededBits(block, nodes))
      if (node.kind === "element" && node.memory.kind === "window") most = Math.max(most, bits);
  return most;
}

/** The lowest bits of each node that anything depends on: a mask hides the others, and sums and products do not carry them down. */
function neededBits({ writes, stores, condition }: Block, nodes: readonly Node[]): ReadonlyMap<Node, number> {
  const needed = new Map<Node, number>();
  const need = (node: Node | undefined, bits: number): void => {
    if (node !== undefined) needed.set(node, Math.max(bits, needed.get(node) ?? 0));
  };
  for (const { value } of writes) need(value, 32);
  for (const { index, value, when } of stores) for (const node of [index, value, when]) need(node, 32);
  need(condition, 32);
  for (const node of [...nodes].reverse()) {
    if (node.kind === "element") need(node.index, 32);
    if (node.kind !== "apply") continue;
    const bits = needed.get(node)!;
    const [a, b, c] = node.operands;
    switch (node.type === "i32" ? node.operator : undefined) {
      case "and":
        // A mask that is not negative has no bits above its largest value's.
        for (const [operand, other] of [
          [a, b],
          [b, a],
        ])
          need(operand, Math.min(bits, other!.range.min >= 0 ? widthOf(other!) - 1 : 32));
        break;
      case "add":
      case "sub":
      case "mul":
      case "neg":
      case "not":
      case "or":
      case "xor":
        for (const operand of node.operands) need(operand, bits);
        break;
      case "choose":
        need(a, 1);
        need(b, bits);
        need(c, bits);
        break;
      default:
        for (const operand of node.operands) need(operand, 32);
    }
  }
  return needed;
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
  const [inWidth, outWidth] = [
    storedBits({ type: input, range: from.range }),
    storedBits({ type: output, range: to.range }),
  ];
  const states = plans.reduce((all, { steps }) => all + steps, 1);
  const counters = addressBits(takes + 1) + addressBits(gives + 1);
  sum.flipFlops += states + counters;
  sum.lookUpTables += 2 * plans.length + 3 * counters + 6;

  const window = history + takes;
  const outputIsRam = isRam(gives, widthOf({ type: output, range: to.range }));
  if (!isRam(window, widthOf({ type: input, range: from.range })))
    sum.flipFlops += Math.min(inWidth, readBits(plans)) * window;
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
    const needed = neededBits(block, nodes);
    for (const [node, copies] of kept) sum.flipFlops += copies * Math.min(storedBits(node), needed.get(node)!);
    for (const { register } of block.writes) writes.set(register, 1 + (writes.get(register) ?? 0));
    storing += addStores(sum, block, stores, outputIsRam);
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
    sum.flipFlops += storedBits(register);
    if (uses > 1) sum.lookUpTables += widthOf(register) * chosen(uses);
  }
  if (!outputIsRam) {
    sum.flipFlops += outWidth * gives;
    // The element above moves down as another value; above the last are zeros.
    for (const [at, count] of stores.entries())
      sum.lookUpTables += outWidth * (at === gives - 1 ? chosen(count) : count === 0 ? 0.5 : chosen(count + 1));
  } else {
    const places = addressBits(gives);
    sum.flipFlops += places;
    sum.lookUpTables += 3 * places + (outWidth + places) * chosen(storing + 1);
    sum.blockRams += blocks(outWidth, 2 ** places);
  }
}

/** Counts the stores of each element; gives how many there are in all. */
function addStores(sum: Sum, { stores }: Block, counts: Float64Array, outputIsRam: boolean): number {
  for (const { index, when } of stores) {
    if (when !== undefined) sum.lookUpTables += 1;
    if (outputIsRam) continue;
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
  sum.lookUpTables += (count - 1) * (width - 17);
}
