import { OptionError } from "../core/errors.ts";
import { integer, oneOf } from "../core/options.ts";

const busyCounts = ["no slot", "one slot"] as const;

/** What the transmission of another counts as in a backoff. */
type BusyCounts = (typeof busyCounts)[number];

/** Whether it is one slot: by the option of this name, or by the layer. */
export function isBusyCounted(phy: Phy, given: BusyCounts | undefined): boolean {
  return oneOf("busyCounts", given ?? phy.busyCounts ?? "no slot", busyCounts) === "one slot";
}

/**
 * A physical layer of 802.11: what its standard fixes for channel access, and how long a frame is on the air.
 *
 * @example
 * ```ts
 * import { phy11a, type Phy } from "veelab/virtual-wifi";
 * const longSlots: Phy = { ...phy11a, label: "802.11a, slots of 20 µs", slotNs: 20_000 };
 * console.log(longSlots.sifsNs); // 16000
 * ```
 */
export interface Phy {
  /** Name in tables and charts. */
  readonly label: string;
  /** A slot, ns. */
  readonly slotNs: number;
  /** SIFS, ns. DIFS is SIFS and two slots. */
  readonly sifsNs: number;
  /** The first contention window less one: a backoff is drawn from 0 to it. One less than a power of two. */
  readonly cwMin: number;
  /** The largest. One less than a power of two. */
  readonly cwMax: number;
  /** Data rates, Mbps. */
  readonly ratesMbps: readonly number[];
  /** Of these, the rates that every station must have, ascending: acknowledgements go at the highest that is not above the data's. */
  readonly mandatoryMbps: readonly number[];
  /** Slots that are waited after SIFS when the channel was busy; 2 when not given (DIFS), 3 with 802.11n's best effort (AIFS). */
  readonly aifsn?: number;
  /**
   * How many slots of a backoff the transmission of another counts as. None in DCF, and when not given; one in 802.11n's access (EDCA), whose backoffs go down at
   * each boundary of slots, the one where another begins to send among them (IEEE 802.11-2020, 10.23.2.4; recalled, high).
   */
  readonly busyCounts?: BusyCounts;
  /** Limits of an aggregate of frames (A-MPDU), where the layer has them; its frames have a QoS field of 2 bytes. */
  readonly aggregation?: Aggregation;
  /** How long a frame of so many bytes, from the MAC header to the check sequence, is on the air at a rate, ns. */
  readonly frameNs: (bytes: number, rateMbps: number) => number;
}

/**
 * What an aggregate of frames (A-MPDU) holds at most.
 *
 * @example
 * ```ts
 * import { phy11n, type Aggregation } from "veelab/virtual-wifi";
 * const aggregation: Aggregation | undefined = phy11n({}).aggregation;
 * console.log(aggregation?.maxBytes); // 65535
 * ```
 */
export interface Aggregation {
  /** Frames: what a block acknowledgement has bits for. */
  readonly maxFrames: number;
  /** Bytes. */
  readonly maxBytes: number;
  /** Time on the air, ns. */
  readonly maxNs: number;
}

// What the standard fixes here was recalled (high), by its clauses, and not read again.

/** OFDM, clause 17.3: preamble and signal of 20 µs; symbols of 4 µs with 16 bits of service and 6 of tail around the frame's. */
export const ofdmNs = (bytes: number, rateMbps: number): number =>
  20_000 + Math.ceil((16 + 8 * bytes + 6) / (4 * rateMbps)) * 4000;

const ofdmRates = { ratesMbps: [6, 9, 12, 18, 24, 36, 48, 54], mandatoryMbps: [6, 12, 24] };

/**
 * 802.11a: OFDM in channels of 20 MHz at 5 GHz (IEEE 802.11-2020, clause 17).
 *
 * @example
 * ```ts
 * import { phy11a } from "veelab/virtual-wifi";
 * console.log(phy11a.frameNs(1536, 54)); // 248000
 * ```
 */
export const phy11a: Phy = {
  label: "802.11a",
  ...{ slotNs: 9000, sifsNs: 16_000, cwMin: 15, cwMax: 1023 },
  ...ofdmRates,
  frameNs: ofdmNs,
};

/**
 * 802.11g without stations of 802.11b: OFDM at 2.4 GHz with short slots and no protection (IEEE 802.11-2020, clause 18). Each frame is
 * followed by 6 µs of silence, the signal extension, which count as its time on the air; SIFS is 10 µs.
 *
 * @example
 * ```ts
 * import { phy11a, phy11g } from "veelab/virtual-wifi";
 * console.log(phy11g.frameNs(14, 24) + phy11g.sifsNs === phy11a.frameNs(14, 24) + phy11a.sifsNs); // true
 * ```
 */
export const phy11g: Phy = {
  label: "802.11g",
  ...{ slotNs: 9000, sifsNs: 10_000, cwMin: 15, cwMax: 1023 },
  ...ofdmRates,
  frameNs: (bytes, rateMbps) => ofdmNs(bytes, rateMbps) + 6000,
};

/**
 * 802.11b: DSSS and CCK with the long preamble (IEEE 802.11-2020, clauses 15 and 16): preamble and header of 192 µs, then the frame's
 * bits, in whole µs.
 *
 * @example
 * ```ts
 * import { phy11b } from "veelab/virtual-wifi";
 * console.log(phy11b.frameNs(14, 2)); // 248000
 * ```
 */
export const phy11b: Phy = {
  label: "802.11b",
  ...{ slotNs: 20_000, sifsNs: 10_000, cwMin: 31, cwMax: 1023 },
  ...{ ratesMbps: [1, 2, 5.5, 11], mandatoryMbps: [1, 2] },
  frameNs: (bytes, rateMbps) => 192_000 + Math.ceil((8 * bytes) / rateMbps) * 1000,
};

/** Checks a physical layer at the edge. */
export function checkPhy(phy: Phy): void {
  const given: unknown = phy;
  if (typeof given !== "object" || given === null) throw new OptionError("phy", "a physical layer, as phy11a", given);
  integer("phy.slotNs", phy.slotNs, { min: 1, max: 1e9 });
  integer("phy.sifsNs", phy.sifsNs, { min: 1, max: 1e9 });
  if (phy.aifsn !== undefined) integer("phy.aifsn", phy.aifsn, { min: 1, max: 15 });
  if (phy.busyCounts !== undefined) oneOf("phy.busyCounts", phy.busyCounts, busyCounts);
  if (phy.aggregation !== undefined) {
    const { maxFrames, maxBytes, maxNs } = phy.aggregation;
    integer("phy.aggregation.maxFrames", maxFrames, { min: 1, max: 1024 });
    integer("phy.aggregation.maxBytes", maxBytes, { min: 1, max: 1e8 });
    integer("phy.aggregation.maxNs", maxNs, { min: 1, max: 1e9 });
  }
  checkRates("phy.ratesMbps", phy.ratesMbps);
  checkRates("phy.mandatoryMbps", phy.mandatoryMbps);
  for (const rate of phy.mandatoryMbps) oneOf("phy.mandatoryMbps", rate, phy.ratesMbps);
  if (typeof phy.frameNs !== "function") throw new OptionError("phy.frameNs", "a function", phy.frameNs);
}

function checkRates(name: string, rates: unknown): void {
  const fits = (rate: unknown, at: number, all: readonly unknown[]): boolean =>
    typeof rate === "number" && rate > (at === 0 ? 0 : Number(all[at - 1])) && rate < Infinity;
  if (!Array.isArray(rates) || rates.length === 0 || !rates.every(fits))
    throw new OptionError(name, "rates above 0, ascending", rates);
}
