import { makeVector, Table } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { numbersOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link noiseProfile} finds. */
export interface NoiseProfile extends Characteristic {
  /** Interruptions. */
  readonly interruptions: number;
  /** The share of the time that they took, 0 to 1. */
  readonly lostShare: number;
  /** The longest one. */
  readonly longestNs: number;
  /** The gap between beginnings that occurs most often (to a twentieth of a decade); null for fewer than 10. */
  readonly periodNs: number | null;
}

const perDecade = 20;
const decades = 14;
const bucketOf = (ns: number): number =>
  Math.min(perDecade * decades - 1, Math.max(0, Math.floor(perDecade * Math.log10(Math.max(1, ns)))));

/**
 * The noise of an operating system: which share of the lost time comes of interruptions of which length. The table has a row for each twentieth of a decade of
 * length that occurs: `durationNs` (its middle), `interruptions`, `lostShare` (of all time that was lost, by interruptions up to that length). One pass, constant memory.
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
  const gaps = new Float64Array(perDecade * decades);
  const gapSums = new Float64Array(perDecade * decades);
  let interruptions = 0;
  let first = NaN;
  let last = NaN;
  let end = 0;
  let longest = 0;
  return {
    add(batch) {
      const starts = numbersOf(batch, "startNs");
      const durations = numbersOf(batch, "durationNs");
      for (let row = 0; row < batch.numRows; row += 1) {
        const duration = durations[row]!;
        const bucket = bucketOf(duration);
        counts[bucket]! += 1;
        lost[bucket]! += duration;
        longest = Math.max(longest, duration);
        if (Number.isNaN(first)) first = starts[row]!;
        else {
          const gap = starts[row]! - last;
          gaps[bucketOf(gap)]! += 1;
          gapSums[bucketOf(gap)]! += gap;
        }
        last = starts[row]!;
        end = Math.max(end, last + duration);
      }
      interruptions += batch.numRows;
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
      const chart = lines(
        rows.map(({ durationNs, lostShare: share }) => ({ duration: durationNs / 1000, percent: 100 * share })),
        {
          title: "Lost time by length of interruption",
          subtitle: `${interruptions.toLocaleString("en")} interruptions took ${(100 * lostShare).toPrecision(2)} % of the time`,
          x: { field: "duration", title: "length of interruption", unit: "µs", log: true },
          y: { title: "lost time, up to this length", unit: "%", domain: [0, 100] },
          measured: "percent",
          shape: "step",
        },
      );
      const common = gaps.reduce((most, count, bucket) => (count > gaps[most]! ? bucket : most), 0);
      return characteristic(table, chart, {
        interruptions,
        lostShare,
        longestNs: longest,
        periodNs: interruptions < 10 ? null : gapSums[common]! / gaps[common]!,
      });
    },
  };
}
