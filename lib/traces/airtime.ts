import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { dataOf, hasColumns, numbersOf, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link airtime} finds. */
export interface Airtime extends Characteristic {
  /** Frames, and those whose rate is known. */
  readonly frames: number;
  readonly framesWithRate: number;
  /** The share of the trace's time that frames of known rate were on the air. */
  readonly busyShare: number;
}

/** OFDM, IEEE 802.11-2020 clause 17.3: a preamble of 20 µs, then symbols of 4 µs with 22 bits of service and tail around the frame's. */
const ofdmNs = (bytes: number, rateMbps: number): number =>
  20_000 + Math.ceil((8 * bytes + 22) / (4 * rateMbps)) * 4000;

/** DSSS and CCK, clauses 15 and 16: a long preamble and header of 192 µs, then the frame's bits. */
const dsssNs = (bytes: number, rateMbps: number): number => 192_000 + ((8 * bytes) / rateMbps) * 1000;

const dsssRates = [1, 2, 5.5, 11];

/** At most so many transmitters are drawn, the busiest. */
const mostBars = 12;

/**
 * Time on the air by transmitter and type of frame, for frames whose rate (`rateMbps`) is known: of 1, 2, 5.5 and 11 Mb/s by DSSS and CCK with the long
 * preamble, of others by OFDM's; rates of 802.11n and later are taken as OFDM, which leaves out their longer preambles and aggregation. The table has a row for each
 * transmitter and type: `transmitter`, `type`, `frames`, `airtimeNs`. One pass; memory for the transmitters.
 *
 * @example
 * ```ts
 * import { airtime, radioFrames } from "veelab/traces";
 *
 * const { busyShare } = await airtime(radioFrames({ frames: 1000, ratePerS: 1000 }));
 * console.log(busyShare > 0.2 && busyShare < 0.4); // true: 272 µs of each millisecond
 * ```
 */
export function airtime(trace: Trace): Promise<Airtime> {
  return characterise(trace, "a radio trace", airtimes());
}

/** The accumulator of {@link airtime}. */
export function airtimes(): Accumulator<Airtime> {
  const sums = new Map<string, { transmitter: string; type: string; frames: number; ns: number }>();
  let frames = 0;
  let withRate = 0;
  let first = Infinity;
  let last = -Infinity;
  return {
    add(batch) {
      const times = numbersOf(batch, "timeNs");
      const lengths = numbersOf(batch, "lengthBytes");
      const types = wordsOf(batch, "type");
      const transmitters = wordsOf(batch, "transmitter");
      const rated = hasColumns(batch.schema, ["rateMbps"]);
      const rates = rated ? numbersOf(batch, "rateMbps") : undefined;
      const data = rated ? dataOf(batch, "rateMbps") : undefined;
      for (let row = 0; row < batch.numRows; row += 1) {
        first = Math.min(first, times[row]!);
        last = Math.max(last, times[row]!);
        const transmitter = transmitters.texts[transmitters.codes[row]!] ?? "";
        const type = types.texts[types.codes[row]!] ?? "";
        const key = `${transmitter} ${type}`;
        const known = sums.get(key) ?? { transmitter, type, frames: 0, ns: 0 };
        sums.set(key, known);
        known.frames += 1;
        const rate = data?.getValid(row) === true ? rates![row]! : 0;
        if (!(rate > 0)) continue;
        withRate += 1;
        known.ns += dsssRates.includes(rate) ? dsssNs(lengths[row]!, rate) : ofdmNs(lengths[row]!, rate);
      }
      frames += batch.numRows;
    },
    result() {
      if (frames === 0) return undefined;
      const rows = [...sums.values()].sort(
        (a, b) => b.ns - a.ns || b.frames - a.frames || (a.transmitter < b.transmitter ? -1 : 1),
      );
      const table = new Table({
        transmitter: vectorFromArray(
          rows.map(({ transmitter }) => transmitter),
          new Utf8(),
        ),
        type: vectorFromArray(
          rows.map(({ type }) => type),
          new Utf8(),
        ),
        frames: makeVector(Float64Array.from(rows, (row) => row.frames)),
        airtimeNs: makeVector(Float64Array.from(rows, ({ ns }) => ns)),
      });
      const rated = withRate > 0;
      const byTransmitter = new Map<string, number>();
      for (const { transmitter, ns, frames: count } of rows)
        byTransmitter.set(transmitter, (byTransmitter.get(transmitter) ?? 0) + (rated ? ns / 1e6 : count));
      const drawn = [...byTransmitter].sort((a, b) => b[1] - a[1]).slice(0, mostBars);
      const busyShare = last > first ? rows.reduce((sum, { ns }) => sum + ns, 0) / (last - first) : 0;
      const name = (transmitter: string) => (transmitter === "" ? "not said (ACK, CTS)" : transmitter);
      const chart = bars(
        drawn.map(([transmitter, amount]) => ({ transmitter: name(transmitter), amount })),
        {
          title: rated ? "Time on the air" : "Frames",
          subtitle: rated
            ? `${frames.toLocaleString("en")} frames, ${withRate.toLocaleString("en")} of known rate; the air is busy ${(100 * busyShare).toFixed(1)} % of the time`
            : `${frames.toLocaleString("en")} frames, none of known rate`,
          x: { field: "transmitter", title: "transmitter", order: drawn.map(([transmitter]) => name(transmitter)) },
          y: rated ? { title: "time on the air", unit: "ms" } : { title: "frames", unit: "" },
          measured: "amount",
        },
      );
      return characteristic(table, chart, { frames, framesWithRate: withRate, busyShare });
    },
  };
}
