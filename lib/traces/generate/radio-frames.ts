import type * as arrow from "apache-arrow";
import { integer, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";

/** What {@link radioFrames} makes. */
export interface RadioFramesOptions extends GeneratedOptions {
  /** Frames in all; each data frame is followed by its acknowledgement, which counts. */
  readonly frames: number;
  /** Stations of one access point. 4 when not given. */
  readonly stations?: number;
  /** Data frames that the stations offer in a second, in all. 500 when not given. */
  readonly ratePerS?: number;
  /** Bytes of a data frame with its header. 1500 when not given. */
  readonly lengthBytes?: number;
  /** The rate of data frames. 54 Mb/s when not given. */
  readonly rateMbps?: number;
}

/** IEEE 802.11-2020, 17.4.4: SIFS of 16 µs, slots of 9 µs; a preamble of 20 µs before the symbols of 4 µs (clause 17.3). */
const sifsNs = 16_000;
const difsNs = 34_000;
const preambleNs = 20_000;
const symbolNs = 4000;
const ackBytes = 14;
const ackRateMbps = 24;

/** The time on the air of a frame of OFDM: service and tail bits (22) and the frame's, in whole symbols. */
const airtimeNs = (bytes: number, rateMbps: number): number =>
  preambleNs + Math.ceil((8 * bytes + 22) / (4 * rateMbps)) * symbolNs;

const address = (station: number): string =>
  `02:00:00:00:${(station >> 8).toString(16).padStart(2, "0")}:${(station & 255).toString(16).padStart(2, "0")}`;

/**
 * Seeded frames on the air of an 802.11a cell with the columns of `kindColumns.radio`, `rateMbps` and `retry`: data of stations
 * to their access point (02:00:00:00:00:00) at Poisson times, one after the other on one channel, each acknowledged. Stations wait
 * for a free channel but never collide: contention is what the virtual-wifi simulator is for. Constant time a frame; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { radioFrames } from "veelab/traces";
 *
 * const [batch] = radioFrames({ frames: 20, stations: 2 });
 * console.log(batch?.numRows); // 20
 * ```
 */
export function radioFrames(options: RadioFramesOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, ["frames", "stations", "ratePerS", "lengthBytes", "rateMbps", "seed", "batchRows"]);
  const frames = integer("frames", options.frames, { min: 0 });
  const stations = integer("stations", options.stations ?? 4, { min: 1, max: 65_535 });
  const gapNs = 1e9 / positive("ratePerS", options.ratePerS ?? 500);
  const lengthBytes = integer("lengthBytes", options.lengthBytes ?? 1500, { min: 28, max: 2346 });
  const rateMbps = positive("rateMbps", options.rateMbps ?? 54);
  const stream = random(options.seed ?? 1);
  const layout = {
    timeNs: "float64",
    lengthBytes: "uint32",
    type: "words",
    transmitter: "words",
    receiver: "words",
    rateMbps: "float64",
    retry: "bool",
  } as const;
  let offered = 0;
  let free = 0;
  let station = 0;
  return generated("radio", layout, frames, options, ({ columns, count }, number) => {
    const isData = number % 2 === 0;
    if (isData) {
      offered += Math.round(stream.exponential(gapNs));
      station = 1 + stream.int(stations);
    }
    const begin = isData ? Math.max(offered, free + difsNs) : free + sifsNs;
    const [bytes, rate] = isData ? [lengthBytes, rateMbps] : [ackBytes, ackRateMbps];
    free = begin + airtimeNs(bytes, rate);
    columns.timeNs[count] = begin;
    columns.lengthBytes[count] = bytes;
    columns.type.setText(count, isData ? "Data" : "Acknowledgement");
    columns.transmitter.setText(count, isData ? address(station) : "");
    columns.receiver.setText(count, isData ? address(0) : address(station));
    columns.rateMbps[count] = rate;
    columns.retry[count] = 0;
  });
}
