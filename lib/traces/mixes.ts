import { references } from "../../datasets/formats/kinds.ts";
import { hasColumns, numbersOf } from "./columns.ts";
import { overTime, type Part } from "./over-time.ts";
import { type Accumulator, characterise, type Characteristic, type Trace } from "./source.ts";

/** What makes up a trace, over time. */
export interface Mix extends Characteristic {
  /** The whole trace's parts, the largest first. */
  readonly parts: readonly Part[];
}

const percent = (parts: readonly Part[]): string =>
  parts
    .slice(0, 4)
    .map(({ name, share }) => `${name} ${(100 * share).toFixed(1)} %`)
    .join(", ");

/**
 * Reads, writes and other operations of a block trace: each one's share of the requests over time. The table has a
 * row for each of 60 to 120 intervals and operation: `time` (s), `name`, `total` (requests), `share`. One pass,
 * constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, readWriteMix } from "veelab/traces";
 *
 * const { parts } = await readWriteMix(blockWorkload({ requests: 5000, readShare: 0.8 }));
 * console.log(parts[0]?.name, parts[0]?.share.toFixed(1)); // read 0.8
 * ```
 */
export function readWriteMix(trace: Trace): Promise<Mix> {
  return characterise(trace, "a block trace", readWriteMixes());
}

/** The accumulator of {@link readWriteMix}. */
export const readWriteMixes = (): Accumulator<Mix> =>
  overTime({
    title: "Mix of operations",
    by: { field: "op", title: "operation" },
    shown: "share",
    subtitle: percent,
    y: { title: "requests", unit: "%", domain: [0, 100] },
  });

/**
 * Fetches, reads and writes of references to memory or of page runs: each one's share over time. The table has a row
 * for each of 60 to 120 intervals and kind: `time` (millions of references), `name`, `total` (references), `share`.
 * One pass, constant memory.
 *
 * @example
 * ```ts
 * import { memoryReferences, referenceMix } from "veelab/traces";
 *
 * const { parts } = await referenceMix(memoryReferences({ references: 10_000, writeShare: 0.3 }));
 * console.log(parts.map(({ name }) => name)); // [ "read", "write" ]
 * ```
 */
export function referenceMix(trace: Trace): Promise<Mix> {
  return characterise(trace, "references to memory", referenceMixes());
}

/** The accumulator of {@link referenceMix}. */
export const referenceMixes = (): Accumulator<Mix> =>
  overTime({
    title: "Mix of references",
    by: { field: "kind", title: "kind", names: references },
    amounts: (batch) =>
      hasColumns(batch.schema, ["count"]) ? numbersOf(batch, "count") : new Uint8Array(batch.numRows).fill(1),
    shown: "share",
    subtitle: percent,
    y: { title: "references", unit: "%", domain: [0, 100] },
  });

/**
 * Counters over time: the mean of each counter's values (increments of equal intervals, as `perf stat -I` gives them)
 * in a panel for each of the seven largest of those that change. The table has a row for each of 60 to 120 intervals and counter: `time`
 * (s), `name`, `total`, `rows` (values), `share`. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { Float64, Table, Utf8, vectorFromArray } from "apache-arrow";
 * import { countersOverTime } from "veelab/traces";
 *
 * const counters = new Table({
 *   timeNs: vectorFromArray([1e9, 1e9, 2e9], new Float64()),
 *   event: vectorFromArray(["cycles", "misses", "cycles"], new Utf8()),
 *   value: vectorFromArray([3e9, 1e6, 2e9], new Float64()),
 * });
 * console.log((await countersOverTime(counters)).parts[0]); // { name: "cycles", total: 5000000000, share: 0.9998… }
 * ```
 */
export function countersOverTime(trace: Trace): Promise<Mix> {
  return characterise(trace, "counters", counterMixes());
}

/** The accumulator of {@link countersOverTime}. */
export const counterMixes = (): Accumulator<Mix> =>
  overTime({
    title: "Counters over time",
    by: { field: "event", title: "event" },
    amounts: (batch) => numbersOf(batch, "value"),
    shown: "panels",
    y: { title: "mean value", unit: "" },
  });
