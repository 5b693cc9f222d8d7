import type { Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { onlyOptions } from "../core/options.ts";
import { messageCosts } from "./message-costs.ts";
import { checkNetwork, type Network } from "./network.ts";
import { checkNode, type NodeCosts } from "./node.ts";
import type { NodeNoise } from "./noise.ts";
import { checkProgram, type Program, type Round } from "./program.ts";
import { nodeTable, type RunRow, summarise } from "./run.ts";

/**
 * Options of {@link bulk}.
 *
 * @example
 * ```ts
 * import { nativeNode, seaStar, type BulkOptions } from "veelab/hpc-overhead";
 * const options: BulkOptions = { network: seaStar, node: nativeNode };
 * console.log(options.network.label);
 * ```
 */
export interface BulkOptions {
  /** The network. */
  readonly network: Network;
  /** What running on a node costs. */
  readonly node: NodeCosts;
}

/**
 * The result of {@link bulk} and of {@link replay}.
 *
 * @example
 * ```ts
 * import type { RunResult } from "veelab/hpc-overhead";
 * const last = ({ row }: RunResult): number => row.timeNs;
 * console.log(last);
 * ```
 */
export interface RunResult {
  /** The run in a row. */
  readonly row: RunRow;
  /** A row a node: `node`, `endNs`, `busyNs` and `stolenNs`. */
  readonly nodes: Table;
}

/**
 * Runs a bulk-synchronous program: a recurrence over one array of the nodes' times a step, without a queue of events. It gives
 * what {@link replay} gives for the program's schedule, to the last bit. Linear in iterations × (nodes + messages), m log m
 * for m messages to one node in a step; allocates nothing an iteration.
 *
 * @throws OptionError for an option out of range, or a message that needs a rendezvous
 *
 * @example
 * ```ts
 * import { allreduce, bulk, computation, nativeNode, seaStar } from "veelab/hpc-overhead";
 * const program = { label: "BSP", nodes: 4096, iterations: 1, steps: [computation(1e6), ...allreduce(4096, 1)] };
 * console.log(bulk(program, { network: seaStar, node: nativeNode }).row.timeNs); // 1072000: 1 ms and 12 rounds of 6 µs
 * ```
 */
export function bulk(program: Program, options: BulkOptions): RunResult {
  onlyOptions(options, ["network", "node"]);
  checkProgram(program);
  checkNetwork(options.network);
  checkNode("node", options.node);
  const { network, node } = options;
  const { nodes, iterations } = program;
  const noise = node.noise.onNodes(nodes);
  const times: Times = {
    processor: new Float64Array(nodes),
    sender: new Float64Array(nodes),
    receiver: new Float64Array(nodes),
    busy: new Float64Array(nodes),
    stolen: new Float64Array(nodes),
  };
  const steps = program.steps.map((step, at) => {
    if (step.kind === "computation") {
      const { workNs } = step;
      const { computeFactor } = node;
      const work = typeof workNs === "number" ? new Float64Array(nodes).fill(workNs) : workNs;
      const stretched = work.map((ns) => ns * computeFactor);
      return () => {
        computeAll(stretched, times, noise);
      };
    }
    if (step.bytes > network.eagerBytes)
      throw new OptionError(
        `program.steps[${at}].bytes`,
        `at most ${network.eagerBytes}, which need no rendezvous`,
        step.bytes,
      );
    return exchangeAll(step, messageCosts(network, node, step.bytes), times, noise);
  });
  for (let iteration = 0; iteration < iterations; iteration++) for (const step of steps) step();
  const { processor, busy, stolen } = times;
  return {
    row: summarise(program.label, node.label, network.label, processor, busy, stolen),
    nodes: nodeTable(processor, busy, stolen),
  };
}

/** By node, ns: when its processor and its interface's two sides are free, how much it worked, and how much noise took. */
interface Times {
  readonly processor: Float64Array;
  readonly sender: Float64Array;
  readonly receiver: Float64Array;
  readonly busy: Float64Array;
  readonly stolen: Float64Array;
}

function computeAll(work: Float64Array, { processor, busy, stolen }: Times, noise: NodeNoise): void {
  for (let node = 0; node < work.length; node++) {
    const start = processor[node]!;
    const workNs = work[node]!;
    const end = noise.compute(node, start, workNs);
    processor[node] = end;
    busy[node]! += workNs;
    stolen[node]! += end - start - workNs;
  }
}

function exchangeAll(
  { sends, to, receives, slots }: Round,
  { sendNs, sendBytesNs, wireNs, receiveNs, receiveBytesNs, gapNs }: ReturnType<typeof messageCosts>,
  { processor, sender, receiver, busy, stolen }: Times,
  noise: NodeNoise,
): () => void {
  const nodes = processor.length;
  const arrivals = new Float64Array(to.length);
  const sendBusyNs = sendNs + sendBytesNs;
  const receiveBusyNs = receiveNs + receiveBytesNs;
  // The arrivals at one node, in order.
  let most = 0;
  for (let node = 0; node < nodes; node++) most = Math.max(most, receives[node + 1]! - receives[node]!);
  const sorted = new Float64Array(most);
  return () => {
    for (let node = 0; node < nodes; node++)
      for (let slot = sends[node]!; slot < sends[node + 1]!; slot++) {
        const start = Math.max(processor[node]!, sender[node]!);
        const departure = noise.overhead(node, start, sendNs);
        arrivals[slot] = departure + wireNs;
        processor[node] = departure + sendBytesNs;
        sender[node] = start + gapNs;
        busy[node]! += sendBusyNs;
        stolen[node]! += departure - start - sendNs;
      }
    for (let node = 0; node < nodes; node++) {
      const from = receives[node]!;
      const count = receives[node + 1]! - from;
      if (count > 32) {
        for (let at = 0; at < count; at++) sorted[at] = arrivals[slots[from + at]!]!;
        sorted.subarray(0, count).sort();
      } else
        for (let at = 0; at < count; at++) {
          const arrival = arrivals[slots[from + at]!]!;
          let place = at;
          for (; place > 0 && sorted[place - 1]! > arrival; place--) sorted[place] = sorted[place - 1]!;
          sorted[place] = arrival;
        }
      for (let at = 0; at < count; at++) {
        const start = Math.max(processor[node]!, receiver[node]!, sorted[at]!);
        const received = noise.overhead(node, start, receiveNs);
        processor[node] = received + receiveBytesNs;
        receiver[node] = start + gapNs;
        busy[node]! += receiveBusyNs;
        stolen[node]! += received - start - receiveNs;
      }
    }
  };
}
