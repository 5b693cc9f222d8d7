import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
import { lines } from "../core/chart.ts";
import { dataOf, hasColumns, wordsOf } from "./columns.ts";
import { type Accumulator, characterise, type Characteristic, characteristic, type Trace } from "./source.ts";

/** What {@link signalStrength} finds. */
export interface SignalStrength extends Characteristic {
  /** Frames with a known signal. */
  readonly frames: number;
  /** The median over them: the smallest signal that half do not exceed (Hyndman and Fan's type 1). */
  readonly medianDbm: number;
}

/** Whole dBm from -128 to 127. */
const levels = 256;
const mostDrawn = 8;
/** More different transmitters are left out. */
const mostTransmitters = 4096;

/**
 * How strongly each transmitter was received (`signalDbm`): the share of its frames up to each level. The table has a
 * row for each transmitter and level that occurs: `transmitter`, `signalDbm`, `frames`. One pass; memory for 4096
 * transmitters.
 *
 * @throws OptionError when no frame's signal is known
 *
 * @example
 * ```ts
 * import { makeVector, Table, Utf8, vectorFromArray } from "apache-arrow";
 * import { signalStrength } from "veelab/traces";
 *
 * const transmitter = vectorFromArray(["a", "a", "b"], new Utf8());
 * const { medianDbm } = await signalStrength(new Table({ transmitter, signalDbm: makeVector(Int8Array.of(-40, -41, -70)) }));
 * console.log(medianDbm); // -41
 * ```
 */
export function signalStrength(trace: Trace): Promise<SignalStrength> {
  return characterise(trace, "a radio trace with signals", signalStrengths());
}

/** The accumulator of {@link signalStrength}. */
export function signalStrengths(): Accumulator<SignalStrength> {
  const byTransmitter = new Map<string, Float64Array>();
  return {
    add(batch) {
      if (!hasColumns(batch.schema, ["signalDbm"])) return;
      const signal = dataOf(batch, "signalDbm");
      const values = signal.values as Int8Array;
      const { codes, texts } = wordsOf(batch, "transmitter");
      for (let row = 0; row < batch.numRows; row += 1) {
        if (!signal.getValid(row)) continue;
        const text = texts[codes[row]!]!;
        const name = text === "" ? "not said (ACK, CTS)" : text;
        let counts = byTransmitter.get(name);
        if (counts === undefined) {
          if (byTransmitter.size === mostTransmitters) continue;
          counts = new Float64Array(levels);
          byTransmitter.set(name, counts);
        }
        counts[Math.min(levels - 1, Math.max(0, Math.round(values[row]!) + 128))]! += 1;
      }
    },
    result() {
      if (byTransmitter.size === 0) return undefined;
      const list = [...byTransmitter]
        .map(([name, counts]) => ({ name, counts, frames: counts.reduce((sum, count) => sum + count, 0) }))
        .sort((a, b) => b.frames - a.frames || (a.name < b.name ? -1 : 1));
      const rows = list.flatMap(({ name, counts, frames }) =>
        Array.from(counts, (count, level) => ({
          name,
          dbm: level - 128,
          count,
          percent: (100 * count) / frames,
        })).filter(({ count }) => count > 0),
      );
      const frames = list.reduce((sum, one) => sum + one.frames, 0);
      const all = Float64Array.from({ length: levels }, (_, level) =>
        list.reduce((sum, one) => sum + one.counts[level]!, 0),
      );
      let below = 0;
      const medianDbm = all.findIndex((count) => (below += count) >= frames / 2) - 128;
      const table = new Table({
        transmitter: vectorFromArray(
          rows.map(({ name }) => name),
          new Utf8(),
        ),
        signalDbm: makeVector(Float64Array.from(rows, ({ dbm }) => dbm)),
        frames: makeVector(Float64Array.from(rows, ({ count }) => count)),
      });
      const atMost = new Map<string, number>();
      const cumulative = rows.map(({ name, dbm, percent }) => {
        const sum = (atMost.get(name) ?? 0) + percent;
        atMost.set(name, sum);
        return { name, dbm, percent: sum };
      });
      const order = list.slice(0, mostDrawn).map(({ name }) => name);
      const left = list.length > mostDrawn ? `; the ${mostDrawn} busiest of ${list.length} transmitters` : "";
      const chart = lines(
        cumulative.filter(({ name }) => order.includes(name)),
        {
          title: "Signal",
          subtitle: `${frames.toLocaleString("en")} frames, median ${medianDbm} dBm${left}`,
          x: { field: "dbm", title: "signal", unit: "dBm" },
          y: { title: "frames up to this signal", unit: "%", domain: [0, 100] },
          series: { field: "name", title: "transmitter", order },
          measured: "percent",
          shape: "step",
        },
      );
      return characteristic(table, chart, { frames, medianDbm });
    },
  };
}
