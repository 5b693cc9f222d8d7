import type { Flat } from "./graph.ts";
import type { Move } from "./moves.ts";
import type { Step } from "./schedule.ts";

/**
 * The text of a function of `rounds`, `queues` by edge and `tasks` by node, which runs these steps so often: in one loop over places in queues that are locals of it, as a
 * round of a loop of the graph moves a few elements only. `clears` says whether what a task does not store has to be cleared before. Linear in what a round moves.
 */
export function roundsText(
  { nodes, edges }: Flat,
  steps: readonly Step[],
  moves: readonly (readonly Move[])[],
  clears: (node: number) => boolean,
): string {
  const used = [...new Set(steps.flatMap(({ node }) => [...nodes[node]!.inputs, ...nodes[node]!.outputs]))];
  const tasks = steps.filter(({ node }) => nodes[node]!.kind === "task");

  const step = ({ node, count }: Step): string => {
    const { kind, inputs, outputs } = nodes[node]!;
    const [x = 0, y = 0] = [inputs[0], outputs[0]];
    const lines = moves[node]!.map(({ from, to, fromAt, toAt, length }) => {
      const [target, value] = [`q${to}[t${to} + ${toAt} + ty + i]`, `q${from}[h${from} + ${fromAt} + tx + i]`];
      const head = `let k = 0, tx = 0, ty = 0; k < ${count}; k++, tx += ${edges[from]!.takes}, ty += ${edges[to]!.gives}`;
      return `for (${head}) for (let i = 0; i < ${length}; i++) ${target} = ${value};`;
    });
    if (kind === "task") {
      if (clears(node)) lines.push(`for (let i = 0; i < ${count * edges[y]!.gives}; i++) q${y}[t${y} + i] = 0;`);
      lines.push(`f${node}(${count}, q${x}, h${x}, q${y}, t${y});`);
    }
    return [
      ...lines,
      ...inputs.map((edge) => `h${edge} += ${count * edges[edge]!.takes};`),
      ...outputs.map((edge) => `t${edge} += ${count * edges[edge]!.gives};`),
    ].join("\n");
  };

  return [
    ...tasks.map(({ node }) => `const f${node} = tasks[${node}];`),
    ...used.map((edge) => `let { elements: q${edge}, head: h${edge}, tail: t${edge} } = queues[${edge}];`),
    "for (let round = 0; round < rounds; round++) {",
    ...steps.map(step),
    "}",
    ...used.map((edge) => `queues[${edge}].head = h${edge};\nqueues[${edge}].tail = t${edge};`),
  ].join("\n");
}
