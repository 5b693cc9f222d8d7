import { OptionError } from "../core/errors.ts";
import { integer, nonNegative } from "../core/options.ts";

/**
 * A step of a program in which every node sends messages of one size, then receives all that were sent to it, in the order of
 * their arrival. Made by {@link round}.
 *
 * @example
 * ```ts
 * import { round, type Round } from "veelab/hpc-overhead";
 * const toTheRight: Round = round(4, 8, (node) => [(node + 1) % 4]);
 * console.log(toTheRight.to.join()); // 1,2,3,0
 * ```
 */
export interface Round {
  /** What it is. */
  readonly kind: "round";
  /** Bytes a message. */
  readonly bytes: number;
  /** Where the messages of a node begin in `to`; one more for their end. */
  readonly sends: Uint32Array;
  /** Whom each message goes to. */
  readonly to: Uint32Array;
  /** Where the messages to a node begin in `slots`; one more for their end. */
  readonly receives: Uint32Array;
  /** The messages to each node, as places in `to`; those of lower senders first. */
  readonly slots: Uint32Array;
}

/**
 * A step in which every node computes.
 *
 * @example
 * ```ts
 * import { computation, type Computation } from "veelab/hpc-overhead";
 * const step: Computation = computation(1e6);
 * console.log(step.workNs); // 1000000
 * ```
 */
export interface Computation {
  /** What it is. */
  readonly kind: "computation";
  /** How long a native node without noise takes, ns: all alike, or a number a node. */
  readonly workNs: number | Float64Array;
}

/**
 * A bulk-synchronous program: steps that are done over and over by all nodes.
 *
 * @example
 * ```ts
 * import { allreduce, computation, type Program } from "veelab/hpc-overhead";
 * const program: Program = { label: "BSP", nodes: 4, iterations: 10, steps: [computation(1e6), ...allreduce(4, 8)] };
 * console.log(program.steps.length); // 3
 * ```
 */
export interface Program {
  /** Name in tables and charts. */
  readonly label: string;
  /** How many nodes it runs on. */
  readonly nodes: number;
  /** How often the steps are done. */
  readonly iterations: number;
  /** The steps, in order. */
  readonly steps: readonly (Computation | Round)[];
}

/**
 * A step in which every node computes so long.
 *
 * @throws OptionError for a time that is no finite number of at least 0
 *
 * @example
 * ```ts
 * import { computation } from "veelab/hpc-overhead";
 * console.log(computation(Float64Array.of(10, 20)).kind); // computation
 * ```
 */
export function computation(workNs: number | Float64Array): Computation {
  if (typeof workNs === "number") nonNegative("workNs", workNs);
  else for (const [node, work] of workNs.entries()) nonNegative(`workNs[${node}]`, work);
  return { kind: "computation", workNs };
}

/**
 * A step in which each node sends a message to each of some others. Linear in messages.
 *
 * @param peers - whom a node sends to, in order; none is allowed
 * @throws OptionError for a number out of range or a peer that is no other node
 *
 * @example
 * ```ts
 * import { round } from "veelab/hpc-overhead";
 * const pair = round(2, 1024, (node) => [1 - node]);
 * console.log(pair.receives.join()); // 0,1,2
 * ```
 */
export function round(nodes: number, bytes: number, peers: (node: number) => readonly number[]): Round {
  integer("nodes", nodes, { min: 1, max: 2 ** 24 });
  integer("bytes", bytes, { min: 0 });
  const sends = new Uint32Array(nodes + 1);
  const list: number[] = [];
  for (let node = 0; node < nodes; node++) {
    for (const peer of peers(node)) {
      if (!Number.isInteger(peer) || peer < 0 || peer >= nodes || peer === node)
        throw new OptionError("peers", `other nodes below ${nodes}, for node ${node}`, peer);
      list.push(peer);
    }
    sends[node + 1] = list.length;
  }
  const to = Uint32Array.from(list);
  const receives = new Uint32Array(nodes + 1);
  for (const peer of to) receives[peer + 1]! += 1;
  for (let node = 0; node < nodes; node++) receives[node + 1]! += receives[node]!;
  const place = receives.slice(0, nodes);
  const slots = new Uint32Array(to.length);
  for (let slot = 0; slot < to.length; slot++) slots[place[to[slot]!]!++] = slot;
  return { kind: "round", bytes, sends, to, receives, slots };
}

/** Throws an OptionError unless the program is one. */
export function checkProgram(program: Program): void {
  const nodes = integer("program.nodes", program.nodes, { min: 1, max: 2 ** 24 });
  integer("program.iterations", program.iterations, { min: 1 });
  for (const [at, step] of program.steps.entries()) {
    const has = step.kind === "round" ? step.sends.length - 1 : step.workNs;
    if (typeof has === "number" ? step.kind === "round" && has !== nodes : has.length !== nodes)
      throw new OptionError(
        `program.steps[${at}]`,
        `a step of ${nodes} nodes`,
        typeof has === "number" ? has : has.length,
      );
  }
}
