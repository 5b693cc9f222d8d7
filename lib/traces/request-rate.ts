import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { TimeBins, timeUnit } from "./time-bins.ts";

/** What {@link requestRate} finds. */
export interface RequestRate extends Characteristic {
  /** Requests whose time is known; others are left out. */
  readonly requests: number;
  /** From the first time to the last. */
  readonly durationNs: number;
  /** The width of an interval of the table. */
  readonly intervalNs: number;
  /** The share of reads among reads and writes, 0 to 1. */
  readonly readShare: number;
  /** Bytes that were read, by requests whose size is known. */
  readonly readBytes: number;
  /** Bytes that were written, by requests whose size is known. */
  readonly writtenBytes: number;
  /** Requests whose time lies before that of the one above them. */
  readonly outOfOrder: number;
}

/**
 * Requests a second over time, reads and writes apart: the load and its mix. The interval grows with the trace, so
 * that there are 120 to 240 of them. The table has a row for each interval and operation: `timeS` (its beginning),
 * `op`, `perS`, `bytesPerS`. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, requestRate } from "veelab/traces";
 *
 * const rate = await requestRate(blockWorkload({ requests: 5000, ratePerS: 100, readShare: 0.8 }));
 * console.log(rate.readShare.toFixed(1)); // 0.8
 * ```
 */
export function requestRate(trace: Trace): Promise<RequestRate> {
  return characterise(trace, "a block trace", requestRates());
}

/** The accumulator of {@link requestRate}. */
export function requestRates(): Accumulator<RequestRate> {
  const bins = new TimeBins(4);
  let requests = 0;
  let first = Infinity;
  let last = -Infinity;
  let before = -Infinity;
  let outOfOrder = 0;
  return {
    add(batch) {
      const times = numbersOf(batch, "timeNs");
      const sizes = numbersOf(batch, "sizeBytes");
      const { codes, texts } = wordsOf(batch, "op");
      const series = texts.map((text) => (text === "read" ? 0 : text === "write" ? 1 : -1));
      const [reads, writes, readBytes, writeBytes] = bins.sums as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      // Captured variables are slow to write: a loop has its own.
      let [low, high, above, late, done] = [first, last, before, outOfOrder, requests];
      for (let row = 0; row < batch.numRows; row += 1) {
        const time = times[row]!;
        if (Number.isNaN(time)) continue;
        done += 1;
        if (time < above) late += 1;
        above = time;
        if (time < low) low = time;
        if (time > high) high = time;
        const bin = bins.binOf(time);
        const of = series[codes[row]!];
        const size = sizes[row]!;
        const bytes = Number.isNaN(size) ? 0 : size;
        if (of === 0) {
          reads[bin]! += 1;
          readBytes[bin]! += bytes;
        } else if (of === 1) {
          writes[bin]! += 1;
          writeBytes[bin]! += bytes;
        }
      }
      [first, last, before, outOfOrder, requests] = [low, high, above, late, done];
    },
    result() {
      if (requests === 0) return undefined;
      const { count, width, sums } = bins;
      const total = (at: number) => sums[at]!.reduce((sum, value) => sum + value, 0);
      const unit = timeUnit(last - first);
      const timeS = new Float64Array(2 * count);
      const perS = new Float64Array(2 * count);
      const bytesPerS = new Float64Array(2 * count);
      const op: string[] = [];
      for (let bin = 0; bin < count; bin += 1)
        for (const of of [0, 1]) {
          const row = 2 * bin + of;
          timeS[row] = (bin * width) / 1e9;
          op.push(of === 0 ? "read" : "write");
          perS[row] = (sums[of]![bin]! / width) * 1e9;
          bytesPerS[row] = (sums[of + 2]![bin]! / width) * 1e9;
        }
      const table = new Table({
        timeS: makeVector(timeS),
        op: vectorFromArray(op, new Utf8()),
        perS: makeVector(perS),
        bytesPerS: makeVector(bytesPerS),
      });
      const rows = op.map((name, row) => ({ time: (timeS[row]! * 1e9) / unit.ns, op: name, rate: perS[row]! }));
      const chart = lines(rows, {
        title: "Request rate",
        subtitle: `${requests.toLocaleString("en")} requests, intervals of ${width / timeUnit(width).ns} ${timeUnit(width).unit}`,
        x: { field: "time", title: "time", unit: unit.unit },
        y: { title: "requests", unit: "per s" },
        series: { field: "op", title: "operation", order: ["read", "write"] },
        measured: "rate",
        shape: "step",
        points: false,
      });
      const [reads, writes] = [total(0), total(1)];
      return characteristic(table, chart, {
        requests,
        durationNs: last - first,
        intervalNs: width,
        readShare: reads + writes === 0 ? 0 : reads / (reads + writes),
        readBytes: total(2),
        writtenBytes: total(3),
        outOfOrder,
      });
    },
  };
}
