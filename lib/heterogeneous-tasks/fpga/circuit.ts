import { ANY, type Range } from "../code.ts";
import type { Flat, FlatNode } from "../graph.ts";
import { schedule } from "../schedule.ts";
import type { Elements } from "../value.ts";
import { lower, outputRange } from "./lower.ts";
import { isRam, type Plan, planOf } from "./plan.ts";
import { widthOf } from "./timing.ts";

/** A queue of a circuit: what it holds at first, and how much it can hold. */
export interface Queue {
  readonly depth: number;
  readonly start: Elements;
  /** What the task that takes from it saw before. */
  readonly history: Elements;
  /** Of all elements that ever are in it. */
  readonly range: Range;
}

/** A whole graph as hardware: the model and the Verilog are made of it. */
export interface Circuit {
  readonly flat: Flat;
  /** Of each node that is a task. */
  readonly plans: readonly (readonly Plan[] | undefined)[];
  /** Of each edge. */
  readonly queues: readonly Queue[];
}

/**
 * Plans each task with the range of what comes to it, and sizes the queues so that nothing stalls: a static schedule's needs, or two elements where no way around the
 * queue exists.
 */
export function circuit(flat: Flat, state?: readonly Elements[]): Circuit {
  const { nodes, edges } = flat;
  const ranges: (Range | undefined)[] = edges.map(() => undefined);
  const plans = nodes.map(({ kind, task, inputs, outputs }) => {
    // Of a way back, nothing is known yet.
    for (const edge of inputs) ranges[edge] ??= ANY;
    const given = inputs.map((edge) => ranges[edge]!);
    let range: Range = { min: Math.min(...given.map(({ min }) => min)), max: Math.max(...given.map(({ max }) => max)) };
    if (kind === "source") range = ANY;
    const blocks = task === undefined ? undefined : lower(task, range);
    if (blocks !== undefined) range = task!.output === "f32" ? ANY : outputRange(blocks);
    for (const edge of outputs) {
      const extremes = [range.min, range.max, 0, ...(edges[edge]!.type === "i32" ? edges[edge]!.start : [])];
      ranges[edge] ??= { min: Math.min(...extremes), max: Math.max(...extremes) };
    }
    const width = task === undefined ? 0 : widthOf({ type: task.output, range: ranges[outputs[0]!]! });
    return blocks?.map((block, at) => planOf(block, at, isRam(task!.gives, width)));
  });
  const { most } = schedule(flat, 1);
  const queues = edges.map((edge, at) => {
    const held = state?.[at] ?? edge.start;
    const least = bridge(flat, at) ? 2 : most[at]! - edge.history;
    return {
      depth: 2 ** Math.ceil(Math.log2(Math.max(2, least))),
      start: held.slice(edge.history),
      history: held.slice(0, edge.history),
      range: ranges[at]!,
    };
  });
  return { flat, plans, queues };
}

/** Whether the graph falls apart without the edge. */
function bridge({ nodes, edges }: Flat, without: number): boolean {
  const { from, to } = edges[without]!;
  const seen = new Set([from]);
  const waiting = [from];
  const around = ({ inputs, outputs }: FlatNode): number[] => [...inputs, ...outputs];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const edge of around(nodes[at]!))
      if (edge !== without)
        for (const end of [edges[edge]!.from, edges[edge]!.to])
          if (!seen.has(end)) {
            seen.add(end);
            waiting.push(end);
          }
  return !seen.has(to);
}
