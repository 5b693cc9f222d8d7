import { type Block, DONE, nodesOf, type Store } from "./lower.ts";
import type { Memory, Node, Register } from "./nodes.ts";
import { CLOCK_TO_OUTPUT_NS, delayNs, PERIOD_NS, READ_NS, SHARED_NS, UNIT_ENTRY_NS, UNIT_STAGE_NS } from "./timing.ts";

/** Arrays of so few elements are registers, of which many are read in one step; longer ones are block RAM with one port each. */
export const REGISTERS = 16;

/** A floating-point unit of a task: cycles from operands to the result, and from operands to the next ones. */
export interface Unit {
  readonly module: "add" | "mul" | "div" | "sqrt";
  readonly latency: number;
  readonly interval: number;
}

const ADD: Unit = { module: "add", latency: 4, interval: 1 };
const UNITS: Readonly<Record<string, Unit>> = {
  add: ADD,
  sub: ADD,
  mul: { module: "mul", latency: 4, interval: 1 },
  div: { module: "div", latency: 30, interval: 30 },
  sqrt: { module: "sqrt", latency: 28, interval: 28 },
};

/** The unit that computes a node; undefined for what needs none. */
export function unitOf(node: Node): Unit | undefined {
  return node.kind === "apply" && node.type === "f32" ? UNITS[node.operator] : undefined;
}

/** A read of block RAM: its element is there a step after its address. */
export function fromRam(node: Node): boolean {
  return node.kind === "element" && node.memory.length > REGISTERS;
}

/** Stays as it is during a firing but for a block's writes. */
export function steady(node: Node): boolean {
  if (node.kind === "element") return !fromRam(node) && node.index.kind === "constant";
  return node.kind === "constant" || node.kind === "register";
}

/** When a block does what. Steps are cycles, from 0. */
export interface Plan {
  readonly block: Block;
  readonly steps: number;
  /** Operands first. */
  readonly nodes: readonly Node[];
  /** When a node's operands are used, and when its result is there. */
  readonly issued: ReadonlyMap<Node, number>;
  readonly ready: ReadonlyMap<Node, number>;
  /** Results that are used later than they are there, and so have a register. */
  readonly kept: ReadonlySet<Node>;
  /** Of each write and of each store. */
  readonly writeSteps: readonly number[];
  readonly storeSteps: readonly number[];
  /** The longest way between two registers. */
  readonly pathNs: number;
}

interface Time {
  readonly step: number;
  readonly ns: number;
}

/**
 * Schedules a block: each operation as early as its operands, the period and the unit or port that it shares allow; operations without registers follow each other
 * in a step. An output in block RAM takes one element a step. Linear but for waiting.
 */
