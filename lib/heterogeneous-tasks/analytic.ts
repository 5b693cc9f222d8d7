import { OptionError } from "../core/errors.ts";
import { integer, nonNegative, positive } from "../core/options.ts";

/**
 * The repetition vector of a graph from its topology matrix Γ, a row an edge and a column a node, with what a firing gives above zero and what it takes below:
 * the smallest positive whole r with Γ·r = 0. By Gauss's elimination in exact fractions; cubic.
 *
 * @returns undefined where there is none: the rates are inconsistent
 * @throws OptionError for a matrix whose solutions are of more dimensions than one (the graph is not connected)
 *
 * @example
 * ```ts
 * import { repetitions } from "veelab/heterogeneous-tasks";
 * console.log(repetitions([[2, -3, 0], [0, 1, -2]]), repetitions([[1, -1], [1, -2]])); // [ 3, 2, 1 ] undefined
 * ```
 */
export function repetitions(matrix: readonly (readonly number[])[]): readonly number[] | undefined {
  const nodes = matrix[0]?.length ?? 0;
  // Rows stay whole: a row is multiplied instead of divided.
  const rows = matrix.map((row) => row.map(BigInt));
  const pivots: number[] = [];
  for (let column = 0; column < nodes && pivots.length < rows.length; column++) {
    const at = rows.findIndex((row, index) => index >= pivots.length && row[column] !== 0n);
    if (at < 0) continue;
    const pivot = rows[at]!;
    rows[at] = rows[pivots.length]!;
    rows[pivots.length] = pivot;
    for (const [index, row] of rows.entries()) {
      if (row === pivot || row[column] === 0n) continue;
      const [by, times] = [pivot[column]!, row[column]!];
      rows[index] = row.map((entry, place) => entry * by - pivot[place]! * times);
    }
    pivots.push(column);
  }
  if (pivots.length === nodes) return undefined;
  if (pivots.length < nodes - 1)
    throw new OptionError("matrix", "the rates of a connected graph", `rank ${pivots.length} of ${nodes} nodes`);
  // One column is free. With its firings = the product of all pivots, every other is whole.
  const free = Array.from({ length: nodes }, (_, column) => column).find((column) => !pivots.includes(column))!;
  const product = pivots.reduce((all, column, index) => all * rows[index]![column]!, 1n);
  const counts = Array.from({ length: nodes }, () => product);
  for (const [index, column] of pivots.entries())
    counts[column] = (-rows[index]![free]! * product) / rows[index]![column]!;
  const divisor = counts.reduce((a, b) => {
    while (b !== 0n) [a, b] = [b, a % b];
    return a;
  });
  const result = counts.map((count) => Number(count / divisor));
  return result.every((count) => count > 0)
    ? result
    : result.every((count) => count < 0)
      ? result.map((count) => -count)
      : undefined;
}

/**
 * Iterations a second of a pipeline whose stages work at the same time, with queues that hold two iterations or more: 1 / max(rᵢ·tᵢ/pᵢ). Linear.
 *
 * @param stages - firings an iteration, s a firing, and how many copies of the stage share them
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { pipelineRate } from "veelab/heterogeneous-tasks";
 * console.log(pipelineRate([{ firings: 4, firingS: 0.5, copies: 4 }, { firings: 1, firingS: 2, copies: 1 }])); // 0.5
 * ```
 */
export function pipelineRate(
  stages: readonly { readonly firings: number; readonly firingS: number; readonly copies: number }[],
): number {
  const times = stages.map(({ firings, firingS, copies }, at) => {
    integer(`stages[${at}].firings`, firings, { min: 1 });
    integer(`stages[${at}].copies`, copies, { min: 1 });
    return (firings * positive(`stages[${at}].firingS`, firingS)) / copies;
  });
  return 1 / Math.max(...times);
}

/**
 * The elements that a queue outside of loops holds at most in a schedule in which each node is there once: what is there at first, and all that an iteration
 * moves, the least common multiple of both rates times `rounds`. Constant time.
 *
 * @param queue - elements given and taken a firing; initial ones; how many of the least rounds of the two an iteration has
 * @throws OptionError for numbers out of range
 *
 * @example
 * ```ts
 * import { queueElements } from "veelab/heterogeneous-tasks";
 * console.log(queueElements({ gives: 2, takes: 3, initial: 1, rounds: 1 })); // 7
 * ```
 */
export function queueElements(queue: {
  readonly gives: number;
  readonly takes: number;
  readonly initial: number;
  readonly rounds: number;
}): number {
  let [a, b] = [integer("gives", queue.gives, { min: 1 }), integer("takes", queue.takes, { min: 1 })];
  while (b > 0) [a, b] = [b, a % b];
  return (
    nonNegative("initial", queue.initial) +
    ((queue.gives * queue.takes) / a) * integer("rounds", queue.rounds, { min: 1 })
  );
}
