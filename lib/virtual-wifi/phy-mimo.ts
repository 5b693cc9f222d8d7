import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { ofdmNs, type Phy } from "./phy.ts";

// What the standard fixes here was recalled (high), by its clauses, and not read again, where nothing else is said.

/** The rates that acknowledgements have: 802.11a's. */
const controlMbps = [6, 12, 24];
/** Bits of a subcarrier and stream in a symbol, by MCS: BPSK 1/2, QPSK 1/2 and 3/4, 16-QAM 1/2 and 3/4, 64-QAM 2/3, 3/4 and 5/6 … */
const bitsOfHt = [0.5, 1, 1.5, 2, 3, 4, 4.5, 5];
/** … and 256-QAM 3/4 and 5/6, 1024-QAM 3/4 and 5/6. */
const bitsOfHe = [...bitsOfHt, 6, 20 / 3, 7.5, 25 / 3];

const oneDecimal = (mbps: number): number => Math.round(10 * mbps) / 10;

interface Format {
  readonly subcarriers: number;
  readonly streams: number;
  readonly bitsOf: readonly number[];
  readonly symbolNs: number;
  readonly preambleNs: number;
  /** Above so many Mbps two encoders work, each with its tail. */
  readonly twoEncodersMbps: number;
}

function mimo(format: Format): Pick<Phy, "ratesMbps" | "mandatoryMbps" | "frameNs"> {
  const { subcarriers, streams, bitsOf, symbolNs, preambleNs, twoEncodersMbps } = format;
  // 1e-9: thirds are not exact.
  const bits = bitsOf.map((of) => Math.floor(subcarriers * streams * of + 1e-9));
  const bitsAt = new Map(bits.map((of) => [oneDecimal((1000 * of) / symbolNs), of]));
  return {
    ratesMbps: [...bitsAt.keys(), ...controlMbps].sort((a, b) => a - b),
    mandatoryMbps: controlMbps,
    frameNs: (bytes, rateMbps) => {
      const symbolBits = bitsAt.get(rateMbps);
      if (symbolBits === undefined) return ofdmNs(bytes, rateMbps);
      const tailBits = rateMbps > twoEncodersMbps ? 12 : 6;
      return preambleNs + Math.ceil((16 + 8 * bytes + tailBits) / symbolBits) * symbolNs;
    },
  };
}

const best = { slotNs: 9000, sifsNs: 16_000, cwMin: 15, cwMax: 1023, aifsn: 3, busyCounts: "one slot" } as const;

/**
 * Options of {@link phy11n}.
 *
 * @example
 * ```ts
 * import { phy11n, type Phy11nOptions } from "veelab/virtual-wifi";
 * const options: Phy11nOptions = { widthMHz: 40, streams: 2, guardNs: 400 };
 * console.log(phy11n(options).ratesMbps.at(-1)); // 300
 * ```
 */
export interface Phy11nOptions {
  /** The channel: 20 when not given. */
  readonly widthMHz?: 20 | 40;
  /** Spatial streams, 1 to 4; 1 when not given. */
  readonly streams?: number;
  /** Guard interval: 800, or 400 (short); 800 when not given. */
  readonly guardNs?: 800 | 400;
}

/**
 * 802.11n at 5 GHz (HT, mixed format; IEEE 802.11-2020, clause 19): MCS 0 to 7 on so many streams, best-effort access (EDCA: AIFS of SIFS and three
 * slots, the transmission of another counts as a slot), aggregates of up to 64 frames, 65,535 bytes and 5.484 ms. Acknowledgements are 802.11a's, block acknowledgements (32 bytes) for more than one frame.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { exchange, phy11n } from "veelab/virtual-wifi";
 * const phy = phy11n({});
 * console.log(phy.ratesMbps.at(-1), exchange({ phy, rateMbps: 65, packetBytes: 1500, aggregate: 16 }).dataNs); // 65 3080000
 * ```
 */
