import { makeVector, Table } from "apache-arrow";
import { onlyOptions } from "../core/options.ts";
import { bulk } from "./bulk.ts";
import type { Network } from "./network.ts";
import type { NodeCosts } from "./node.ts";
import type { Program } from "./program.ts";

/**
 * Options of {@link overhead}.
 *
 * @example
 * ```ts
 * import { catamount, nativeGuest, palacios2009, seaStar, virtualGuest, type OverheadOptions } from "veelab/hpc-overhead";
 * const options: OverheadOptions = {
 *   network: seaStar, native: nativeGuest(catamount), virtual: virtualGuest(catamount, palacios2009, "selected"),
 * };
 * console.log(options.network.label);
 * ```
 */
export interface OverheadOptions {
  /** The network. */
  readonly network: Network;
  /** A node without a hypervisor. */
  readonly native: NodeCosts;
  /** A node with one. */
  readonly virtual: NodeCosts;
}

/**
 * A program with and without a hypervisor.
 *
 * @example
 * ```ts
 * import type { OverheadRow } from "veelab/hpc-overhead";
 * const holds = ({ overheadPct }: OverheadRow): boolean => overheadPct <= 5;
 * console.log(holds);
 * ```
 */
export type OverheadRow = {
  /** The program's label. */
  readonly program: string;
  /** The label of the nodes with a hypervisor. */
  readonly virtual: string;
  /** How many nodes. */
  readonly nodes: number;
  /** Time without, ns. */
  readonly nativeNs: number;
  /** Time with, ns. */
  readonly virtualNs: number;
  /** How much longer, %. */
  readonly overheadPct: number;
  /** How much more a node worked or was held up on average, % of the time without: what no waiting for others would make it. */
  readonly localPct: number;
  /** The first by the second: above 1 where waiting multiplies what a node loses. Null where a node loses nothing. */
  readonly amplification: number | null;
};

/**
 * Runs a bulk-synchronous program on nodes without and with a hypervisor.
 *
 * @throws OptionError as {@link bulk}
 *
 * @example
 * ```ts
 * import { catamount, hpccg, nativeGuest, overhead, palacios2009, seaStar, virtualGuest } from "veelab/hpc-overhead";
 * const { row, nodes } = overhead(hpccg({ nodes: 64, iterations: 3 }), {
 *   network: seaStar, native: nativeGuest(catamount), virtual: virtualGuest(catamount, palacios2009, "selected"),
 * });
 * console.log(row.overheadPct < 5, nodes.numRows); // true 64
 * ```
 */
export function overhead(
  program: Program,
  options: OverheadOptions,
): {
  /** The run in a row. */
  readonly row: OverheadRow;
  /** A row a node: `node`, `nativeNs`, `virtualNs`, `overheadPct`. */
  readonly nodes: Table;
} {
  onlyOptions(options, ["network", "native", "virtual"]);
  const { network } = options;
  const native = bulk(program, { network, node: options.native });
  const virtual = bulk(program, { network, node: options.virtual });
  const nativeNs = native.row.timeNs;
  const virtualNs = virtual.row.timeNs;
  const workOf = ({ row }: typeof native): number => row.meanBusyNs + row.meanStolenNs;
  const overheadPct = 100 * (virtualNs / nativeNs - 1);
  const localPct = (100 * (workOf(virtual) - workOf(native))) / nativeNs;
  const [nativeEnds, virtualEnds] = [native, virtual].map(
    ({ nodes }) => nodes.getChild("endNs")!.toArray() as Float64Array,
  );
  return {
    row: {
      ...{ program: program.label, virtual: options.virtual.label, nodes: program.nodes, nativeNs, virtualNs },
      ...{ overheadPct, localPct, amplification: localPct === 0 ? null : overheadPct / localPct },
    },
    nodes: new Table({
      node: makeVector(Uint32Array.from(nativeEnds!, (_, node) => node)),
      nativeNs: makeVector(nativeEnds!),
      virtualNs: makeVector(virtualEnds!),
      overheadPct: makeVector(nativeEnds!.map((end, node) => 100 * (virtualEnds![node]! / end - 1))),
    }),
  };
}
