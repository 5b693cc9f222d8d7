import type { Traffic } from "./traffic.ts";

/** A flow of packets as connections see it: of data, or of acknowledgements, which have the window of their data. */
export interface ConnectedFlow {
  readonly station: number;
  readonly direction: "up" | "down";
  readonly address: number;
  readonly isAcks: boolean;
  readonly traffic: Traffic;
}

/** RFC 6298: the first timeout, and the longest. */
const firstTimeoutNs = 1e9;
const longestTimeoutNs = 60e9;

/**
 * The TCP-like connections of a cell, by the flow of their data. Packets are numbered as they are sent, also when they are sent again; nothing is
 * reordered, so an acknowledgement of one is the news of all before it: those that were received, and those that were lost. Constant time each.
 */
export class Connections {
  /** Of a flow with a window, the one of its acknowledgements, and the other way round; -1 elsewhere. */
  readonly peer: Int32Array;
  /** By place in a flow's queue: of data, the packet's number; of an acknowledgement, the highest number, how many were received, and when the last was sent. */
  readonly numbers: readonly Float64Array[];
  readonly counts: readonly Float64Array[];
  readonly stamps: readonly Float64Array[];
  /** When the timeout of data, or the delay of acknowledgements, ends; Infinity without. */
  readonly deadlineNs: Float64Array;
  readonly timeouts: Float64Array;

  readonly #flows: readonly ConnectedFlow[];
  // The sender's: the next number; what is known of: the highest number, how many were received; from which number on a loss is a new one; what a
  // timeout has given up.
  readonly #next: Float64Array;
  readonly #largest: Float64Array;
  readonly #known: Float64Array;
  readonly #recover: Float64Array;
  readonly #givenUp: Float64Array;
  readonly #window: Float64Array;
  readonly #threshold: Float64Array;
  readonly #roundTripNs: Float64Array;
  readonly #deviationNs: Float64Array;
  readonly #timeoutNs: Float64Array;
  // The receiver's.
  readonly #highest: Float64Array;
  readonly #received: Float64Array;
  readonly #stampNs: Float64Array;
  readonly #held: Float64Array;

  constructor(flows: readonly ConnectedFlow[], queueFrames: number) {
    const byFlow = (value: number): Float64Array => new Float64Array(flows.length).fill(value);
    const isTcp = ({ traffic }: ConnectedFlow): boolean => traffic.window !== undefined;
    const rings = (has: (flow: ConnectedFlow) => boolean): Float64Array[] =>
      flows.map((flow) => new Float64Array(has(flow) ? queueFrames : 0));
    this.#flows = flows;
    this.peer = Int32Array.from(flows, (flow) =>
      isTcp(flow) ? flows.findIndex((other) => isTcp(other) && isPeer(flow, other)) : -1,
    );
    this.numbers = rings((flow) => isTcp(flow) || flow.traffic.recorded !== undefined);
    this.counts = rings((flow) => isTcp(flow) && flow.isAcks);
    this.stamps = rings((flow) => isTcp(flow) && flow.isAcks);
    this.deadlineNs = byFlow(Infinity);
    this.timeouts = byFlow(0);
    this.#next = byFlow(0);
    this.#largest = byFlow(-1);
    this.#known = byFlow(0);
    this.#recover = byFlow(0);
    this.#givenUp = byFlow(0);
    this.#window = Float64Array.from(flows, ({ traffic }) => traffic.window?.initial ?? 0);
    this.#threshold = byFlow(Infinity);
    this.#roundTripNs = byFlow(-1);
    this.#deviationNs = byFlow(0);
    this.#timeoutNs = byFlow(firstTimeoutNs);
    this.#highest = byFlow(-1);
    this.#received = byFlow(0);
    this.#stampNs = byFlow(0);
    this.#held = byFlow(0);
  }

  /** Whether the window lets one more packet go. */
  maySend(data: number): boolean {
    const { packets } = this.#flows[data]!.traffic.window!;
    return this.#onTheWay(data) < Math.min(packets, Math.floor(this.#window[data]!));
  }

  /** The number of the packet that goes now. */
  number(data: number, nowNs: number): number {
    if (this.deadlineNs[data] === Infinity) this.deadlineNs[data] = nowNs + this.#timeoutNs[data]!;
    return this.#next[data]!++;
  }

