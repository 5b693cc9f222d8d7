import { makeVector, Table } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { numbersOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";
import { timeUnit } from "./time-bins.ts";

/** What {@link noiseProfile} finds. */
export interface NoiseProfile extends Characteristic {
  /** Interruptions. */
  readonly interruptions: number;
  /** The share of the time that they took, 0 to 1. */
  readonly lostShare: number;
  /** The longest one. */
  readonly longestNs: number;
  /**
   * The time after which interruptions recur: the lag at which the autocorrelation of their beginnings is highest
   * (pairs of them, each with the 32 that follow, by twentieths of a decade, over what as many at random times would
   * have). Null where it is nowhere significant (6 standard errors).
   */
  readonly periodNs: number | null;
}

const perDecade = 20;
const decades = 14;
const bucketOf = (ns: number): number =>
  Math.min(perDecade * decades - 1, Math.max(0, Math.floor(perDecade * Math.log10(Math.max(1, ns)))));

/**
 * The noise of an operating system: which share of the lost time comes of interruptions of which length. The table
 * has a row for each twentieth of a decade of length that occurs: `durationNs` (its middle), `interruptions`,
 * `lostShare` (of all time that was lost, by interruptions up to that length). One pass, constant memory.
 *
 * @example
 * ```ts
 * import { noiseProfile, osNoise } from "veelab/traces";
 *
 * const { periodNs } = await noiseProfile(osNoise({ interruptions: 1000 }));
 * console.log(Math.round((periodNs ?? 0) / 1e6)); // 4
 * ```
 */
export function noiseProfile(trace: Trace): Promise<NoiseProfile> {
  return characterise(trace, "a noise trace", noiseProfiles());
}

/** The accumulator of {@link noiseProfile}. */
export function noiseProfiles(): Accumulator<NoiseProfile> {
  const counts = new Float64Array(perDecade * decades);
  const lost = new Float64Array(perDecade * decades);
  const lags = new Lags();
  let interruptions = 0;
  let first = NaN;
  let end = 0;
  let longest = 0;
  return {
    add(batch) {
      const starts = numbersOf(batch, "startNs");
      const durations = numbersOf(batch, "durationNs");
      for (let row = 0; row < batch.numRows; row += 1) {
        const duration = durations[row]!;
        if (Number.isNaN(starts[row]! + duration)) continue;
        interruptions += 1;
        const bucket = bucketOf(duration);
        counts[bucket]! += 1;
        lost[bucket]! += duration;
        longest = Math.max(longest, duration);
        if (Number.isNaN(first)) first = starts[row]!;
        lags.add(starts[row]!);
        end = Math.max(end, starts[row]! + duration);
      }
    },
    result() {
      if (interruptions === 0) return undefined;
      const total = lost.reduce((sum, ns) => sum + ns, 0);
      let below = 0;
      const rows = Array.from(counts, (count, bucket) => ({ bucket, count }))
        .filter(({ count }) => count > 0)
        .map(({ bucket, count }) => {
          below += lost[bucket]!;
          return {
            durationNs: 10 ** ((bucket + 0.5) / perDecade),
            interruptions: count,
            lostShare: below / Math.max(1, total),
          };
        });
      const table = new Table({
        durationNs: makeVector(Float64Array.from(rows, ({ durationNs }) => durationNs)),
        interruptions: makeVector(Float64Array.from(rows, (row) => row.interruptions)),
        lostShare: makeVector(Float64Array.from(rows, ({ lostShare }) => lostShare)),
      });
      const lostShare = end > first ? total / (end - first) : 0;
      const periodNs = lags.period(interruptions / (end - first));
      const unit = timeUnit(3 * (periodNs ?? 1));
      const period = periodNs === null ? "" : `; gaps of ${(periodNs / unit.ns).toPrecision(3)} ${unit.unit} stand out`;
      const chart = lines(
        rows.map(({ durationNs, lostShare: share }) => ({ duration: durationNs / 1000, percent: 100 * share })),
        {
          title: "Lost time by length of interruption",
          subtitle: `${interruptions.toLocaleString("en")} interruptions took ${(100 * lostShare).toPrecision(2)} % of the time${period}`,
          x: { field: "duration", title: "length of interruption", unit: "µs", log: true },
          y: { title: "lost time, up to this length", unit: "%", domain: [0, 100] },
          measured: "percent",
          shape: "step",
        },
      );
      return characteristic(table, chart, {
        interruptions,
        lostShare,
        longestNs: longest,
        periodNs,
      });
    },
  };
}

const followers = 32;
/** Standard errors of a Poisson count. */
const significant = 6;

/** The times between each beginning and those that follow it. */
class Lags {
  readonly #counts = new Float64Array(perDecade * decades);
  readonly #sums = new Float64Array(perDecade * decades);
  readonly #recent = new Float64Array(followers).fill(NaN);
  #next = 0;

  add(start: number): void {
    for (const before of this.#recent) {
      const lag = start - before;
      if (!(lag >= 1)) continue;
      const bucket = bucketOf(lag);
      this.#counts[bucket]! += 1;
      this.#sums[bucket]! += lag;
    }
    this.#recent[this.#next % followers] = start;
    this.#next += 1;
  }

  /** The lag of the highest autocorrelation, from how many beginnings come in a unit of time on average. */
  period(rate: number): number | null {
    let best = -1;
    let highest = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      const expected = this.#next * rate * 10 ** (bucket / perDecade) * (10 ** (1 / perDecade) - 1);
      // Beyond half of the followers' span, pairs are missing.
      if (10 ** (bucket / perDecade) * rate > followers / 2) break;
      if (count < 10 || count - expected < significant * Math.sqrt(expected) || count / expected <= highest) continue;
      highest = count / expected;
      best = bucket;
    }
    if (best < 0) return null;
    // A period at a bucket's edge is in two of them.
    const near = [best - 1, best, best + 1].filter((bucket) => (this.#counts[bucket] ?? 0) >= this.#counts[best]! / 2);
    const sum = (of: Float64Array) => near.reduce((total, bucket) => total + of[bucket]!, 0);
    return sum(this.#sums) / sum(this.#counts);
  }
}
