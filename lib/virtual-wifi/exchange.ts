import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { checkPhy, type Phy } from "./phy.ts";

/** Bytes that a packet gets on its way: 24 of MAC header, 8 of LLC and SNAP, 4 of check sequence (IEEE 802.11, RFC 1042; recalled, high). */
const frameOverheadBytes = 36;
/** An acknowledgement (recalled, high). */
const ackBytes = 14;
/** The largest packet: an MSDU of 2304 bytes (recalled, high) has the 8 of LLC and SNAP in it. */
export const maxPacketBytes = 2296;

/**
 * What is sent, for {@link exchange}.
 *
 * @example
 * ```ts
 * import { phy11b, type ExchangeOptions } from "veelab/virtual-wifi";
 * const options: ExchangeOptions = { phy: phy11b, rateMbps: 1, packetBytes: 1500, ackRateMbps: 2 };
 * console.log(options.ackRateMbps);
 * ```
 */
export interface ExchangeOptions {
  /** The physical layer. */
  readonly phy: Phy;
  /** The data's rate, Mbps. */
  readonly rateMbps: number;
  /** A packet with its IP header, bytes; 36 come on top for MAC, LLC and check sequence. */
  readonly packetBytes: number;
  /** The acknowledgement's rate, Mbps. When not given, the highest mandatory one that is not above the data's. */
  readonly ackRateMbps?: number;
}

/**
 * How long an exchange takes, ns.
 *
 * @example
 * ```ts
 * import { exchange, phy11a, type Exchange } from "veelab/virtual-wifi";
 * const { successNs, eifsNs }: Exchange = exchange({ phy: phy11a, rateMbps: 6, packetBytes: 1500 });
 * console.log(successNs, eifsNs); // 2166000 94000
 * ```
 */
export interface Exchange {
  /** The data frame. */
  readonly dataNs: number;
  /** The acknowledgement. */
  readonly ackNs: number;
  /** DIFS: SIFS and two slots. */
  readonly difsNs: number;
  /** EIFS: SIFS, an acknowledgement at the lowest mandatory rate, DIFS. */
  readonly eifsNs: number;
  /** Data, SIFS, acknowledgement, DIFS. */
  readonly successNs: number;
}

/**
 * The times of a data frame with its acknowledgement (IEEE 802.11-2020, 10.3). Constant time.
 *
 * @throws OptionError for an option out of range or a rate that the physical layer has not
 *
 * @example
 * ```ts
 * import { exchange, phy11a } from "veelab/virtual-wifi";
 * console.log(exchange({ phy: phy11a, rateMbps: 54, packetBytes: 1500 }).successNs); // 326000: 248 + 16 + 28 + 34 µs
 * ```
 */
export function exchange(options: ExchangeOptions): Exchange {
  onlyOptions(options, ["phy", "rateMbps", "packetBytes", "ackRateMbps"]);
  const { phy } = options;
  checkPhy(phy);
  const rateMbps = oneOf("rateMbps", options.rateMbps, phy.ratesMbps);
  const packetBytes = integer("packetBytes", options.packetBytes, { min: 1, max: maxPacketBytes });
  const ackRateMbps =
    options.ackRateMbps === undefined
      ? answerRate(phy, rateMbps)
      : oneOf("ackRateMbps", options.ackRateMbps, phy.ratesMbps);
  const dataNs = onAir(phy, packetBytes + frameOverheadBytes, rateMbps);
  const ackNs = onAir(phy, ackBytes, ackRateMbps);
  const difsNs = phy.sifsNs + 2 * phy.slotNs;
  const eifsNs = phy.sifsNs + onAir(phy, ackBytes, phy.mandatoryMbps[0]!) + difsNs;
  return { dataNs, ackNs, difsNs, eifsNs, successNs: dataNs + phy.sifsNs + ackNs + difsNs };
}

/** The highest of the rates that all have, and not above the data's. */
function answerRate({ mandatoryMbps }: Phy, rateMbps: number): number {
  const rate = mandatoryMbps.findLast((mandatory) => mandatory <= rateMbps);
  if (rate === undefined)
    throw new OptionError("rateMbps", `at least ${mandatoryMbps[0]}, the lowest mandatory rate`, rateMbps);
  return rate;
}

function onAir(phy: Phy, bytes: number, rateMbps: number): number {
  // The delays' histogram begins there.
  return integer(`phy.frameNs(${bytes}, ${rateMbps})`, phy.frameNs(bytes, rateMbps), { min: 16_384, max: 1e9 });
}
