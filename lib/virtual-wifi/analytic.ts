import { integer, positive } from "../core/options.ts";

/**
 * A channel's constants, for {@link bianchi}.
 *
 * @example
 * ```ts
 * import type { ContentionTimes } from "veelab/virtual-wifi";
 * const times: ContentionTimes = { window: 16, stages: 6, slotNs: 9000, successNs: 326_000, collisionNs: 342_000 };
 * console.log(times.window);
 * ```
 */
export interface ContentionTimes {
  /** W: the first contention window, CWmin + 1. */
  readonly window: number;
  /** m: how often it doubles; W·2^m is CWmax + 1. */
  readonly stages: number;
  /** An idle slot, ns. */
  readonly slotNs: number;
  /** Ts: a frame that arrives, its acknowledgement and all spaces, ns. */
  readonly successNs: number;
  /** Tc: a collision and the space after it, ns. */
  readonly collisionNs: number;
}

/**
 * What {@link bianchi} finds.
 *
 * @example
 * ```ts
 * import type { Saturation } from "veelab/virtual-wifi";
 * const mbps = ({ framesPerS }: Saturation, packetBytes: number): number => (8 * packetBytes * framesPerS) / 1e6;
 * console.log(mbps);
 * ```
 */
export interface Saturation {
  /** tau: the probability that a station sends in a slot. */
  readonly sendShare: number;
  /** p: the probability that what it sends collides. */
  readonly collisionShare: number;
  /** Frames that arrive in a second, from all stations. */
  readonly framesPerS: number;
}

/**
 * Saturation throughput by G. Bianchi, IEEE JSAC 18(3), 2000: the fixed point of tau = 2 / (1 + W + p W (1 + 2p + … + (2p)^(m−1))) and
 * p = 1 − (1 − tau)^(n−1), by bisection (p grows with tau, and tau falls with p). A frame is sent until it arrives; the transmission of
 * another counts as one slot of a backoff. O(m) a step, some 60 steps.
 *
 * @param stations - n, all with the same frames
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { bianchi } from "veelab/virtual-wifi";
 * const times = { window: 16, stages: 6, slotNs: 9000, successNs: 326_000, collisionNs: 342_000 };
 * console.log(((bianchi(10, times).framesPerS * 12_000) / 1e6).toFixed(1)); // 27.2 Mbps
 * ```
 */
export function bianchi(stations: number, times: ContentionTimes): Saturation {
  integer("stations", stations, { min: 1 });
  const window = integer("window", times.window, { min: 1 });
  const stages = integer("stages", times.stages, { min: 0, max: 30 });
  const slotNs = positive("slotNs", times.slotNs);
  const successNs = positive("successNs", times.successNs);
  const collisionNs = positive("collisionNs", times.collisionNs);
  const sendShareAt = (p: number): number => {
    let sum = 0;
    for (let stage = 0; stage < stages; stage++) sum += (2 * p) ** stage;
    return 2 / (1 + window + p * window * sum);
  };
  const collisionShareAt = (tau: number): number => 1 - (1 - tau) ** (stations - 1);
  let [low, high] = [0, 1];
  for (let middle = 0.5; middle > low && middle < high; middle = (low + high) / 2)
    if (collisionShareAt(sendShareAt(middle)) > middle) low = middle;
    else high = middle;
  // One station: exactly 0, which bisection from above only comes close to.
  const collisionShare = stations === 1 ? 0 : high;
  const tau = sendShareAt(collisionShare);
  const quiet = (1 - tau) ** stations;
  const success = stations * tau * (1 - tau) ** (stations - 1);
  const slot = quiet * slotNs + success * successNs + (1 - quiet - success) * collisionNs;
  return { sendShare: tau, collisionShare, framesPerS: (1e9 * success) / slot };
}

/**
 * Frames a second of a station that is alone and always has one more: 1 / (Ts + (W − 1)/2 slots). Constant time.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { aloneFramesPerS } from "veelab/virtual-wifi";
 * const framesPerS = aloneFramesPerS({ window: 16, slotNs: 9000, successNs: 326_000 });
 * console.log(((framesPerS * 12_000) / 1e6).toFixed(2)); // 30.50 Mbps
 * ```
 */
export function aloneFramesPerS(times: Pick<ContentionTimes, "window" | "slotNs" | "successNs">): number {
  const window = integer("window", times.window, { min: 1 });
  const backoffNs = ((window - 1) / 2) * positive("slotNs", times.slotNs);
  return 1e9 / (positive("successNs", times.successNs) + backoffNs);
}

/**
 * Slots that two contenders who send in turn wait for before each exchange, on average: of a window of one packet, and its acknowledgement. What one draws after its
 * frame passes while the other waits; what is left of it is its wait, or it draws anew. The mean of the stationary wait x of y: with
 * (x + 1)/W² + 1/W where 1 ≤ y ≤ W − 1 − x. O(W²) a step, 100 steps, whose error falls by half or more each.
 *
 * @param window - W: the first contention window, CWmin + 1
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { turnSlots } from "veelab/virtual-wifi";
 * console.log(turnSlots(1), turnSlots(16).toFixed(2)); // 0 5.67
 * ```
 */
export function turnSlots(window: number): number {
  integer("window", window, { min: 1, max: 1024 });
  let shares = new Array<number>(window).fill(1 / window);
  for (let step = 0; step < 100; step++) {
    const next = new Array<number>(window).fill(0);
    shares.forEach((share, x) => {
      for (let y = 0; y < window; y++) {
        const isRest = y >= 1 && x + y < window;
        next[y]! += share * ((x + 1) / window ** 2 + (isRest ? 1 / window : 0));
      }
    });
    shares = next;
  }
  return shares.reduce((sum, share, slots) => sum + share * slots, 0);
}
