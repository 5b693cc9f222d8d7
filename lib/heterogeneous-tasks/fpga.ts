import { OptionError } from "../core/errors.ts";
import { nonNegative } from "../core/options.ts";
import type { Device } from "./device.ts";
import { areaOf, type FpgaArea } from "./fpga/area.ts";
import { type Circuit, circuit } from "./fpga/circuit.ts";
import { model } from "./fpga/model.ts";
import { QUEUE_NS } from "./fpga/timing.ts";
import { verilog } from "./fpga/verilog.ts";
import { weights } from "./fpga/weight.ts";
import { type Flat, flatOf, type Graph } from "./graph.ts";
import { checkElements } from "./run.ts";
import { type Elements, zeros } from "./value.ts";

/**
 * An FPGA: what there is on it.
 *
 * @example
 * ```ts
 * import { type FpgaPart, lfe5u85 } from "veelab/heterogeneous-tasks";
 * const half: FpgaPart = { ...lfe5u85, label: "half", lookUpTables: lfe5u85.lookUpTables / 2 };
 * console.log(half.lookUpTables); // 41820
 * ```
 */
export interface FpgaPart extends FpgaArea {
  /** Name in messages. */
  readonly label: string;
}

/**
 * Lattice's LFE5U-85, the largest ECP5: today's set. Source: its data sheet, recalled (confidence high).
 *
 * @example
 * ```ts
 * import { lfe5u85 } from "veelab/heterogeneous-tasks";
 * console.log(lfe5u85.lookUpTables); // 83640
 * ```
 */
export const lfe5u85: FpgaPart = {
  ...{ label: "LFE5U-85", lookUpTables: 83640, flipFlops: 83640, multipliers: 156, blockRams: 208 },
};

/**
 * Lattice's LFE3-150EA, the largest ECP3, of the same blocks: the set of 2011. Source: its data sheet, recalled (confidence medium).
 *
 * @example
 * ```ts
 * import { lfe3150 } from "veelab/heterogeneous-tasks";
 * console.log(lfe3150.blockRams); // 372
 * ```
 */
export const lfe3150: FpgaPart = {
  ...{ label: "LFE3-150EA", lookUpTables: 149000, flipFlops: 149000, multipliers: 320, blockRams: 372 },
};

/**
 * A graph as hardware.
 *
 * @example
 * ```ts
 * import { fpgaDesign, type FpgaDesign, graph, map, sink, source } from "veelab/heterogeneous-tasks";
 * const design: FpgaDesign = fpgaDesign(graph(source("i32").to(map({ label: "add", input: "i32" }, (x) => x + 1)).to(sink("i32"))));
 * console.log(design.area.multipliers, design.verilog.includes("module graph")); // 0 true
 * ```
 */
export interface FpgaDesign {
  /** The circuit in Verilog 2005; its top module is `graph`, with streams of 32 bits that are valid and ready, no reset, and initial values. */
  readonly verilog: string;
  /** An estimate of what it needs. */
  readonly area: FpgaArea;
  /** The frequency that the estimate of its longest way between registers allows. */
  readonly clockHz: number;
  /**
   * Runs it from its beginning, with an element offered and one taken in every cycle: what comes out, and the cycles until the last of it. Linear in cycles in which
   * elements move.
   */
  readonly run: (input: ArrayLike<number>) => {
    /** What the graph gives. */
    readonly output: Elements;
    /** From the first element in to the last one out. */
    readonly cycles: number;
  };
}

/**
 * Makes a graph's hardware: each task a module with a state for each step of its code, a queue for each edge. Loops of at most 64 operations are unrolled; operations
 * that fit into a period follow each other in one step; each task has one unit of each kind for sums, products, quotients and roots of `f32`, which are rounded as
 * JavaScript's are. Linear in operations.
 *
 * @throws OptionError for a graph that no circuit is made of
 *
 * @example
 * ```ts
 * import { fpgaDesign, graph, map, sink, source } from "veelab/heterogeneous-tasks";
 * const third = map({ label: "third", input: "f32" }, (x) => x / 3);
 * const { output, cycles } = fpgaDesign(graph(source("f32").to(third).to(sink("f32")))).run([1]);
 * console.log(output[0] === Math.fround(1 / 3), cycles); // true 35
 * ```
 */
