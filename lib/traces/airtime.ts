import { makeVector, type RecordBatch, Table, Utf8, vectorFromArray } from "apache-arrow";
import { bars } from "../core/chart.ts";
import { hasColumns, numbersOf, wordsOf } from "./columns.ts";
import type { Mix } from "./mixes.ts";
import { overTime } from "./over-time.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link airtime} finds. */
export interface Airtime extends Characteristic {
  /** Frames, and those whose rate is known. */
  readonly frames: number;
  /** Frames whose rate is known. */
  readonly framesWithRate: number;
  /** The share of the trace's time that frames of known rate were on the air. */
  readonly busyShare: number;
}

/**
 * OFDM, IEEE 802.11-2020 clause 17.3: a preamble of 20 µs, then symbols of 4 µs with 22 bits of service and tail
 * around the frame's.
 */
const ofdmNs = (bytes: number, rateMbps: number): number =>
  20_000 + Math.ceil((8 * bytes + 22) / (4 * rateMbps)) * 4000;

/** DSSS and CCK, clauses 15 and 16: a long preamble and header of 192 µs, then the frame's bits. */
const dsssNs = (bytes: number, rateMbps: number): number => 192_000 + ((8 * bytes) / rateMbps) * 1000;

const dsssRates = [1, 2, 5.5, 11];

/** The time on the air of each frame of a batch; NaN where its rate is not known. */
function frameNs(batch: RecordBatch): Float64Array {
  const lengths = numbersOf(batch, "lengthBytes");
  const out = new Float64Array(batch.numRows).fill(NaN);
  if (!hasColumns(batch.schema, ["rateMbps"])) return out;
  const rates = numbersOf(batch, "rateMbps");
  for (let row = 0; row < out.length; row += 1) {
    const rate = rates[row]!;
    if (!(rate > 0)) continue;
    out[row] = dsssRates.includes(rate) ? dsssNs(lengths[row]!, rate) : ofdmNs(lengths[row]!, rate);
  }
  return out;
}

/** Frames that only name their receiver. */
const notSaid = "not said (ACK, CTS)";

/** At most so many transmitters are drawn, the busiest. */
const mostBars = 12;
const mostTypes = 6;

/**
 * Time on the air by transmitter and type of frame, for frames whose rate (`rateMbps`) is known: of 1, 2, 5.5 and 11
 * Mb/s by DSSS and CCK with the long preamble, of others by OFDM's; rates of 802.11n and later are taken as OFDM,
 * which leaves out their longer preambles and aggregation. The table has a row for each transmitter and type:
 * `transmitter`, `type`, `frames`, `airtimeNs`. One pass; memory for the transmitters.
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
      const ofFrame = frameNs(batch);
      const types = wordsOf(batch, "type");
      const transmitters = wordsOf(batch, "transmitter");
      for (let row = 0; row < batch.numRows; row += 1) {
        const time = times[row]!;
        // Reads as false for a frame without a time.
        if (time < first) first = time;
        if (time > last) last = time;
        const transmitter = transmitters.texts[transmitters.codes[row]!] ?? "";
        const type = types.texts[types.codes[row]!] ?? "";
        const key = `${transmitter} ${type}`;
        const known = sums.get(key) ?? { transmitter, type, frames: 0, ns: 0 };
        sums.set(key, known);
        known.frames += 1;
        const ns = ofFrame[row]!;
        if (Number.isNaN(ns)) continue;
        withRate += 1;
        known.ns += ns;
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
      const amountOf = ({ ns, frames: count }: { ns: number; frames: number }) => (rated ? ns / 1e6 : count);
      const largest = (of: (row: (typeof rows)[number]) => string, most: number) => {
        const totals = new Map<string, number>();
        for (const row of rows) totals.set(of(row), (totals.get(of(row)) ?? 0) + amountOf(row));
        const sorted = [...totals].filter(([, amount]) => amount > 0).sort((x, y) => y[1] - x[1]);
        return sorted.slice(0, most).map(([name]) => name);
      };
      const drawn = largest(({ transmitter }) => transmitter, mostBars);
      const drawnTypes = largest(({ type }) => type, mostTypes);
      const cells = new Map<string, { transmitter: string; type: string; amount: number }>();
      const name = (transmitter: string) => (transmitter === "" ? notSaid : transmitter);
      for (const row of rows) {
        if (!drawn.includes(row.transmitter) || amountOf(row) === 0) continue;
        const type = drawnTypes.includes(row.type) ? row.type : "others";
        const key = `${row.transmitter} ${type}`;
        const known = cells.get(key)?.amount ?? 0;
        cells.set(key, { transmitter: name(row.transmitter), type, amount: known + amountOf(row) });
      }
      const types = [...cells.values()].some(({ type }) => type === "others") ? [...drawnTypes, "others"] : drawnTypes;
      const busyShare = last > first ? rows.reduce((sum, { ns }) => sum + ns, 0) / (last - first) : 0;
      const chart = bars([...cells.values()], {
        title: rated ? "Time on the air" : "Frames",
        subtitle: rated
          ? `${frames.toLocaleString("en")} frames, ${withRate.toLocaleString("en")} of known rate; the air is busy ${(100 * busyShare).toFixed(1)} % of the time`
          : `${frames.toLocaleString("en")} frames, none of known rate`,
        x: { field: "transmitter", title: "transmitter", order: drawn.map(name) },
        y: rated ? { title: "time on the air", unit: "ms" } : { title: "frames", unit: "" },
        series: { field: "type", title: "type", order: types },
        measured: "amount",
      });
      return characteristic(table, chart, { frames, framesWithRate: withRate, busyShare });
    },
  };
}

/**
 * The share of the air that each transmitter takes, over time, by the times on the air that {@link airtime} says. The
 * table has a row for each of 60 to 120 intervals and transmitter: `time` (s), `name`, `total` (ns on the air),
 * `share` (of all that is on the air). One pass, constant memory.
 *
 * @throws OptionError when no frame's rate is known
 *
 * @example
 * ```ts
 * import { airtimeOverTime, radioFrames } from "veelab/traces";
 *
 * const { parts } = await airtimeOverTime(radioFrames({ frames: 1000, stations: 1 }));
 * console.log(parts.length > 0); // true
 * ```
 */
export function airtimeOverTime(trace: Trace): Promise<Mix> {
  return characterise(trace, "a radio trace with rates", airtimesOverTime());
}

/** The accumulator of {@link airtimeOverTime}. */
export function airtimesOverTime(): Accumulator<Mix> {
  const sums = overTime({
    title: "Share of the air",
    by: { field: "transmitter", title: "transmitter", none: notSaid },
    amounts: frameNs,
    shown: "busy",
    y: { title: "time on the air", unit: "%" },
  });
  return {
    add(batch) {
      sums.add(batch);
    },
    result() {
      const result = sums.result();
      return result?.parts.some(({ total }) => total > 0) === true ? result : undefined;
    },
  };
}
