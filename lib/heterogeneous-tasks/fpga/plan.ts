import { type Block, DONE, nodesOf, type Store } from "./lower.ts";
import type { Node, Register } from "./nodes.ts";
import {
  CLOCK_TO_OUTPUT_NS,
  delayNs,
  PERIOD_NS,
  READ_NS,
  SHARED_NS,
  UNIT_ENTRY_NS,
  UNIT_STAGE_NS,
  widthOf,
} from "./timing.ts";

/** Whether an array is block RAM with a port to read and one to write. Those of at most 512 bits are registers, of which many are read in one step: a choice. */
export function isRam(length: number, width: number): boolean {
  return length * width > 512;
}

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
  return node.kind === "element" && isRam(node.memory.length, widthOf(node.memory));
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
  /** Steps from the beginning of a round of the loop that it is to that of the next; `steps` where rounds do not overlap. */
  readonly interval: number;
  /** Operands first. */
  readonly nodes: readonly Node[];
  /** When a node's operands are used, and when its result is there. */
  readonly issued: ReadonlyMap<Node, number>;
  readonly ready: ReadonlyMap<Node, number>;
  /** Results that are used later than they are there, and so have a register; more where the next round's result comes before. */
  readonly kept: ReadonlyMap<Node, number>;
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
 * in a step. An output in block RAM takes one element a step. The rounds of a loop that is one block overlap, with the smallest interval for which the same rule gives a
 * schedule (modulo scheduling: Rau and Glaeser, 1981). Linear in operations × intervals tried.
 */
export function planOf(block: Block, at: number, outputIsRam: boolean): Plan {
  const alone = attempt(block, outputIsRam, undefined)!;
  if (block.condition === undefined || block.yes !== at) return alone;
  const uses = new Map<string, number>();
  let least = 1;
  for (const node of alone.nodes) {
    const unit = unitOf(node);
    if (unit === undefined) continue;
    uses.set(unit.module, (uses.get(unit.module) ?? 0) + unit.interval);
    least = Math.max(least, uses.get(unit.module)!);
  }
  for (let interval = least; interval < alone.steps; interval++) {
    const plan = attempt(block, outputIsRam, interval);
    if (plan !== undefined) return plan;
  }
  return alone;
}