export function fpgaDesign(graph: Graph): FpgaDesign {
  const flat = flatOf(graph);
  const refusal = unbounded(flat) ?? tooLarge(flat, LARGEST);
  if (refusal !== undefined) throw new OptionError("graph", "one that a circuit can be made of", refusal);
  const made = circuit(flat);
  const run = (input: ArrayLike<number>): { output: Elements; cycles: number } => {
    checkElements(graph, input);
    const iterations = input.length / graph.takes;
    if (!Number.isInteger(iterations))
      throw new OptionError("input", `a multiple of ${graph.takes} elements (an iteration of the graph)`, input.length);
    const given = zeros(graph.input, input.length);
    given.set(input);
    const output = zeros(graph.output, iterations * graph.gives);
    return { output, cycles: model(made).run(given, output) };
  };
  return { verilog: verilog(made), area: areaOf(made), clockHz: 1e9 / pathNs(made), run };
}

/**
 * An FPGA as a device: it computes by the model of the circuit, cycle by cycle, and refuses what the part has no room for, by estimate. A state is written into the
 * circuit's initial values.
 *
 * @param part - {@link lfe5u85} unless given
 * @throws OptionError for a part with less than nothing
 *
 * @example
 * ```ts
 * import { fpga, graph, map, runOn, sink, source } from "veelab/heterogeneous-tasks";
 * const square = graph(source("i32").to(map({ label: "square", input: "i32" }, (x) => x * x)).to(sink("i32")));
 * console.log(await runOn(square, [3, -4], { device: fpga() })); // Int32Array [ 9, 16 ]
 * ```
 */
export function fpga(part: FpgaPart = lfe5u85): Device {
  const given: unknown = part;
  if (typeof given !== "object" || given === null) throw new OptionError("part", "a part, such as lfe5u85", given);
  for (const [name] of NAMES) nonNegative(`part.${name}`, part[name]);
  const refusal = (flat: Flat): string | undefined => {
    const before = unbounded(flat) ?? tooLarge(flat, part);
    if (before !== undefined) return before;
    const area = areaOf(circuit(flat));
    const over = NAMES.find(([name]) => area[name] > part[name]);
    if (over === undefined) return undefined;
    return `a circuit of about ${area[over[0]]} ${over[1]} (it has ${part[over[0]]})`;
  };
  return {
    label: part.label,
    // At the end of a batch all stages run empty.
    batchElements: 2 ** 16,
    refusal,
    load: async (flat, _, state) => {
      const { run, state: copy } = await Promise.resolve(model(circuit(flat, state)));
      return {
        run: async (input, output) => {
          run(input, output);
          await Promise.resolve();
        },
        state: async () => Promise.resolve(copy()),
        close: async () => Promise.resolve(),
      };
    },
  };
}

const NAMES = [
  ["lookUpTables", "look-up tables"],
  ["flipFlops", "flip-flops"],
  ["multipliers", "multipliers"],
  ["blockRams", "blocks of RAM"],
] as const;

/** Text and model of a circuit are made for more than any part has, but not without end. */
const LARGEST = { blockRams: 4096 };

/** Operations that one function may be when its loops are unrolled. */
const OPERATIONS = 4096;

/** A function whose loop cannot be unrolled: functions have no states of their own. */
function unbounded({ nodes }: Flat): string | undefined {
  for (const { label, task } of nodes)
    if (task !== undefined)
      for (const [name, weight] of weights(task.code).calls)
        if (weight > OPERATIONS)
          return `the task ${label}: unrolled, its function ${name} is more than ${OPERATIONS} operations`;
  return undefined;
}

/** Arrays that block RAM surely cannot hold, before a circuit is made. */
function tooLarge({ nodes }: Flat, { blockRams }: { readonly blockRams: number }): string | undefined {
  for (const { label, task } of nodes)
    if (task !== undefined) {
      const tables = [...task.arrays.values()].reduce((all, { length }) => all + length, 0);
      const words = task.history + task.takes + task.gives + tables;
      if (words > 512 * blockRams)
        return `the task ${label}: its arrays are ${words} elements, RAM is ${512 * blockRams}`;
    }
  return undefined;
}

function pathNs({ plans }: Circuit): number {
  const paths = plans.flatMap((list) => (list ?? []).map((plan) => plan.pathNs));
  return Math.max(QUEUE_NS, ...paths);
}
