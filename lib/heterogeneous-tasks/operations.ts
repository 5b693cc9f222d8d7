import type { Code, Expression, Statement } from "./code.ts";
import { UNROLLED, weights } from "./fpga/weight.ts";
import { type FlatEdge, flatOf, type FlatNode, type Graph } from "./graph.ts";
import { roundsOf } from "./independent.ts";
import { partsOf } from "./trees.ts";

/**
 * What one firing of a node is made of.
 *
 * @example
 * ```ts
 * import { graph, map, operations, type Operations, sink, source } from "veelab/heterogeneous-tasks";
 * const counts: readonly Operations[] = operations(graph(source("f32").to(map({ label: "twice", input: "f32" }, (x) => 2 * x)).to(sink("f32"))));
 * console.log(counts[1]); // { executed: 3, written: 3, interval: 1 }
 * ```
 */
export interface Operations {
  /** Operations done at most: each operator, each element that is read or stored, the count of a loop once a round. */
  readonly executed: number;
  /** The operators of a circuit that has one for each operation in the code: functions once a call, short loops once a round, as {@link fpgaDesign} writes them out. */
  readonly written: number;
  /** The most operations that one of these operators does, or elements that come or go on one edge: so many cycles pass before a circuit begins its next firing, where a firing takes the dearer way of each `if` and all rounds. */
  readonly interval: number;
}

/**
 * The operations of one firing of each node, from the tasks' trees: loops with the most rounds that their bounds allow, of `if` the dearer way. A splitter and a joiner
 * move each element once; source and sink do nothing. Linear in the code.
 *
 * @throws OptionError for what is no graph
 *
 * @example
 * ```ts
 * import { graph, operations, reduce, sink, source } from "veelab/heterogeneous-tasks";
 * const sum = reduce({ label: "sum", input: "f32", of: 4 }, (a, b) => a + b);
 * // The first element; three rounds of count, element and sum; the store.
 * console.log(operations(graph(source("f32").to(sum).to(sink("f32"))))[1]?.executed); // 11
 * ```
 */
export function operations(graph: Graph): readonly Operations[] {
  const { nodes, edges } = flatOf(graph);
  return nodes.map((node) => operationsOf(node, edges));
}

function operationsOf({ kind, task, inputs, outputs }: FlatNode, edges: readonly FlatEdge[]): Operations {
  if (kind === "source" || kind === "sink") return NOTHING;
  const taken = inputs.map((at) => edges[at]!.takes);
  const given = outputs.map((at) => edges[at]!.gives);
  const moved = (kind === "split" ? given : taken).reduce((sum, elements) => sum + elements, 0);
  const { executed, written, interval } =
    task === undefined ? { executed: moved, written: moved, interval: 1 } : ofCode(task.code);
  return { executed, written, interval: Math.max(interval, ...taken, ...given) };
}

const NOTHING: Operations = { executed: 0, written: 0, interval: 0 };
const ONE: Operations = { executed: 1, written: 1, interval: 1 };

const plus = (...all: readonly Operations[]): Operations =>
  all.reduce(
    (sum, { executed, written, interval }) => ({
      executed: sum.executed + executed,
      written: sum.written + written,
      interval: Math.max(sum.interval, interval),
    }),
    NOTHING,
  );

function ofCode(code: Code): Operations {
  const calls = new Map<string, Operations>();
  const { weight } = weights(code);

  const ofExpression = (one: Expression): Operations => {
    const parts = plus(...partsOf(one).map(ofExpression));
    if (one.kind === "call") return plus(calls.get(one.function)!, parts);
    return one.kind === "literal" || one.kind === "local" ? NOTHING : plus(ONE, parts);
  };

  /** Loops of a function are always written out. */
  const ofStatements = (list: readonly Statement[], always: boolean): Operations =>
    plus(...list.map((one) => ofStatement(one, always)));

  const ofStatement = (one: Statement, always: boolean): Operations => {
    switch (one.kind) {
      case "let":
      case "set":
        return ofExpression(one.value);
      case "store":
        return plus(ofExpression(one.index), ofExpression(one.value), ONE);
      case "if": {
        const [then, otherwise] = [ofStatements(one.then, always), ofStatements(one.otherwise, always)];
        const executed = Math.max(then.executed, otherwise.executed);
        return plus(ofExpression(one.condition), { ...plus(then, otherwise), executed });
      }
      case "for": {
        const rounds = roundsOf(one);
        const { executed, written, interval } = plus(ONE, ofStatements(one.body, always));
        const repeated =
          always || weight(one) <= UNROLLED
            ? { written: rounds * written, interval: Math.min(rounds, interval) }
            : { written, interval: rounds * interval };
        return plus(ofExpression(one.from), ofExpression(one.to), { executed: rounds * executed, ...repeated });
      }
    }
  };

  for (const { name, body, result } of code.functions)
    calls.set(name, plus(ofStatements(body, true), ofExpression(result)));
  return ofStatements(code.body, false);
}
