import { SimulationError } from "../core/errors.ts";
import type { FlatEdge, FlatNode } from "./graph.ts";

/**
 * The smallest whole numbers of firings that balance every edge of a connected graph: gives × firings of its beginning = takes × firings of its end. Ratios spread from
 * the first node; an edge between nodes that have theirs is checked. Linear in edges. Throws a SimulationError where an edge cannot be balanced.
 */
export function balance(nodes: readonly FlatNode[], edges: readonly FlatEdge[]): readonly number[] {
  // Firings of each node for one of the first, as a reduced fraction: ratios of many rates leave 2^53 before their solution does.
  const ratios: (readonly [over: bigint, under: bigint] | undefined)[] = nodes.map(() => undefined);
  ratios[0] = [1n, 1n];
  const waiting = [0];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { inputs, outputs } = nodes[node]!;
    const [over, under] = ratios[node]!;
    for (const at of [...inputs, ...outputs]) {
      const { from, to, gives, takes } = edges[at]!;
      const forwards = from === node;
      const [times, by] = forwards ? [gives, takes] : [takes, gives];
      const ratio = reduced(over * BigInt(times), under * BigInt(by));
      const other = forwards ? to : from;
      const known = ratios[other];
      if (known === undefined) {
        ratios[other] = ratio;
        waiting.push(other);
      } else if (known[0] !== ratio[0] || known[1] !== ratio[1]) throw unbalanced(nodes, edges[at]!, ratios);
    }
  }
  return whole(ratios.map((ratio) => ratio!));
}

function unbalanced(
  nodes: readonly FlatNode[],
  edge: FlatEdge,
  ratios: readonly (readonly [bigint, bigint] | undefined)[],
): SimulationError {
  const [from, to] = whole([ratios[edge.from]!, ratios[edge.to]!]);
  const [giver, taker] = [nodes[edge.from]!.label, nodes[edge.to]!.label];
  return new SimulationError(
    "graph",
    `expected rates that balance between ${giver} and ${taker}, got ${from! * edge.gives} elements given by ${from} firings of ${giver} and ${to! * edge.takes} taken by ${to} of ${taker}`,
  );
}

function whole(ratios: readonly (readonly [over: bigint, under: bigint])[]): readonly number[] {
  const common = ratios.reduce((product, [, under]) => (product / gcd(product, under)) * under, 1n);
  const counts = ratios.map(([over, under]) => over * (common / under));
  const divisor = counts.reduce(gcd);
  return counts.map((count) => {
    const firings = Number(count / divisor);
    if (firings > 2 ** 31)
      throw new SimulationError("graph", `expected at most 2^31 firings of a node an iteration, got ${firings}`);
    return firings;
  });
}

function reduced(over: bigint, under: bigint): readonly [bigint, bigint] {
  const divisor = gcd(over, under);
  return [over / divisor, under / divisor];
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
