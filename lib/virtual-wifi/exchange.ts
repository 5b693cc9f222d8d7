import { OptionError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { checkPhy, type Phy } from "./phy.ts";

/** Bytes that a packet gets on its way: 24 of MAC header, 8 of LLC and SNAP, 4 of check sequence (IEEE 802.11, RFC 1042; recalled, high). */
const frameOverheadBytes = 36;
/** Of these, the check sequence. */
export const checkBytes = 4;
/** Of QoS data, 2 more (recalled, high). */
const qosBytes = 2;
/** Before each frame of an aggregate; each but the last is filled up to 4 bytes (recalled, high). */
const delimiterBytes = 4;
/** An acknowledgement, and a compressed block acknowledgement (recalled, high). */
const ackBytes = 14;
const blockAckBytes = 32;
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
  /** A packet with its IP header, bytes; 36 come on top for MAC, LLC and check sequence, 38 where the layer aggregates. */
  readonly packetBytes: number;
  /** Frames in an aggregate; 1 when not given: no aggregate. */
  readonly aggregate?: number;
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
  /** The data frame, or the aggregate. */
  readonly dataNs: number;
  /** The acknowledgement, of an aggregate a block acknowledgement. */
  readonly ackNs: number;
  /** DIFS: SIFS and two slots, or as many as the layer says. */
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
  onlyOptions(options, ["phy", "rateMbps", "packetBytes", "aggregate", "ackRateMbps"]);
  const { phy } = options;
  checkPhy(phy);
  const rateMbps = oneOf("rateMbps", options.rateMbps, phy.ratesMbps);
  const packetBytes = integer("packetBytes", options.packetBytes, { min: 1, max: maxPacketBytes });
  const aggregate = integer("aggregate", options.aggregate ?? 1, { min: 1 });
  const most = mostFrames(phy, rateMbps, packetBytes, aggregate);
  if (aggregate > most) throw new OptionError("aggregate", `at most ${most} frames of this size and rate`, aggregate);
  const ackRateMbps =
    options.ackRateMbps === undefined
      ? answerRate(phy, rateMbps)
      : oneOf("ackRateMbps", options.ackRateMbps, phy.ratesMbps);
  const dataNs = onAir(phy, bytesOf(phy, packetBytes, aggregate), rateMbps);
  const ackNs = onAir(phy, aggregate === 1 ? ackBytes : blockAckBytes, ackRateMbps);
  const difsNs = phy.sifsNs + (phy.aifsn ?? 2) * phy.slotNs;
  const eifsNs = phy.sifsNs + onAir(phy, ackBytes, phy.mandatoryMbps[0]!) + difsNs;
  return { dataNs, ackNs, difsNs, eifsNs, successNs: dataNs + phy.sifsNs + ackNs + difsNs };
}

/** How many frames an aggregate has where so many are wanted: as the layer's limits let it. */
export function mostFrames(phy: Phy, rateMbps: number, packetBytes: number, wanted: number): number {
  if (phy.aggregation === undefined) return 1;
  const { maxFrames, maxBytes, maxNs } = phy.aggregation;
  let most = 1;
  while (most < wanted && most < maxFrames) {
    const bytes = bytesOf(phy, packetBytes, most + 1);
    if (bytes > maxBytes || phy.frameNs(bytes, rateMbps) > maxNs) break;
    most++;
  }
  return most;
}

function bytesOf({ aggregation }: Phy, packetBytes: number, aggregate: number): number {
  const frame = packetBytes + frameOverheadBytes + (aggregation === undefined ? 0 : qosBytes);
  if (aggregate === 1) return frame;
  const subframe = delimiterBytes + frame;
  return (aggregate - 1) * 4 * Math.ceil(subframe / 4) + subframe;
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
