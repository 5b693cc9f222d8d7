import { OptionError } from "../core/errors.ts";
import { finite, integer, onlyOptions, positive } from "../core/options.ts";

/**
 * Traffic of one direction.
 *
 * @example
 * ```ts
 * import { saturated, type Traffic } from "veelab/virtual-wifi";
 * const traffic: Traffic = saturated({ packetBytes: 1500 });
 * console.log(traffic.packetsPerS); // Infinity
 * ```
 */
export interface Traffic {
  /** Name in tables and charts. */
  readonly label: string;
  /** Bytes of a packet, its IP and UDP headers among them. */
  readonly packetBytes: number;
  /** Packets a second on average, at random times; Infinity where there is always one more. */
  readonly packetsPerS: number;
  /** Where there is a window, and acknowledgements that come back as packets. */
  readonly window?: Window;
  /** Where the packets are those of a capture: `packetBytes` is the longest then. */
  readonly recorded?: readonly Recorded[];
}

/**
 * How TCP-like traffic is held back.
 *
 * @example
 * ```ts
 * import { tcp, type Window } from "veelab/virtual-wifi";
 * const window: Window | undefined = tcp({ packetBytes: 1500 }).window;
 * console.log(window?.ackEvery); // 2
 * ```
 */
export interface Window {
  /** Packets that may be on their way at most: the receiver's window. */
  readonly packets: number;
  /** The first congestion window, packets. */
  readonly initial: number;
  /** Bytes of an acknowledgement, its IP and TCP headers. */
  readonly ackBytes: number;
  /** After so many packets an acknowledgement is sent. */
  readonly ackEvery: number;
  /** It is sent so long after the first of them at the latest, ns. */
  readonly delayNs: number;
  /** The retransmission timeout is no shorter, ns. */
  readonly minTimeoutNs: number;
}

/**
 * A packet of a capture.
 *
 * @example
 * ```ts
 * import type { Recorded } from "veelab/virtual-wifi";
 * const packet: Recorded = { timeNs: 0, packetBytes: 1500, rateMbps: 54 };
 * console.log(packet.rateMbps);
 * ```
 */
export interface Recorded {
  /** When it came, whole ns, from the run's beginning on. */
  readonly timeNs: number;
  /** Its bytes with the IP header. */
  readonly packetBytes: number;
  /** The rate it was sent at, Mbps; the station's when not given. */
  readonly rateMbps?: number;
}

/**
 * There is always one more packet.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { saturated } from "veelab/virtual-wifi";
 * console.log(saturated({ packetBytes: 1500 }).label); // saturated
 * ```
 */
export function saturated(options: { readonly packetBytes: number }): Traffic {
  onlyOptions(options, ["packetBytes"]);
  return {
    label: "saturated",
    packetBytes: integer("packetBytes", options.packetBytes, { min: 1 }),
    packetsPerS: Infinity,
  };
}

/**
 * Packets of one size at random times: a Poisson process.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { poisson } from "veelab/virtual-wifi";
 * console.log(poisson({ packetBytes: 200, packetsPerS: 50 }).label); // Poisson
 * ```
 */
export function poisson(options: { readonly packetBytes: number; readonly packetsPerS: number }): Traffic {
  onlyOptions(options, ["packetBytes", "packetsPerS"]);
  return {
    label: "Poisson",
    packetBytes: integer("packetBytes", options.packetBytes, { min: 1 }),
    packetsPerS: positive("packetsPerS", options.packetsPerS),
  };
}

/**
 * Options of {@link tcp}.
 *
 * @example
 * ```ts
 * import type { TcpOptions } from "veelab/virtual-wifi";
 * const options: TcpOptions = { packetBytes: 1500, windowPackets: 44 };
 * console.log(options.windowPackets);
 * ```
 */
