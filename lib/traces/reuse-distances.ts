import { makeVector, Table } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { eachKey, keyBytes } from "./keys.ts";
import { ReuseSample } from "./reuse-sample.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { byteUnit } from "./time-bins.ts";

/** What {@link reuseDistances} finds. */
export interface ReuseDistances extends Characteristic {
  /** Whether the distances are exact (at most 65,536 different blocks or pages) or sampled. */
  readonly exact: boolean;
  /** The share of blocks or pages that were followed. */
  readonly sampleRate: number;
  /** Different blocks or pages of 4 KiB, estimated where sampled. */
  readonly distinct: number;
  /** The share of uses of the most used hundredth and tenth of the blocks or pages, 0 to 1. */
  readonly hottest1Share: number;
  /** The share of uses of the most used tenth, 0 to 1. */
  readonly hottest10Share: number;
}

/**
 * The miss ratio of an LRU cache by its size, from the reuse distances of blocks (of a block trace) or pages (of
 * references to memory) of 4 KiB: one pass gives all sizes. The table has a row for each size where it changes:
 * `entries`, `bytes`, `missRatio`. Exact up to 65,536 different blocks, sampled beyond (`reuse-sample.ts` says
 * how). An object without an offset counts as a block of 4 KiB. O(log n) a use, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, reuseDistances } from "veelab/traces";
 *
 * const { exact, distinct } = await reuseDistances(blockWorkload({ requests: 1000, diskBytes: 2 ** 20 }));
 * console.log(exact, distinct <= 256); // true true
 * ```
 */
export function reuseDistances(trace: Trace): Promise<ReuseDistances> {
  return characterise(trace, "a block trace or references to memory", reuseDistancesOf());
}

/** The accumulator of {@link reuseDistances}. */
export function reuseDistancesOf(sample: ReuseSample = new ReuseSample()): Accumulator<ReuseDistances> {
  let hasObjects = false;
  return {
    add(batch) {
      eachKey(batch, (keys) => {
        hasObjects ||= keys.hasObjects;
        sample.useAll(keys);
      });
    },
    result() {
      const ratios = sample.missRatios();
      if (ratios.length === 0) return undefined;
      const entries = Float64Array.from(ratios, (ratio) => ratio.entries);
      const bytes = entries.map((count) => count * keyBytes);
      const table = new Table({
        entries: makeVector(entries),
        bytes: makeVector(bytes),
        missRatio: makeVector(Float64Array.from(ratios, ({ missRatio }) => missRatio)),
      });
      const { unit, bytes: unitBytes } = byteUnit(bytes.at(-1)!);
      const how = sample.exact ? "exact" : `sampled, ${(100 * sample.rate).toPrecision(2)} % of the blocks`;
      const chart = lines(
        ratios.map(({ missRatio }, at) => ({ size: bytes[at]! / unitBytes, missRatio })),
        {
          title: "Miss ratio of an LRU cache",
          subtitle: `from reuse distances of 4 KiB (${how})${hasObjects ? "; an object without an offset counts as 4 KiB" : ""}`,
          x: { field: "size", title: "cache size", unit, log: true },
          y: { title: "miss ratio", unit: "" },
          measured: "missRatio",
          shape: "step",
          points: false,
        },
      );
      return characteristic(table, chart, {
        exact: sample.exact,
        sampleRate: sample.rate,
        distinct: sample.distinct,
        hottest1Share: sample.shareOfHottest(0.01),
        hottest10Share: sample.shareOfHottest(0.1),
      });
    },
  };
}
