import { makeVector, Table } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { hasTimes, numbersOf } from "./columns.ts";
import { DistinctCounter, hashOf } from "./distinct.ts";
import { eachKey, keyBytes } from "./keys.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { byteUnit, TimeBins, timeUnit } from "./time-bins.ts";

/** What {@link workingSet} finds. */
export interface WorkingSet extends Characteristic {
  /** Bytes of the different blocks or pages of the whole trace. */
  readonly totalBytes: number;
  /** The largest working set of an interval. */
  readonly peakBytes: number;
  /** The width of an interval: nanoseconds, or references where the trace has no times. */
  readonly interval: number;
}

/**
 * The bytes of different blocks or pages of 4 KiB that each interval touches (the working set of P. Denning, CACM
 * 11(5), 1968), and those touched since the beginning. Counted by HyperLogLog, with a standard error of 3.3 %. The
 * table has a row for each of 60 to 120 intervals: `time` (its beginning: seconds, or millions of references where
 * the trace has no times), `bytes`, `cumulativeBytes`. An object without an offset counts as a block of 4 KiB; rows
 * without a time are left out where the first batch has times. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, workingSet } from "veelab/traces";
 *
 * const set = await workingSet(blockWorkload({ requests: 2000, diskBytes: 2 ** 22 }));
 * console.log(set.totalBytes < 1.2 * 2 ** 22); // true
 * ```
 */
export function workingSet(trace: Trace): Promise<WorkingSet> {
  return characterise(trace, "a block trace or references to memory", workingSets());
}

/** The accumulator of {@link workingSet}. */
export function workingSets(): Accumulator<WorkingSet> {
  const most = 120;
  const bins = new TimeBins(0, most, 1024);
  let counters: DistinctCounter[] = [];
  let references = 0;
  let isTimed: boolean | undefined;
  let hasObjects = false;
  bins.onDouble = () => {
    counters = Array.from({ length: Math.ceil(counters.length / 2) }, (_, at) => {
      const first = counters[2 * at]!;
      const second = counters[2 * at + 1];
      if (second !== undefined) first.merge(second);
      return first;
    });
  };
  return {
    add(batch) {
      if (batch.numRows === 0) return;
      isTimed ??= hasTimes(batch);
      const times = isTimed ? numbersOf(batch, "timeNs") : undefined;
      eachKey(batch, ({ keys, times: uses, rows, count, hasObjects: areObjects }) => {
        hasObjects ||= areObjects;
        let at = references;
        for (let place = 0; place < count; place += 1) {
          const time = times === undefined ? at : times[rows[place]!]!;
          if (Number.isNaN(time)) continue;
          const bin = bins.binOf(time);
          while (counters.length <= bin) counters.push(new DistinctCounter());
          counters[bin]!.add(hashOf(keys[place]!));
          at += uses[place]!;
        }
        references = at;
      });
    },
    result() {
      if (references === 0) return undefined;
      const scale = isTimed ? 1e9 : 1e6;
      const all = new DistinctCounter();
      const bytes = Float64Array.from(counters, (counter) => counter.count() * keyBytes);
      const cumulative = Float64Array.from(counters, (counter) => {
        all.merge(counter);
        return all.count() * keyBytes;
      });
      const times = Float64Array.from(counters, (_, at) => (at * bins.width) / scale);
      const table = new Table({
        time: makeVector(times),
        bytes: makeVector(bytes),
        cumulativeBytes: makeVector(cumulative),
      });
      const { unit, bytes: unitBytes } = byteUnit(cumulative.at(-1)!);
      const span = timeUnit(bins.width * counters.length);
      const x = isTimed
        ? { field: "time", title: "time", unit: span.unit }
        : { field: "time", title: "references", unit: "millions" };
      const names = ["of each interval", "since the beginning"] as const;
      const rows = [bytes, cumulative].flatMap((values, at) =>
        Array.from(values, (value, bin) => ({
          time: isTimed ? (times[bin]! * 1e9) / span.ns : times[bin]!,
          bytes: value / unitBytes,
          of: names[at]!,
        })),
      );
      const chart = lines(rows, {
        title: "Working set",
        subtitle: `${(cumulative.at(-1)! / unitBytes).toLocaleString("en", { maximumSignificantDigits: 3 })} ${unit} of different 4 KiB blocks or pages, by HyperLogLog (± 3.3 %)${hasObjects ? "; an object without an offset counts as one" : ""}`,
        x,
        y: { title: "touched", unit },
        series: { field: "of", title: "touched", order: [...names] },
        measured: "bytes",
        shape: "step",
        points: false,
      });
      return characteristic(table, chart, {
        totalBytes: cumulative.at(-1)!,
        peakBytes: Math.max(...bytes),
        interval: bins.width,
      });
    },
  };
}
