import { makeVector, Table } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { numbersOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link sequentiality} finds. */
export interface Sequentiality extends Characteristic {
  /** The share of requests that go on where one of the last streams ended, 0 to 1. */
  readonly sequentialShare: number;
  /** Requests of a run, on average; a request that goes on nowhere is a run of 1. */
  readonly meanRun: number;
}

/** Streams that are followed at once. */
const streams = 32;

/**
 * How far requests follow one another on the disk: a request is sequential when it begins where one of the 32 last
 * streams ended. The table has a row for each power of two of a run's length: `runLength`, `runs`, `requests`.
 * Requests without an offset or a size are left out. One pass, constant memory.
 *
 * @example
 * ```ts
 * import { blockWorkload, sequentiality } from "veelab/traces";
 *
 * const { sequentialShare } = await sequentiality(blockWorkload({ requests: 5000, sequentialShare: 1 }));
 * console.log(sequentialShare > 0.99); // true
 * ```
 */
export function sequentiality(trace: Trace): Promise<Sequentiality> {
  return characterise(trace, "a block trace", sequentialities());
}

/** The accumulator of {@link sequentiality}. */
export function sequentialities(): Accumulator<Sequentiality> {
  const ends = new Float64Array(streams).fill(-1);
  const lengths = new Float64Array(streams);
  const uses = new Float64Array(streams);
  const runs = new Float64Array(54);
  const ofRuns = new Float64Array(54);
  let requests = 0;
  let sequential = 0;
  const close = (length: number) => {
    if (length === 0) return;
    const power = Math.floor(Math.log2(length));
    runs[power]! += 1;
    ofRuns[power]! += length;
  };
  return {
    add(batch) {
      const offsets = numbersOf(batch, "offsetBytes");
      const sizes = numbersOf(batch, "sizeBytes");
      let [done, following] = [requests, sequential];
      for (let row = 0; row < batch.numRows; row += 1) {
        const offset = offsets[row]!;
        const end = offset + sizes[row]!;
        if (Number.isNaN(end)) continue;
        let stream = 0;
        while (stream < streams && ends[stream] !== offset) stream += 1;
        done += 1;
        if (stream < streams) following += 1;
        else {
          stream = 0;
          let oldest = uses[0]!;
          for (let at = 1; at < streams; at += 1) {
            const use = uses[at]!;
            if (use < oldest) {
              oldest = use;
              stream = at;
            }
          }
          close(lengths[stream]!);
          lengths[stream] = 0;
        }
        ends[stream] = end;
        lengths[stream]! += 1;
        uses[stream] = done;
      }
      [requests, sequential] = [done, following];
    },
    result() {
      if (requests === 0) return undefined;
      const [all, of] = [runs.slice(), ofRuns.slice()];
      for (const length of lengths) {
        if (length === 0) continue;
        const power = Math.floor(Math.log2(length));
        all[power]! += 1;
        of[power]! += length;
      }
      const used = all.reduce((last, count, power) => (count > 0 ? power : last), 0) + 1;
      const table = new Table({
        runLength: makeVector(Float64Array.from({ length: used }, (_, power) => 2 ** power)),
        runs: makeVector(all.slice(0, used)),
        requests: makeVector(of.slice(0, used)),
      });
      const label = (power: number) => (power === 0 ? "1" : `${2 ** power}–${2 ** (power + 1) - 1}`);
      const sequentialShare = sequential / requests;
      const chart = bars(
        Array.from({ length: used }, (_, power) => ({ run: label(power), percent: (100 * of[power]!) / requests })),
        {
          title: "Sequentiality",
          subtitle: `${(100 * sequentialShare).toFixed(1)} % of the requests go on where one of the last ${streams} streams ended`,
          x: { field: "run", title: "requests in the run" },
          y: { title: "requests", unit: "%" },
          measured: "percent",
        },
      );
      return characteristic(table, chart, {
        sequentialShare,
        meanRun: requests / all.reduce((sum, count) => sum + count, 0),
      });
    },
  };
}
