import { OptionError } from "../core/errors.ts";
import { balance } from "./balance.ts";
import { schedule } from "./schedule.ts";
import { partOf, type Share, type Stream } from "./stream.ts";
import type { Task } from "./task.ts";
import { type Elements, type ElementType, zeros } from "./value.ts";

/**
 * A node of a graph.
 *
 * @example
 * ```ts
 * import { graph, type GraphNode, sink, source } from "veelab/heterogeneous-tasks";
 * const nodes: readonly GraphNode[] = graph(source("f32").to(sink("f32"))).nodes;
 * console.log(nodes.map(({ kind }) => kind)); // [ "source", "sink" ]
 * ```
 */
export interface GraphNode {
  /** Name in tables. */
  readonly label: string;
  /** What it is. */
  readonly kind: "source" | "task" | "split" | "join" | "sink";
  /** How often it fires in one iteration of the graph. */
  readonly firings: number;
  /** The relocation brackets around it, outermost first, numbered in their order. */
  readonly brackets: readonly number[];
}

/**
 * A first-in first-out queue between two nodes. Between iterations it holds its initial number of elements.
 *
 * @example
 * ```ts
 * import { graph, type GraphEdge, sink, source } from "veelab/heterogeneous-tasks";
 * const edges: readonly GraphEdge[] = graph(source("f32").to(sink("f32"))).edges;
 * console.log(edges[0]?.bufferElements); // 1
 * ```
 */
export interface GraphEdge {
  /** The node that gives, as a place in the graph's nodes. */
  readonly from: number;
  /** The node that takes. */
  readonly to: number;
  /** What flows. */
  readonly type: ElementType;
  /** Elements given a firing of `from`. */
  readonly gives: number;
  /** Elements taken a firing of `to`. */
  readonly takes: number;
  /** Earlier elements that `to` sees besides. */
  readonly history: number;
  /** Elements in it before the first firing: the history's zeros and the delay. */
  readonly initial: number;
  /** The most elements it holds when one iteration is run by its static schedule. */
  readonly bufferElements: number;
}

/**
 * A checked graph: its rates are balanced and it cannot stall.
 *
 * @example
 * ```ts
 * import { graph, type Graph, reduce, sink, source } from "veelab/heterogeneous-tasks";
 * const pairs: Graph = graph(source("f32").to(reduce({ label: "sum", input: "f32", of: 2 }, (a, b) => a + b)).to(sink("f32")));
 * console.log(pairs.takes, pairs.gives); // 2 1
 * ```
 */
export interface Graph {
  /** What it takes. */
  readonly input: ElementType;
  /** What it gives. */
  readonly output: ElementType;
  /** Elements taken an iteration. */
  readonly takes: number;
  /** Elements given an iteration. */
  readonly gives: number;
  /** The nodes, each behind those that it takes from but for the ways back of loops. */
  readonly nodes: readonly GraphNode[];
  /** The queues between them. */
  readonly edges: readonly GraphEdge[];
}

/** A node as devices see it. */
export interface FlatNode {
  readonly label: string;
  readonly kind: GraphNode["kind"];
  readonly brackets: readonly number[];
  /** Of a task. */
  readonly task: Task | undefined;
  /** Of a splitter: whether each branch gets all. */
  readonly duplicate: boolean;
  /** Edges in, in turn. */
  readonly inputs: number[];
  /** Edges out, in turn. */
  readonly outputs: number[];
}

/** An edge as devices see it. */
export interface FlatEdge extends Omit<GraphEdge, "initial" | "bufferElements"> {
  readonly start: Elements;
}

/** A graph as devices see it. */
export interface Flat {
  readonly nodes: readonly FlatNode[];
  readonly edges: readonly FlatEdge[];
  readonly firings: readonly number[];
}

const flats = new WeakMap<Graph, Flat>();

/**
 * Makes a graph of a stream from a source to a sink, after solving its balance equations (Lee and Messerschmitt, "Synchronous data flow",
 * Proc. IEEE 75(9), 1987): the smallest whole numbers of firings after which each queue holds what it held before. Then one iteration is run by counting
 * elements alone, which finds a schedule or a cycle without enough delay. Linear in edges, and in firings where there are loops.
 *
 * @throws OptionError for a stream without its source or sink, SimulationError for rates that cannot be balanced and for a cycle that stalls
 *
 * @example
 * ```ts
 * import { graph, sink, source, task } from "veelab/heterogeneous-tasks";
 * const up = task({ label: "up", input: "f32", takes: 2, gives: 3 }, (x, y) => {
 *   for (let i = 0; i < 3; i++) y[i] = x[0]!;
 * });
 * console.log(graph(source("f32").to(up).to(up).to(sink("f32"))).nodes.map(({ firings }) => firings)); // [ 4, 2, 3, 9 ]
 * ```
 */
