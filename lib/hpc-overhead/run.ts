import { makeVector, Table } from "apache-arrow";

/**
 * A run in a row.
 *
 * @example
 * ```ts
 * import type { RunRow } from "veelab/hpc-overhead";
 * const waited = (row: RunRow): number => 1 - row.meanBusyNs / row.timeNs;
 * console.log(waited);
 * ```
 */
export type RunRow = {
  /** The program's label. */
  readonly program: string;
  /** The label of the nodes' costs. */
  readonly node: string;
  /** The network's label. */
  readonly network: string;
  /** How many nodes took part. */
  readonly nodes: number;
  /** When the last node was done, ns. */
  readonly timeNs: number;
  /** When the first node was done, ns. */
  readonly firstNs: number;
  /** How long a node computed and handled messages, on average, ns. */
  readonly meanBusyNs: number;
  /** How much noise delayed that, on average, ns; what fell into waits is not in it, but for what outlasted them. */
  readonly meanStolenNs: number;
};

/** The row of a run whose nodes ended at these times. */
export function summarise(
  program: string,
  node: string,
  network: string,
  ends: Float64Array,
  busy: Float64Array,
  stolen: Float64Array,
): RunRow {
  let [last, first, busyNs, stolenNs] = [0, Infinity, 0, 0];
  for (let at = 0; at < ends.length; at++) {
    last = Math.max(last, ends[at]!);
    first = Math.min(first, ends[at]!);
    busyNs += busy[at]!;
    stolenNs += stolen[at]!;
  }
  return {
    ...{ program, node, network, nodes: ends.length, timeNs: last, firstNs: first },
    ...{ meanBusyNs: busyNs / ends.length, meanStolenNs: stolenNs / ends.length },
  };
}

/** The nodes of a run, a row each. */
export function nodeTable(ends: Float64Array, busy: Float64Array, stolen: Float64Array): Table {
  return new Table({
    node: makeVector(Uint32Array.from(ends, (_, node) => node)),
    endNs: makeVector(ends),
    busyNs: makeVector(busy),
    stolenNs: makeVector(stolen),
  });
}