/** A plan whose rounds begin so many steps apart, if there is one; with an interval left out, they do not overlap. */
function attempt(block: Block, outputIsRam: boolean, interval: number | undefined): Plan | undefined {
  const order = nodesOf(block);
  const issued = new Map<Node, number>();
  const ready = new Map<Node, number>();
  const times = new Map<Node, Time>();
  const taken = new Map<string, number[]>();
  let pathNs = 0;
  let possible = true;

  /** The first step from which a unit or port is free for so long. */
  const free = (what: string, from: number, length: number): number => {
    const list = taken.get(what) ?? [];
    taken.set(what, list);
    const apart = (a: number, b: number): boolean => {
      if (interval === undefined) return Math.abs(a - b) >= length;
      const behind = (((a - b) % interval) + interval) % interval;
      return behind >= length && interval - behind >= length;
    };
    let step = from;
    const end = interval === undefined ? Infinity : from + interval;
    while (step < end && !list.every((other) => apart(step, other))) step++;
    if (step === end || length > (interval ?? Infinity)) possible = false;
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
  const put = (node: Node, step: number, latency: number, ns: number): void => {
    issued.set(node, step);
    ready.set(node, step + latency);
    times.set(node, { step: step + latency, ns });
  };

  for (const node of order) {
    const unit = unitOf(node);
    if (steady(node)) put(node, 0, 0, CLOCK_TO_OUTPUT_NS);
    else if (node.kind === "element" && fromRam(node)) {
      const { step } = within(arrival([node.index]), SHARED_NS);
      put(node, free(`${node.memory.kind} ${node.memory.name}`, step, 1), 1, READ_NS);
    } else if (unit !== undefined) {
      pathNs = Math.max(pathNs, UNIT_STAGE_NS);
      const { step } = within(arrival(operandsOf(node)), SHARED_NS + UNIT_ENTRY_NS);
      put(node, free(unit.module, step, unit.interval), unit.latency, CLOCK_TO_OUTPUT_NS);
    } else {
      const { step, ns } = within(arrival(operandsOf(node)), delayNs(node));
      put(node, step, 0, ns);
    }
  }

  let before = 0;
  const storeSteps = block.stores.map(({ index, value, when }: Store) => {
    const { step } = within(arrival([index, value, when]), outputIsRam ? SHARED_NS : 1);
    const from = Math.max(step, before);
    const at = outputIsRam ? free("output", from, 1) : from;
    before = outputIsRam ? at + 1 : at;
    return at;
  });
  const decided = block.condition === undefined ? 0 : within(arrival([block.condition]), 1).step;
  const last = Math.max(
    0,
    ...ready.values(),
    // The output's first element is read from block RAM in the step before it leaves.
    ...storeSteps.map((step) => step + (outputIsRam && (block.yes === DONE || block.no === DONE) ? 1 : 0)),
    decided,
    ...block.writes.map(({ value }) => within(arrival([value]), 1).step),
  );
  /** Calls back for each use but those by registers' writes. */
  const eachUse = (call: (node: Node, step: number) => void): void => {
    for (const node of order) for (const operand of operandsOf(node)) call(operand, issued.get(node)!);
    for (const [at, { index, value, when }] of block.stores.entries())
      for (const node of [index, value, ...(when === undefined ? [] : [when])]) call(node, storeSteps[at]!);
    if (block.condition === undefined) return;
    if (interval !== undefined) call(block.condition, interval - 1);
    call(block.condition, last);
  };

  // Without overlap, a register is written when its last reader in this block has read it. With it, when its first reader has: that one keeps it for the others.
  const reads = new Map<Register, { first: number; last: number }>();
  eachUse((node, step) => {
    if (node.kind !== "register") return;
    const seen = reads.get(node.register) ?? { first: step, last: step };
    reads.set(node.register, { first: Math.min(seen.first, step), last: Math.max(seen.last, step) });
  });
  const copied = (value: Node): boolean => value.kind === "register" || value.kind === "constant";
  if (interval === undefined)
    for (const { value } of block.writes) if (value.kind === "register") reads.set(value.register, { first: 0, last });
  const writeSteps = block.writes.map(({ register, value }) => {
    const { first, last: latest } = reads.get(register) ?? { first: 0, last: 0 };
    if (interval !== undefined) return Math.max(copied(value) ? 0 : times.get(value)!.step, first);
    return copied(value) ? last : Math.max(times.get(value)!.step, latest);
  });

  const changed = new Set(interval === undefined ? [] : block.writes.map(({ register }) => register));
  const everyUse = (call: (node: Node, step: number) => void): void => {
    eachUse(call);
    for (const [at, { value }] of block.writes.entries()) call(value, writeSteps[at]!);
  };
  const moves = (node: Node): boolean => (node.kind === "register" ? changed.has(node.register) : !steady(node));
  for (const node of order) if (node.kind === "register" && changed.has(node.register)) ready.set(node, last);
  everyUse((node, step) => {
    if (node.kind === "register" && changed.has(node.register)) ready.set(node, Math.min(step, ready.get(node)!));
  });
  const kept = new Map<Node, number>();
  everyUse((node, step) => {
    const later = step - ready.get(node)!;
    if (moves(node) && later > 0) kept.set(node, Math.max(copies(later, interval), kept.get(node) ?? 0));
  });
  if (interval !== undefined) {
    // The next round reads what this one has written, decides in time whether it comes, and stores behind it.
    for (const [at, { register }] of block.writes.entries())
      for (const node of order)
        if (node.kind === "register" && node.register === register && writeSteps[at]! >= ready.get(node)! + interval)
          possible = false;
    if (decided > interval - 1 || Math.max(...storeSteps) - Math.min(...storeSteps) >= interval) possible = false;
  }
  if (!possible) return undefined;
  const steps = last + 1;
  return {
    block,
    steps,
    interval: interval ?? steps,
    nodes: order,
    issued,
    ready,
    kept,
    writeSteps,
    storeSteps,
    pathNs,
  };
}

/** Which of a result's registers holds it so many steps after it is there, from 1: each holds it for a round. */
export function copies(later: number, interval: number | undefined): number {
  return Math.floor((later - 1) / (interval ?? Infinity)) + 1;
}

function operandsOf(node: Node): readonly Node[] {
  return node.kind === "apply" ? node.operands : node.kind === "element" ? [node.index] : [];
}