export function planOf(block: Block, outputIsRam: boolean): Plan {
  const order = nodesOf(block);
  const issued = new Map<Node, number>();
  const ready = new Map<Node, number>();
  const times = new Map<Node, Time>();
  const taken = new Map<Memory | Unit["module"], number[]>();
  let pathNs = 0;

  const free = (what: Memory | Unit["module"], from: number, interval: number): number => {
    const list = taken.get(what) ?? [];
    taken.set(what, list);
    let step = from;
    while (list.some((other) => Math.abs(other - step) < interval)) step++;
    list.push(step);
    return step;
  };
  const arrival = (nodes: readonly (Node | undefined)[]): Time => {
    let latest: Time = { step: 0, ns: CLOCK_TO_OUTPUT_NS };
    for (const node of nodes) {
      const time = node === undefined ? latest : times.get(node)!;
      if (time.step > latest.step || (time.step === latest.step && time.ns > latest.ns)) latest = time;
    }
    return latest;
  };
  /** The step in which something of this length still ends in time. */
  const within = ({ step, ns }: Time, lengthNs: number): Time => {
    const time =
      ns + lengthNs <= PERIOD_NS ? { step, ns: ns + lengthNs } : { step: step + 1, ns: CLOCK_TO_OUTPUT_NS + lengthNs };
    pathNs = Math.max(pathNs, time.ns);
    return time;
  };
  /** The same for what shares a unit or a port: it may have to wait. */
  const issue = (
    node: Node,
    at: Time,
    what: Memory | Unit["module"],
    interval: number,
    latency: number,
    ns: number,
  ): void => {
    const step = free(what, at.step, interval);
    issued.set(node, step);
    ready.set(node, step + latency);
    times.set(node, { step: step + latency, ns });
  };

  for (const node of order) {
    const unit = unitOf(node);
    if (steady(node)) {
      times.set(node, { step: 0, ns: CLOCK_TO_OUTPUT_NS });
      issued.set(node, 0);
      ready.set(node, 0);
    } else if (node.kind === "element" && fromRam(node)) {
      issue(node, within(arrival([node.index]), SHARED_NS), node.memory, 1, 1, READ_NS);
    } else if (unit !== undefined && node.kind === "apply") {
      pathNs = Math.max(pathNs, UNIT_STAGE_NS);
      const at = within(arrival(node.operands), SHARED_NS + UNIT_ENTRY_NS);
      issue(node, at, unit.module, unit.interval, unit.latency, CLOCK_TO_OUTPUT_NS);
    } else {
      const at = within(
        arrival(node.kind === "apply" ? node.operands : node.kind === "element" ? [node.index] : []),
        delayNs(node),
      );
      times.set(node, at);
      issued.set(node, at.step);
      ready.set(node, at.step);
    }
  }

  let before = 0;
  const storeSteps = block.stores.map(({ index, value, when }: Store) => {
    const { step } = within(arrival([index, value, when]), outputIsRam ? SHARED_NS : 1);
    before = Math.max(step, before);
    const at = before;
    if (outputIsRam) before++;
    return at;
  });
  const last = Math.max(
    0,
    ...ready.values(),
    // The output's first element is read from block RAM in the step before it leaves.
    ...storeSteps.map((step) => step + (outputIsRam && (block.yes === DONE || block.no === DONE) ? 1 : 0)),
    block.condition === undefined ? 0 : within(arrival([block.condition]), 1).step,
    ...block.writes.map(({ value }) => within(arrival([value]), 1).step),
  );
  // A register is written when its last reader in this block has read it.
  const lastReads = new Map<Register, number>();
  const reads = (node: Node | undefined, step: number): void => {
    if (node?.kind === "register") lastReads.set(node.register, Math.max(step, lastReads.get(node.register) ?? 0));
  };
  const operandsOf = (node: Node): readonly Node[] =>
    node.kind === "apply" ? node.operands : node.kind === "element" ? [node.index] : [];
  for (const node of order) for (const operand of operandsOf(node)) reads(operand, issued.get(node)!);
  for (const [at, { index, value, when }] of block.stores.entries())
    for (const node of [index, value, when]) reads(node, storeSteps[at]!);
  for (const { value } of block.writes) reads(value, last);
  reads(block.condition, last);
  const writeSteps = block.writes.map(({ register, value }) =>
    value.kind === "register" || value.kind === "constant"
      ? last
      : Math.max(within(arrival([value]), 0).step, lastReads.get(register) ?? 0),
  );

  const kept = new Set<Node>();
  const uses = (node: Node | undefined, step: number): void => {
    if (node !== undefined && !steady(node) && step > ready.get(node)!) kept.add(node);
  };
  for (const node of order) for (const operand of operandsOf(node)) uses(operand, issued.get(node)!);
  for (const [at, { index, value, when }] of block.stores.entries())
    for (const node of [index, value, when]) uses(node, storeSteps[at]!);
  for (const [at, { value }] of block.writes.entries()) uses(value, writeSteps[at]!);
  uses(block.condition, last);
  return { block, steps: last + 1, nodes: order, issued, ready, kept, writeSteps, storeSteps, pathNs };
}
