import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { byteUnit } from "./time-bins.ts";

/** What {@link requestSizes} finds. */
export interface RequestSizes extends Characteristic {
  /** The mean size of the requests whose size is known; others are left out of all figures. */
  readonly meanBytes: number;
  /**
   * The median: the smallest size that half of the requests do not exceed (Hyndman and Fan's type 1, of all
   * requests); beyond 65,536 different sizes it may be rounded up to a power of two.
   */
  readonly medianBytes: number;
  /** The largest size. */
  readonly maxBytes: number;
}

/** Further sizes are counted by their power of two. */
const mostSizes = 65_536;

const recentSizes = 256;

/** The chart's smallest bar has all sizes up to this power of two. */
const leastPower = 9;

/**
 * How large the requests are, by operation. The table has a row for each size and operation: `sizeBytes`, `op`,
 * `requests`, `share`; beyond 65,536 different sizes, further ones are rounded up to powers of two. The chart counts by powers of two. One pass,
 * bounded memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, requestSizes } from "veelab/traces";
 *
 * const sizes = await requestSizes(blockWorkload({ requests: 1000, sizeBytes: 8192 }));
 * console.log(sizes.medianBytes); // 8192
 * ```
 */
export function requestSizes(trace: Trace): Promise<RequestSizes> {
  return characterise(trace, "a block trace", requestSizesOf());
}

/** The accumulator of {@link requestSizes}. */
export function requestSizesOf(): Accumulator<RequestSizes> {
  const counts = new Map<string, Map<number, number>>();
  let requests = 0;
  let bytes = 0;
  let largest = 0;
  return {
    add(batch) {
      const sizes = numbersOf(batch, "sizeBytes");
      const { codes, texts } = wordsOf(batch, "op");
      const byCode = texts.map((text) => {
        const known = counts.get(text) ?? new Map<number, number>();
        counts.set(text, known);
        return known;
      });
      // Sizes repeat: a batch is counted by its few different ones before the map is asked.
      const recent = byCode.map(() => new Float64Array(recentSizes).fill(-1));
      const recentCounts = byCode.map(() => new Float64Array(recentSizes));
      const count = (of: Map<number, number>, size: number, times: number) => {
        const key = of.size >= mostSizes && !of.has(size) ? 2 ** Math.ceil(Math.log2(Math.max(1, size))) : size;
        of.set(key, (of.get(key) ?? 0) + times);
      };
      let [sum, done, most] = [0, requests, largest];
      for (let row = 0; row < batch.numRows; row += 1) {
        const size = sizes[row]!;
        if (Number.isNaN(size)) continue;
        sum += size;
        done += 1;
        if (size > most) most = size;
        const code = codes[row]!;
        const place = (size / 512) & (recentSizes - 1);
        const known = recent[code]!;
        const counts = recentCounts[code]!;
        if (known[place] !== size) {
          if (counts[place]! > 0) count(byCode[code]!, known[place]!, counts[place]!);
          known[place] = size;
          counts[place] = 0;
        }
        counts[place]! += 1;
      }
      bytes += sum;
      for (const [code, counts] of recentCounts.entries())
        for (const [place, times] of counts.entries())
          if (times > 0) count(byCode[code]!, recent[code]![place]!, times);
      [requests, largest] = [done, most];
    },
    result() {
      if (requests === 0) return undefined;
      const rows = [...counts]
        .flatMap(([op, sizes]) => [...sizes].map(([size, count]) => ({ op, size, count })))
        .sort((a, b) => a.size - b.size || (a.op < b.op ? -1 : 1));
      let below = 0;
      const median = rows.find(({ count }) => (below += count) >= requests / 2)!.size;
      const table = new Table({
        sizeBytes: makeVector(Float64Array.from(rows, ({ size }) => size)),
        op: vectorFromArray(
          rows.map(({ op }) => op),
          new Utf8(),
        ),
        requests: makeVector(Float64Array.from(rows, ({ count }) => count)),
        share: makeVector(Float64Array.from(rows, ({ count }) => count / requests)),
      });
      const powers = new Map<string, { power: number; op: string; percent: number }>();
      // A flush has no size.
      for (const { op, size, count } of rows.filter((row) => row.size > 0 || bytes === 0)) {
        const power = size <= 2 ** leastPower ? leastPower : Math.ceil(Math.log2(size));
        const known = powers.get(`${power} ${op}`) ?? { power, op, percent: 0 };
        known.percent += (100 * count) / requests;
        powers.set(`${power} ${op}`, known);
      }
      const label = (power: number) => {
        const { bytes: unitBytes, unit } = byteUnit(3 * 2 ** power);
        return `${power === leastPower ? "up to " : ""}${2 ** power / unitBytes} ${unit}`;
      };
      const drawn = [...powers.values()].sort((a, b) => a.power - b.power);
      const bar = drawn[0]?.power === leastPower ? "each other bar" : "each bar";
      const chart = bars(
        drawn.map(({ power, op, percent }) => ({ size: label(power), op, percent })),
        {
          title: "Request sizes",
          subtitle: `mean ${(bytes / requests / 1024).toLocaleString("en", { maximumSignificantDigits: 3 })} KiB; ${bar}: more than half of its size, up to it`,
          x: { field: "size", title: "request size", order: [...new Set(drawn.map(({ power }) => label(power)))] },
          y: { title: "requests", unit: "%" },
          series: { field: "op", title: "operation", order: [...new Set(drawn.map(({ op }) => op))].sort() },
          measured: "percent",
        },
      );
      return characteristic(table, chart, {
        meanBytes: bytes / requests,
        medianBytes: median,
        maxBytes: largest,
      });
    },
  };
}