export interface TcpOptions {
  /** Bytes of a packet of data, its IP and TCP headers among them. */
  readonly packetBytes: number;
  /** The receiver's window, packets. 44 when not given: 64 kB, without window scaling (RFC 9293). */
  readonly windowPackets?: number;
  /** The first congestion window, packets. 10 when not given (RFC 6928), or the receiver's window if that is less. */
  readonly initialPackets?: number;
  /** Bytes of an acknowledgement. 52 when not given: IP 20, TCP 20, time stamps 12 (RFC 7323). */
  readonly ackBytes?: number;
  /** One acknowledgement for so many packets. 2 when not given (RFC 5681, 4.2). */
  readonly ackEvery?: number;
  /** So long an acknowledgement is held back at most, ms. 40 when not given (Linux's TCP_DELACK_MIN; recalled, high). */
  readonly ackDelayMs?: number;
  /** The shortest retransmission timeout, ms. 200 when not given (Linux's TCP_RTO_MIN; recalled, high). */
  readonly minTimeoutMs?: number;
}

/**
 * TCP-like traffic: there is always more to send, as a window lets it. Slow start, then a packet more a window acknowledged; a loss halves the window, once a
 * window, and is sent again (RFC 5681, 6582); without acknowledgements the timeout of RFC 6298 begins with one packet. Acknowledgements are packets that go the other way, contend and are lost as any.
 *
 * Left out: the handshake and the end; sequence numbers in bytes (what is sent again counts as the next packet; what a timeout sends again needlessly counts as delivered
 * twice); reordering, which does not happen here; pacing; congestion control other than Reno's; the way beyond the access point.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { contend, phy11a, tcp } from "veelab/virtual-wifi";
 * const { flows } = contend([{ rateMbps: 54, up: tcp({ packetBytes: 1500 }) }], { phy: phy11a, seconds: 1 });
 * console.log(flows.getChild("traffic")?.toArray().join(", ")); // TCP, TCP acknowledgements
 * ```
 */
export function tcp(options: TcpOptions): Traffic {
  onlyOptions(options, [
    ...["packetBytes", "windowPackets", "initialPackets", "ackBytes", "ackEvery", "ackDelayMs", "minTimeoutMs"],
  ]);
  const packets = integer("windowPackets", options.windowPackets ?? 44, { min: 1, max: 100_000 });
  return {
    label: "TCP",
    packetBytes: integer("packetBytes", options.packetBytes, { min: 1 }),
    packetsPerS: Infinity,
    window: {
      packets,
      initial: integer("initialPackets", options.initialPackets ?? Math.min(10, packets), { min: 1, max: packets }),
      ackBytes: integer("ackBytes", options.ackBytes ?? 52, { min: 1 }),
      ackEvery: integer("ackEvery", options.ackEvery ?? 2, { min: 1, max: 1000 }),
      delayNs: Math.ceil(positive("ackDelayMs", options.ackDelayMs ?? 40) * 1e6),
      minTimeoutNs: Math.ceil(positive("minTimeoutMs", options.minTimeoutMs ?? 200) * 1e6),
    },
  };
}

/** Checks traffic at the edge; its packets' size is checked with the rate. */
export function checkTraffic(name: string, traffic: Traffic): void {
  const given: unknown = traffic;
  if (typeof given !== "object" || given === null)
    throw new OptionError(name, "traffic, as saturated(…), poisson(…) or tcp(…) gives", given);
  const { window, recorded } = traffic;
  const rate: unknown = traffic.packetsPerS;
  if (rate !== Infinity && (finite(`${name}.packetsPerS`, rate) < 1e-6 || traffic.packetsPerS > 1e7))
    throw new OptionError(`${name}.packetsPerS`, "Infinity, or from 1e-6 to 1e7", rate);
  if (window !== undefined) {
    integer(`${name}.window.packets`, window.packets, { min: 1 });
    integer(`${name}.window.initial`, window.initial, { min: 1, max: window.packets });
    integer(`${name}.window.ackEvery`, window.ackEvery, { min: 1 });
    integer(`${name}.window.delayNs`, window.delayNs, { min: 1 });
    integer(`${name}.window.minTimeoutNs`, window.minTimeoutNs, { min: 1 });
  }
  if (recorded === undefined) return;
  if (recorded.length === 0) throw new OptionError(`${name}.recorded`, "packets", recorded);
  let before = 0;
  recorded.forEach(({ timeNs }, at) => {
    before = integer(`${name}.recorded[${at}].timeNs`, timeNs, { min: before });
  });
}
