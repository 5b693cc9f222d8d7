import { compileFunction } from "node:vm";
import { SimulationError } from "../../core/errors.ts";
import type { FlatNode } from "../graph.ts";
import { type Elements, zeros } from "../value.ts";
import type { Circuit } from "./circuit.ts";
import { modelText } from "./model-text.ts";

/** A circuit that is run cycle by cycle. */
export interface Model {
  /** Runs until all that the input makes has come out and nothing moves; gives the cycles until the last element came out. */
  readonly run: (input: Elements, output: Elements) => number;
  /** What each edge holds, with its history. */
  readonly state: () => readonly Elements[];
}

/** A queue: `count` is what it holds at the beginning of a cycle, `after` at its end. */
interface Fifo {
  readonly elements: Elements;
  head: number;
  count: number;
  after: number;
}

/** Does what a module does in one cycle, and says whether something moved. */
type Step = () => boolean;

/** A module. `wait` is how many cycles it surely does nothing but compute. */
interface Machine {
  readonly step: Step;
  readonly wait: () => number;
  readonly skip: (cycles: number) => void;
  readonly history: () => Elements | undefined;
}

/** Makes the model of a circuit: modules see what queues held before the cycle, as registers do. */
export function model({ flat, plans, queues }: Circuit): Model {
  const { nodes, edges } = flat;
  const fifos: readonly Fifo[] = queues.map(({ depth, start }, at) => {
    const elements = zeros(edges[at]!.type, depth);
    elements.set(start);
    return { elements, head: 0, count: start.length, after: start.length };
  });
  let given = zeros("f32", 0);
  let givenAt = 0;
  let wanted = zeros("f32", 0);
  let wantedAt = 0;

  const step = (node: FlatNode): Step => {
    const [from, to] = [fifos[node.inputs[0]!]!, fifos[node.outputs[0]!]!];
    if (node.kind === "source")
      return () => {
        if (givenAt === given.length || full(to)) return false;
        push(to, given[givenAt++]!);
        return true;
      };
    if (node.kind === "sink")
      return () => {
        if (from.count === 0 || wantedAt === wanted.length) return false;
        wanted[wantedAt++] = pop(from);
        return true;
      };
    if (node.kind === "split" && node.duplicate) {
      const all = node.outputs.map((edge) => fifos[edge]!);
      return () => {
        if (from.count === 0 || all.some(full)) return false;
        const element = pop(from);
        for (const one of all) push(one, element);
        return true;
      };
    }
    const splits = node.kind === "split";
    const ends = splits ? node.outputs : node.inputs;
    const ways = ends.map((edge) => fifos[edge]!);
    const turns = ends.map((edge) => (splits ? edges[edge]!.gives : edges[edge]!.takes));
    let way = 0;
    let left = turns[0]!;
    return () => {
      const [one, other] = splits ? [from, ways[way]!] : [ways[way]!, to];
      if (one.count === 0 || full(other)) return false;
      push(other, pop(one));
      if (--left === 0) {
        way = (way + 1) % ways.length;
        left = turns[way]!;
      }
      return true;
    };
  };

  const machine = (node: FlatNode, at: number): Machine => {
    const { task } = node;
    if (task === undefined)
      return { step: step(node), wait: () => Infinity, skip: () => undefined, history: () => undefined };
    const [from, to] = [fifos[node.inputs[0]!]!, fifos[node.outputs[0]!]!];
    const { takes, gives, history, arrays } = task;
    const x = zeros(task.input, history + takes);
    x.set(queues[node.inputs[0]!]!.history);
    const y = zeros(task.output, gives);
    const factory = compileFunction(
      modelText(plans[at]!),
      [...arrays.keys()].map((name) => `t_${name}`),
    ) as (...values: readonly Elements[]) => (x: Elements, y: Elements) => number;
    const fire = factory(...[...arrays.values()].map((array) => array.elements()));
    let taking = takes;
    let giving = 0;
    // Cycles of computing that are left. Its last cycle leads to the exchange of elements.
    let computing = 0;
    const next = (): boolean => {
      if (computing > 0) {
        if (--computing > 0) return false;
        [taking, giving] = [takes, gives];
        return true;
      }
      let moved = false;
      if (taking > 0 && from.count > 0) {
        x[history + takes - taking--] = pop(from);
        moved = true;
      }
      if (giving > 0 && !full(to)) {
        push(to, y[gives - giving--]!);
        moved = true;
      }
      if (taking === 0 && giving === 0) {
        y.fill(0);
        computing = fire(x, y);
        x.copyWithin(0, takes);
        return true;
      }
      return moved;
    };
    return {
      step: next,
      wait: () => (computing === 0 ? Infinity : computing),
      skip: (cycles) => {
        if (computing > 0) computing -= cycles;
      },
      history: () => x.slice(0, history),
    };
  };
  const machines = nodes.map(machine);
  const steps = machines.map((one) => one.step);

  const run = (input: Elements, output: Elements): number => {
    [given, givenAt, wanted, wantedAt] = [input, 0, output, 0];
    let cycles = 0;
    let lastCycle = 0;
    for (;;) {
      let moved = false;
      const before = wantedAt;
      for (const one of steps) if (one()) moved = true;
      cycles++;
      if (wantedAt > before) lastCycle = cycles;
      if (moved) {
        for (const fifo of fifos) fifo.count = fifo.after;
        continue;
      }
      // Where all compute or wait, the cycles before the first that ends are like this one.
      const least = machines.reduce((fewest, one) => Math.min(fewest, one.wait()), Infinity);
      if (least === Infinity) break;
      if (least > 1) {
        for (const one of machines) one.skip(least - 1);
        cycles += least - 1;
      }
    }
    if (wantedAt < wanted.length)
      throw new SimulationError(
        "fpga",
        `expected ${wanted.length} elements, got a circuit that stands still after ${wantedAt}`,
      );
    return lastCycle;
  };

  const state = (): readonly Elements[] =>
    edges.map(({ type, to, history }, at) => {
      const { elements, head, count } = fifos[at]!;
      const all = zeros(type, history + count);
      const seen = machines[to]!.history();
      if (seen !== undefined) all.set(seen);
      for (let i = 0; i < count; i++) all[history + i] = elements[(head + i) % elements.length]!;
      return all;
    });
  return { run, state };
}

function full({ count, elements }: Fifo): boolean {
  return count === elements.length;
}

function pop(fifo: Fifo): number {
  const element = fifo.elements[fifo.head]!;
  fifo.head = (fifo.head + 1) & (fifo.elements.length - 1);
  fifo.after--;
  return element;
}

function push(fifo: Fifo, element: number): void {
  // A push in the cycle of a pop is behind what there was before; depths are powers of two.
  fifo.elements[(fifo.head + fifo.after) & (fifo.elements.length - 1)] = element;
  fifo.after++;
}