export function phy11n(options: Phy11nOptions = {}): Phy {
  onlyOptions(options, ["widthMHz", "streams", "guardNs"]);
  const widthMHz = oneOf("widthMHz", options.widthMHz ?? 20, [20, 40]);
  const streams = integer("streams", options.streams ?? 1, { min: 1, max: 4 });
  const guardNs = oneOf("guardNs", options.guardNs ?? 800, [800, 400]);
  // 20 µs of 802.11a's, HT-SIG of 8, a short training field of 4, long ones of 4 (three streams have four).
  const trainings = [1, 2, 4, 4][streams - 1]!;
  return {
    label: `802.11n, ${widthMHz} MHz, ${streamsText(streams)}, guard ${guardNs} ns`,
    ...best,
    ...mimo({
      ...{ subcarriers: widthMHz === 20 ? 52 : 108, streams, bitsOf: bitsOfHt },
      ...{ symbolNs: 3200 + guardNs, preambleNs: 32_000 + 4000 * trainings, twoEncodersMbps: 300 },
    }),
    aggregation: { maxFrames: 64, maxBytes: 65_535, maxNs: 5_484_000 },
  };
}

/**
 * Options of {@link phy11ax}.
 *
 * @example
 * ```ts
 * import { phy11ax, type Phy11axOptions } from "veelab/virtual-wifi";
 * const options: Phy11axOptions = { widthMHz: 80, streams: 2 };
 * console.log(phy11ax(options).ratesMbps.at(-1)); // 1201
 * ```
 */
export interface Phy11axOptions {
  /** The channel: 80 when not given. */
  readonly widthMHz?: 20 | 40 | 80 | 160;
  /** Spatial streams, 1 to 8; 2 when not given. */
  readonly streams?: number;
  /** Guard interval: 800 when not given. */
  readonly guardNs?: 800 | 1600 | 3200;
}

/**
 * 802.11ax at 5 GHz (HE, single user; IEEE 802.11ax-2021, clause 27), the set of today: MCS 0 to 11 on so many streams, best-effort access,
 * aggregates of up to 256 frames and 5.484 ms. Long training fields of 6.4 µs and guard (12.8 at 3200 ns; recalled, medium); no packet extension, no OFDMA.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { exchange, phy11ax } from "veelab/virtual-wifi";
 * const { dataNs } = exchange({ phy: phy11ax({}), rateMbps: 1201, packetBytes: 1500, aggregate: 64 });
 * console.log(dataNs); // 717200
 * ```
 */
export function phy11ax(options: Phy11axOptions = {}): Phy {
  onlyOptions(options, ["widthMHz", "streams", "guardNs"]);
  const widthMHz = oneOf("widthMHz", options.widthMHz ?? 80, [20, 40, 80, 160]);
  const streams = integer("streams", options.streams ?? 2, { min: 1, max: 8 });
  const guardNs = oneOf("guardNs", options.guardNs ?? 800, [800, 1600, 3200]);
  // 20 µs of 802.11a's, its signal again (4), HE-SIG-A (8), a short training field (4), long ones.
  const trainings = [1, 2, 4, 4, 6, 6, 8, 8][streams - 1]!;
  const trainingNs = (guardNs === 3200 ? 12_800 : 6400) + guardNs;
  return {
    label: `802.11ax, ${widthMHz} MHz, ${streamsText(streams)}, guard ${guardNs} ns`,
    ...best,
    ...mimo({
      ...{ subcarriers: { 20: 234, 40: 468, 80: 980, 160: 1960 }[widthMHz], streams, bitsOf: bitsOfHe },
      ...{ symbolNs: 12_800 + guardNs, preambleNs: 36_000 + trainings * trainingNs, twoEncodersMbps: Infinity },
    }),
    aggregation: { maxFrames: 256, maxBytes: 6_500_631, maxNs: 5_484_000 },
  };
}

const streamsText = (streams: number): string => `${streams} stream${streams === 1 ? "" : "s"}`;
