import type { Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { integer } from "../core/options.ts";
import { toRows } from "../core/table.ts";
import type { Link } from "./platform.ts";

/**
 * The links of a {@link Platform} from a host's bus as StarPU measured it: the tables of `host.latency` (of 0 bytes) and `host.bandwidth`. Linear.
 *
 * @param latency - rows `from`, `to`, `meanSeconds`, as `open` reads them
 * @param bandwidth - the same, and `sizeBytes`
 * @param memories - which of StarPU's memory nodes are meant, the host's (0) first
 * @throws OptionError where a pair was not measured
 *
 * @example
 * ```ts
 * import { fromRows } from "veelab";
 * import { busLinks } from "veelab/heterogeneous-tasks";
 * const pairs = [{ from: 0, to: 1 }, { from: 1, to: 0 }];
 * const latency = fromRows(pairs.map((pair) => ({ ...pair, sizeBytes: 0, meanSeconds: 1e-5 })));
 * const bandwidth = fromRows(pairs.map((pair) => ({ ...pair, sizeBytes: 1e6, meanSeconds: 2e-4 })));
 * console.log(busLinks(latency, bandwidth, [0, 1])[0]?.[1]); // { latencyS: 0.00001, bytesPerS: 5000000000 }
 * ```
 */
export function busLinks(latency: Table, bandwidth: Table, memories: readonly number[]): readonly (readonly Link[])[] {
  memories.forEach((memory, at) => integer(`memories[${at}]`, memory, { min: 0 }));
  const [latencies, bandwidths] = [toRows(latency), toRows(bandwidth)];
  const rowOf = (name: string, rows: typeof latencies, from: number, to: number): (typeof latencies)[number] => {
    const row = rows.find((one) => one["from"] === from && one["to"] === to);
    if (row === undefined)
      throw new OptionError(name, `a row from memory ${from} to memory ${to}`, `${rows.length} others`);
    return row;
  };
  return memories.map((from) =>
    memories.map((to) => {
      if (from === to) return { latencyS: 0, bytesPerS: Infinity };
      const moved = rowOf("bandwidth", bandwidths, from, to);
      const latencyS = Number(rowOf("latency", latencies, from, to)["meanSeconds"]);
      return { latencyS, bytesPerS: Number(moved["sizeBytes"]) / Number(moved["meanSeconds"]) };
    }),
  );
}
