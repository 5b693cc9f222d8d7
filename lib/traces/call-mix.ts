import { Float64, makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars, heatmap, panels } from "../core/chart.ts";
import { dataOf, hasColumns, numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link callMix} finds. */
export interface CallMix extends Characteristic {
  /** Calls in all. */
  readonly calls: number;
  /** Ranks that call. */
  readonly ranks: number;
  /** The largest number of a rank's calls over the mean of all ranks: 1 where they are balanced. */
  readonly imbalance: number;
  /** Bytes that the calls name (`sizeBytes`); null where the trace has none. */
  readonly bytes: number | null;
}

/** A rank as the chart shows it; NaN is that of calls which do not say theirs. */
const named = (rank: number): string => (Number.isNaN(rank) ? "not said" : String(rank));

/** At most so many calls and ranks are drawn. */
const mostCalls = 12;
const mostRanks = 32;

interface Sum {
  readonly rank: number;
  readonly call: string;
  calls: number;
  bytes: number;
  durationNs: number;
}

/**
 * Which calls the ranks of an MPI program make: by call, and by rank and call. The table has a row for each rank and
 * call: `rank`, `call`, `calls`, `bytes` (sums of `sizeBytes`) and `durationNs`, both null where the trace has no
 * such column. One pass; memory for the ranks' different calls.
 *
 * @example
 * ```ts
 * import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
 * import { callMix } from "veelab/traces";
 *
 * const calls = vectorFromArray(["send", "recv", "recv"], new Utf8());
 * const { imbalance } = await callMix(new Table({ rank: makeVector(Uint32Array.of(0, 1, 1)), call: calls }));
 * console.log(imbalance.toFixed(2)); // 1.33: rank 1 makes two of three calls
 * ```
 */
export function callMix(trace: Trace): Promise<CallMix> {
  return characterise(trace, "calls of MPI", callMixes());
}

/** The accumulator of {@link callMix}. */
export function callMixes(): Accumulator<CallMix> {
  const sums = new Map<string, Sum>();
  let rows = 0;
  let hasBytes = false;
  let hasDurations = false;
  return {
    add(batch) {
      const ranks = numbersOf(batch, "rank");
      const { codes, texts } = wordsOf(batch, "call");
      const optional = (name: string) => (hasColumns(batch.schema, [name]) ? dataOf(batch, name) : undefined);
      const [sizes, durations] = [optional("sizeBytes"), optional("durationNs")];
      hasBytes ||= sizes !== undefined;
      hasDurations ||= durations !== undefined;
      const [size, duration] = [sizes?.values, durations?.values] as readonly (Float64Array | undefined)[];
      // Of each code the sum of the rank before: calls of a rank mostly stand together.
      const recent: (Sum | undefined)[] = texts.map(() => undefined);
      for (let row = 0; row < batch.numRows; row += 1) {
        const rank = ranks[row]!;
        const code = codes[row]!;
        let sum = recent[code];
        if (sum?.rank !== rank) {
          const key = `${rank} ${texts[code]!}`;
          sum = sums.get(key) ?? { rank, call: texts[code]!, calls: 0, bytes: 0, durationNs: 0 };
          sums.set(key, sum);
          recent[code] = sum;
        }
        sum.calls += 1;
        if (sizes?.getValid(row) === true) sum.bytes += size![row]!;
        if (durations?.getValid(row) === true) sum.durationNs += duration![row]!;
      }
      rows += batch.numRows;
    },
    result() {
      if (rows === 0) return undefined;
      const list = [...sums.values()].sort(
        (a, b) => a.rank - b.rank || b.calls - a.calls || (a.call < b.call ? -1 : 1),
      );
      const ofRank = new Map<number, number>();
      const ofCall = new Map<string, { calls: number; bytes: number; durationNs: number }>();
      for (const { rank, call, calls, bytes, durationNs } of list) {
        ofRank.set(rank, (ofRank.get(rank) ?? 0) + calls);
        const sum = ofCall.get(call) ?? { calls: 0, bytes: 0, durationNs: 0 };
        ofCall.set(call, {
          calls: sum.calls + calls,
          bytes: sum.bytes + bytes,
          durationNs: sum.durationNs + durationNs,
        });
      }
      const known = (is: boolean, of: (sum: Sum) => number) =>
        vectorFromArray(
          list.map((sum) => (is ? of(sum) : null)),
          new Float64(),
        );
      const table = new Table({
        rank: vectorFromArray(
          list.map(({ rank }) => (Number.isNaN(rank) ? null : rank)),
          new Float64(),
        ),
        call: vectorFromArray(
          list.map(({ call }) => call),
          new Utf8(),
        ),
        calls: makeVector(Float64Array.from(list, ({ calls }) => calls)),
        bytes: known(hasBytes, ({ bytes }) => bytes),
        durationNs: known(hasDurations, ({ durationNs }) => durationNs),
      });
      const bytes = list.reduce((sum, one) => sum + one.bytes, 0);
      const largest = [...ofCall].sort((a, b) => b[1].calls - a[1].calls || (a[0] < b[0] ? -1 : 1)).slice(0, mostCalls);
      const order = largest.map(([call]) => call);
      const drawnRanks = [...ofRank.keys()].slice(0, mostRanks);
      const x = { field: "call", title: "call", order };
      const imbalance = (Math.max(...ofRank.values()) * ofRank.size) / rows;
      const chart = panels(
        [
          bars(
            largest.map(([call, { calls }]) => ({ call, calls })),
            { title: "All ranks", x, y: { title: "calls", unit: "" }, measured: "calls" },
          ),
          heatmap(
            drawnRanks.flatMap((rank) =>
              order.map((call) => ({ rank: named(rank), call, calls: sums.get(`${rank} ${call}`)?.calls ?? 0 })),
            ),
            {
              height: Math.max(120, 13 * drawnRanks.length),
              title: ofRank.size > mostRanks ? `The first ${mostRanks} ranks` : "By rank",
              x,
              y: { field: "rank", title: "rank", order: drawnRanks.map(named) },
              value: { field: "calls", title: "calls", unit: "" },
            },
          ),
        ],
        {
          title: "Calls",
          subtitle: `${rows.toLocaleString("en")} calls of ${ofRank.size} ranks; the busiest makes ${imbalance.toFixed(2)} times the mean`,
          columns: 2,
        },
      );
      return characteristic(table, chart, {
        calls: rows,
        ranks: ofRank.size,
        imbalance,
        bytes: hasBytes ? bytes : null,
      });
    },
  };
}
