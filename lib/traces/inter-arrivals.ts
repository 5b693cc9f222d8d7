import { makeVector, Table } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { numbersOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link interArrivals} finds. */
export interface InterArrivals extends Characteristic {
  /** The mean gap. */
  readonly meanNs: number;
  /** The standard deviation of gaps over their mean: 1 of a Poisson process, more where arrivals come in bursts. */
  readonly coefficientOfVariation: number;
  /**
   * Hill's estimate of the tail's exponent from the largest gaps (at most 1000, at most a tenth of all); below 2 the
   * tail is heavy. Null for fewer than 100 gaps.
   */
  readonly tailIndex: number | null;
  /** Times before that of the row above them; they count as gaps of 0. */
  readonly outOfOrder: number;
}

const perDecade = 20;
const decades = 18;

/**
 * The gaps between arrivals: the share of gaps longer than x (a straight line on the logarithmic axes is a power law,
 * a sharp bend an exponential). The table has a row for each twentieth of a decade: `gapNs`, `longer` (the share of
 * longer gaps). Rows without a time are left out. B. Hill's estimator: Annals of Statistics 3(5), 1975. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, interArrivals } from "veelab/traces";
 *
 * const { coefficientOfVariation } = await interArrivals(blockWorkload({ requests: 20_000 }));
 * console.log(coefficientOfVariation.toFixed(1)); // 1.0
 * ```
 */
export function interArrivals(trace: Trace): Promise<InterArrivals> {
  return characterise(trace, "a trace with timeNs", interArrivalsOf());
}

/** The accumulator of {@link interArrivals}. */
export function interArrivalsOf(): Accumulator<InterArrivals> {
  const counts = new Float64Array(perDecade * decades + 1);
  const largest = new Largest(1000);
  let last = NaN;
  let gaps = 0;
  let mean = 0;
  let squares = 0;
  let outOfOrder = 0;
  return {
    add(batch) {
      const times = numbersOf(batch, "timeNs");
      // Captured variables are slow to write: a loop has its own.
      let [before, count, average, sum, late] = [last, gaps, mean, squares, outOfOrder];
      for (let row = 0; row < batch.numRows; row += 1) {
        const time = times[row]!;
        if (Number.isNaN(time)) continue;
        let gap = time - before;
        before = time;
        if (Number.isNaN(gap)) continue;
        if (gap < 0) {
          late += 1;
          gap = 0;
        }
        count += 1;
        // Welford's update: no difference of large sums.
        const delta = gap - average;
        average += delta / count;
        sum += delta * (gap - average);
        counts[gap < 1 ? 0 : Math.min(counts.length - 1, 1 + Math.floor(perDecade * Math.log10(gap)))]! += 1;
        if (gap > largest.least) largest.add(gap);
      }
      [last, gaps, mean, squares, outOfOrder] = [before, count, average, sum, late];
    },
    result() {
      if (gaps === 0) return undefined;
      const rows: { gapNs: number; longer: number }[] = [];
      let left = gaps;
      for (const [bucket, count] of counts.entries()) {
        left -= count;
        if (count > 0 && left > 0) rows.push({ gapNs: 10 ** (bucket / perDecade), longer: left / gaps });
      }
      if (rows.length === 0) rows.push({ gapNs: 1, longer: 1 / gaps });
      const table = new Table({
        gapNs: makeVector(Float64Array.from(rows, ({ gapNs }) => gapNs)),
        longer: makeVector(Float64Array.from(rows, ({ longer }) => longer)),
      });
      const tailIndex = gaps < 100 ? null : largest.hill(Math.min(1000, Math.floor(gaps / 10)));
      const chart = lines(
        rows.map(({ gapNs, longer }) => ({ gap: gapNs / 1e6, longer })),
        {
          title: "Gaps between arrivals",
          subtitle: tailIndex === null ? "" : `tail index ${tailIndex.toPrecision(3)} (Hill)`,
          x: { field: "gap", title: "gap", unit: "ms", log: true },
          y: { title: "share of longer gaps", unit: "", log: true },
          measured: "longer",
          points: false,
        },
      );
      return characteristic(table, chart, {
        meanNs: mean,
        coefficientOfVariation: mean === 0 ? 0 : Math.sqrt(squares / gaps) / mean,
        tailIndex,
        outOfOrder,
      });
    },
  };
}

/** The largest of many values: a heap with the smallest of them on top. */
class Largest {
  readonly #values: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.#values = new Float64Array(most);
  }

  /** Values up to this need not be added. */
  get least(): number {
    return this.#count < this.#values.length ? -Infinity : this.#values[0]!;
  }

  add(value: number): void {
    const values = this.#values;
    if (this.#count < values.length) {
      let at = this.#count++;
      for (; at > 0 && values[(at - 1) >> 1]! > value; at = (at - 1) >> 1) values[at] = values[(at - 1) >> 1]!;
      values[at] = value;
      return;
    }
    if (value <= values[0]!) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && values[child + 1]! < values[child]!) child += 1;
      if (values[child]! >= value) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = value;
  }

  /** Hill's estimate from the k largest; null where they do not differ. */
  hill(k: number): number | null {
    const sorted = this.#values.slice(0, this.#count).sort().reverse();
    const threshold = sorted[k - 1];
    if (threshold === undefined || threshold <= 0) return null;
    let sum = 0;
    for (const value of sorted.subarray(0, k - 1)) sum += Math.log(value / threshold);
    return sum === 0 ? null : (k - 1) / sum;
  }
}