export function graph(stream: Stream): Graph {
  partOf("graph", stream);
  if (stream.input !== null || stream.output !== null)
    throw new OptionError("graph", "a stream from a source to a sink", stream.label);
  const { nodes, edges } = flatten(stream);
  const firings = balance(nodes, edges);
  const flat: Flat = { nodes, edges, firings };
  const { most } = schedule(flat, 1);
  const [first, last] = [edges[nodes[0]!.outputs[0]!]!, edges[nodes.at(-1)!.inputs[0]!]!];
  const result: Graph = Object.freeze({
    input: first.type,
    output: last.type,
    takes: firings[0]!,
    gives: firings.at(-1)!,
    nodes: nodes.map(({ label, kind, brackets }, at) => ({ label, kind, firings: firings[at]!, brackets })),
    edges: edges.map(({ start, ...edge }, at) => ({ ...edge, initial: start.length, bufferElements: most[at]! })),
  });
  flats.set(result, flat);
  return result;
}

/** A graph as devices see it, or an OptionError where it is none. */
export function flatOf(given: Graph): Flat {
  const flat = flats.get(given);
  if (flat === undefined) throw new OptionError("graph", "a graph made by graph()", given);
  return flat;
}

/** An end that waits for its other side: the node, and how many elements it moves a firing. */
interface End {
  readonly node: number;
  readonly count: number;
  readonly history: number;
}

function flatten(stream: Stream): { readonly nodes: readonly FlatNode[]; readonly edges: readonly FlatEdge[] } {
  const nodes: FlatNode[] = [];
  const edges: FlatEdge[] = [];
  const loops: (() => void)[] = [];
  let brackets = 0;

  const add = (
    label: string,
    kind: FlatNode["kind"],
    around: readonly number[],
    task?: Task,
    duplicate = false,
  ): number => nodes.push({ label, kind, brackets: around, task, duplicate, inputs: [], outputs: [] }) - 1;

  const connect = (from: End, to: End, type: ElementType, delay = zeros(type, 0)): void => {
    const start = zeros(type, to.history + delay.length);
    start.set(delay, to.history);
    const edge = { from: from.node, to: to.node, type, gives: from.count, takes: to.count, history: to.history, start };
    const at = edges.push(edge) - 1;
    nodes[from.node]!.outputs.push(at);
    nodes[to.node]!.inputs.push(at);
  };

  const shares = (share: Share, ways: number): readonly number[] =>
    share === "duplicate" ? Array.from({ length: ways }, () => 1) : share;
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

  /** Adds a stream behind an open end, and gives its own open end. */
  const walk = (part: Stream, before: End | undefined, around: readonly number[]): End | undefined => {
    const made = partOf("graph", part);
    const enter = (node: number, count: number, history = 0): void => {
      if (before !== undefined && part.input !== null) connect(before, { node, count, history }, part.input);
    };
    switch (made.kind) {
      case "source":
        return { node: add("source", "source", around), count: 1, history: 0 };
      case "sink":
        enter(add("sink", "sink", around), 1);
        return undefined;
      case "task": {
        const node = add(part.label, "task", around, made.task);
        enter(node, made.task.takes, made.task.history);
        return { node, count: made.task.gives, history: 0 };
      }
      case "chain":
        return walk(made.then, walk(made.first, before, around), around);
      case "bracket": {
        const number = brackets++;
        return walk(made.inner, before, [...around, number]);
      }
      case "split": {
        const duplicate = made.share === "duplicate";
        const given = shares(made.share, made.branches.length);
        const splitter = add("split", "split", around, undefined, duplicate);
        enter(splitter, duplicate ? 1 : sum(given));
        const ends = made.branches.map((branch, at) =>
          walk(branch, { node: splitter, count: given[at]!, history: 0 }, around),
        );
        const joiner = add("join", "join", around);
        for (const [at, end] of ends.entries())
          if (end !== undefined && part.output !== null)
            connect(end, { node: joiner, count: made.join[at]!, history: 0 }, part.output);
        return { node: joiner, count: sum(made.join), history: 0 };
      }
      case "feedback": {
        const duplicate = made.share === "duplicate";
        const [out = 1, back = 1] = shares(made.share, 2);
        const [outside = 1, returned = 1] = made.join;
        const joiner = add("join", "join", around);
        enter(joiner, outside);
        const end = walk(made.forward, { node: joiner, count: outside + returned, history: 0 }, around);
        const splitter = add("split", "split", around, undefined, duplicate);
        if (end === undefined || part.input === null) return undefined;
        connect(end, { node: splitter, count: duplicate ? 1 : out + back, history: 0 }, part.input);
        const [from, to] = [
          { node: splitter, count: back, history: 0 },
          { node: joiner, count: returned, history: 0 },
        ];
        // The way out is the splitter's first: it is connected by what follows, and so put before the way back then.
        loops.push(() => {
          connect(from, to, made.delay.type, made.delay.elements());
        });
        return { node: splitter, count: out, history: 0 };
      }
    }
  };
  walk(stream, undefined, []);
  for (const close of loops) close();
  return { nodes, edges };
}
