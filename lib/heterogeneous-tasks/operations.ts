import type { Code, Expression, FunctionCode, Statement } from "./code.ts";
import { flatOf, type FlatNode, type Graph } from "./graph.ts";

/**
 * What one firing of a node is made of.
 *
 * @example
 * ```ts
 * import { graph, map, operations, type Operations, sink, source } from "veelab/heterogeneous-tasks";
 * const counts: readonly Operations[] = operations(graph(source("f32").to(map({ label: "twice", input: "f32" }, (x) => 2 * x)).to(sink("f32"))));
 * console.log(counts[1]); // { executed: 3, written: 3 }
 * ```
 */
export interface Operations {
  /** Operations done at most: each operator, each element that is read or stored, the count of a loop once a round. */
  readonly executed: number;
  /** Operations that stand in the code, functions once a call: the operators of a circuit that has one for each. */
  readonly written: number;
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
  return nodes.map((node) => operationsOf(node, (edge) => edges[edge]!));
}

function operationsOf(
  { kind, task, inputs, outputs }: FlatNode,
  edge: (at: number) => { readonly gives: number; readonly takes: number },
): Operations {
  if (task !== undefined) return ofCode(task.code);
  const moved =
    kind === "split"
      ? outputs.reduce((sum, at) => sum + edge(at).gives, 0)
      : kind === "join"
        ? inputs.reduce((sum, at) => sum + edge(at).takes, 0)
        : 0;
  return { executed: moved, written: moved };
}

const NOTHING: Operations = { executed: 0, written: 0 };
const ONE: Operations = { executed: 1, written: 1 };

const plus = (...all: readonly Operations[]): Operations =>
  all.reduce(
    (sum, { executed, written }) => ({ executed: sum.executed + executed, written: sum.written + written }),
    NOTHING,
  );

function ofCode({ functions, body }: Code): Operations {
  const known = new Map<string, Operations>();
  for (const one of functions) known.set(one.name, ofFunction(one, known));
  return ofStatements(body, known);
}

type Known = ReadonlyMap<string, Operations>;

function ofFunction({ body, result }: FunctionCode, known: Known): Operations {
  return plus(ofStatements(body, known), ofExpression(result, known));
}

function ofStatements(list: readonly Statement[], known: Known): Operations {
  return plus(...list.map((one) => ofStatement(one, known)));
}

function ofStatement(one: Statement, known: Known): Operations {
  switch (one.kind) {
    case "let":
    case "set":
      return ofExpression(one.value, known);
    case "store":
      return plus(ofExpression(one.index, known), ofExpression(one.value, known), ONE);
    case "if": {
      const [then, otherwise] = [ofStatements(one.then, known), ofStatements(one.otherwise, known)];
      const either = {
        executed: Math.max(then.executed, otherwise.executed),
        written: then.written + otherwise.written,
      };
      return plus(ofExpression(one.condition, known), either);
    }
    case "for": {
      const rounds = Math.max(0, Math.ceil((one.to.range.max - one.from.range.min) / one.step));
      const round = plus(ONE, ofStatements(one.body, known));
      return plus(ofExpression(one.from, known), ofExpression(one.to, known), {
        executed: rounds * round.executed,
        written: round.written,
      });
    }
  }
}

function ofExpression(one: Expression, known: Known): Operations {
  switch (one.kind) {
    case "literal":
    case "local":
      return NOTHING;
    case "element":
      return plus(ONE, ofExpression(one.index, known));
    case "call":
      return plus(known.get(one.function)!, ...one.operands.map((operand) => ofExpression(operand, known)));
    case "apply":
      return plus(ONE, ...one.operands.map((operand) => ofExpression(operand, known)));
  }
}