  /** A packet has come. Whether it is acknowledged at once: the second, or one after a gap. */
  receive(data: number, number: number, sentNs: number, nowNs: number): boolean {
    const acks = this.peer[data]!;
    const isGap = number !== this.#highest[data]! + 1;
    this.#highest[data] = number;
    this.#received[data]!++;
    // The first that is held: what is measured has the delay in it (RFC 7323, 4.3).
    if (this.#held[data]!++ === 0) {
      this.#stampNs[data] = sentNs;
      this.deadlineNs[acks] = nowNs + this.#flows[data]!.traffic.window!.delayNs;
    }
    return isGap || this.#held[data]! >= this.#flows[data]!.traffic.window!.ackEvery;
  }

  /** The acknowledgement goes into its queue, at this place; -1 where that is full. */
  acknowledge(data: number, place: number): void {
    const acks = this.peer[data]!;
    this.#held[data] = 0;
    this.deadlineNs[acks] = Infinity;
    if (place < 0) return;
    this.numbers[acks]![place] = this.#highest[data]!;
    this.counts[acks]![place] = this.#received[data]!;
    this.stamps[acks]![place] = this.#stampNs[data]!;
  }

  /** The acknowledgement at this place has come. */
  learn(data: number, place: number, nowNs: number): void {
    const acks = this.peer[data]!;
    const highest = this.numbers[acks]![place]!;
    const received = this.counts[acks]![place]!;
    const fresh = received - this.#known[data]!;
    const lost = highest - this.#largest[data]! - fresh;
    this.#measure(data, nowNs - this.stamps[acks]![place]!);
    const { packets } = this.#flows[data]!.traffic.window!;
    // What a timeout has given up is no loss once more.
    const isAfterTimeout = this.#largest[data]! < this.#givenUp[data]!;
    if (lost > 0 && highest >= this.#recover[data]! && !isAfterTimeout) {
      this.#threshold[data] = Math.max(this.#window[data]! / 2, 2);
      this.#window[data] = this.#threshold[data]!;
      this.#recover[data] = this.#next[data]!;
    } else {
      const isSlow = this.#window[data]! < this.#threshold[data]!;
      const wider = this.#window[data]! + (isSlow ? fresh : fresh / this.#window[data]!);
      this.#window[data] = Math.min(packets, wider);
    }
    this.#largest[data] = highest;
    this.#known[data] = received;
    this.deadlineNs[data] = this.#onTheWay(data) > 0 ? nowNs + this.#timeoutNs[data]! : Infinity;
  }

  /** Nothing was heard for too long: all that is on its way is given up. */
  giveUp(data: number): void {
    this.timeouts[data]!++;
    this.#threshold[data] = Math.max(this.#onTheWay(data) / 2, 2);
    this.#window[data] = 1;
    this.#recover[data] = this.#next[data]!;
    this.#givenUp[data] = this.#next[data]!;
    this.#timeoutNs[data] = Math.min(longestTimeoutNs, 2 * this.#timeoutNs[data]!);
    this.deadlineNs[data] = Infinity;
  }

  #onTheWay(data: number): number {
    return this.#next[data]! - Math.max(this.#largest[data]! + 1, this.#givenUp[data]!);
  }

  /** RFC 6298, 2. */
  #measure(data: number, roundTripNs: number): void {
    const before = this.#roundTripNs[data]!;
    if (before < 0) {
      this.#roundTripNs[data] = roundTripNs;
      this.#deviationNs[data] = roundTripNs / 2;
    } else {
      this.#deviationNs[data] = 0.75 * this.#deviationNs[data]! + 0.25 * Math.abs(before - roundTripNs);
      this.#roundTripNs[data] = 0.875 * before + 0.125 * roundTripNs;
    }
    const { minTimeoutNs } = this.#flows[data]!.traffic.window!;
    const timeoutNs = Math.ceil(this.#roundTripNs[data] + 4 * this.#deviationNs[data]);
    this.#timeoutNs[data] = Math.min(longestTimeoutNs, Math.max(minTimeoutNs, timeoutNs));
  }
}

const isPeer = (one: ConnectedFlow, other: ConnectedFlow): boolean =>
  one.station === other.station &&
  one.address === other.address &&
  one.direction !== other.direction &&
  one.isAcks !== other.isAcks;
