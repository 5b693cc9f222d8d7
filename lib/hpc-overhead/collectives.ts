import { type Round, round } from "./program.ts";

/**
 * Allreduce by recursive doubling, as MPICH does it for short messages: with 2^m nodes m rounds in which pairs exchange;
 * with others, the surplus is folded into its neighbours before and told the result after, two rounds more.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { allreduce } from "veelab/hpc-overhead";
 * console.log(allreduce(8, 8).length, allreduce(9, 8).length); // 3 5
 * ```
 */
export function allreduce(nodes: number, bytes: number): Round[] {
  const core = 2 ** Math.floor(Math.log2(Math.max(1, nodes)));
  const surplus = nodes - core;
  // Of the first 2 × surplus nodes the odd ones stand for themselves and their left neighbours.
  const nodeOf = (rank: number): number => (rank < surplus ? 2 * rank + 1 : rank + surplus);
  const rankOf = (node: number): number =>
    node >= 2 * surplus ? node - surplus : node % 2 === 1 ? (node - 1) / 2 : Number.NaN;
  const doubling = (distance: number): Round =>
    round(nodes, bytes, (node) => {
      const rank = rankOf(node);
      return Number.isNaN(rank) ? [] : [nodeOf(rank ^ distance)];
    });
  const rounds: Round[] = [];
  if (surplus > 0) rounds.push(round(nodes, bytes, (node) => (node < 2 * surplus && node % 2 === 0 ? [node + 1] : [])));
  for (let distance = 1; distance < core; distance *= 2) rounds.push(doubling(distance));
  if (surplus > 0) rounds.push(round(nodes, bytes, (node) => (node < 2 * surplus && node % 2 === 1 ? [node - 1] : [])));
  return rounds;
}

/**
 * Barrier by dissemination: ⌈log2 P⌉ rounds for any number of nodes.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { barrier } from "veelab/hpc-overhead";
 * console.log(barrier(100_000).length); // 17
 * ```
 */
export function barrier(nodes: number): Round[] {
  return dissemination(nodes, 1);
}

/** Rounds in which each node sends to the one 1, 2, 4, … places further. */
export function dissemination(nodes: number, bytes: number): Round[] {
  const rounds: Round[] = [];
  for (let distance = 1; distance < nodes; distance *= 2)
    rounds.push(round(nodes, bytes, (node) => [(node + distance) % nodes]));
  return rounds;
}

/**
 * Broadcast from a node by a binomial tree: ⌈log2 P⌉ rounds, in the k-th of which 2^k nodes send.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { broadcast } from "veelab/hpc-overhead";
 * console.log(broadcast(5, 8, 0).map((step) => step.to.join())); // [ '1', '2,3', '4' ]
 * ```
 */
export function broadcast(nodes: number, bytes: number, root: number): Round[] {
  const rounds: Round[] = [];
  for (let distance = 1; distance < nodes; distance *= 2)
    rounds.push(
      round(nodes, bytes, (node) => {
        const rank = (node - root + nodes) % nodes;
        return rank < distance && rank + distance < nodes ? [(node + distance) % nodes] : [];
      }),
    );
  return rounds;
}

/**
 * Reduction to a node by a binomial tree: the broadcast backwards.
 *
 * @throws OptionError for a number out of range
 *
 * @example
 * ```ts
 * import { reduce } from "veelab/hpc-overhead";
 * console.log(reduce(4, 8, 0).map((step) => step.to.join())); // [ '0,1', '0' ]
 * ```
 */
export function reduce(nodes: number, bytes: number, root: number): Round[] {
  const rounds: Round[] = [];
  for (let distance = 2 ** (Math.ceil(Math.log2(Math.max(1, nodes))) - 1); distance >= 1; distance /= 2)
    rounds.push(
      round(nodes, bytes, (node) => {
        const rank = (node - root + nodes) % nodes;
        return rank >= distance && rank < 2 * distance ? [(node - distance + nodes) % nodes] : [];
      }),
    );
  return rounds;
}
