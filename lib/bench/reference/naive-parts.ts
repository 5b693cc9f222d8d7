import type { Flow } from "../../virtual-wifi/station.ts";

// What the naive cell is made of.

/** What became of a flow's frames. */
export interface NaiveCounts {
  offered: number;
  delivered: number;
  attempts: number;
  collided: number;
  retryDrops: number;
  queueDrops: number;
  waiting: number;
  delaySumNs: number;
  delayMaxNs: number;
}

/** A frame that waits. */
export interface Packet {
  cameNs: number;
  /** Of a window or a capture. */
  readonly number?: number;
  /** What an acknowledgement says: all up to this number, but for those that the receiver has not got. */
  readonly says?: { readonly upTo: number; readonly stampNs: number };
}

/** A flow, and its frames that wait. */
export interface Queue {
  readonly flow: Flow;
  readonly gapNs: () => number;
  readonly counts: NaiveCounts;
  readonly packets: Packet[];
  contender?: Contender;
  connection?: Connection;
  arrivalNs: number;
}

/** Data that a window holds back, and its acknowledgements: both sides with all that they have sent and got. */
export interface Connection {
  readonly data: Queue;
  readonly acks: Queue;
  readonly onTheWay: Set<number>;
  readonly got: Set<number>;
  next: number;
  window: number;
  threshold: number;
  recover: number;
  givenUp: number;
  heardOf: number;
  roundTrip: { meanNs: number; deviationNs: number } | undefined;
  timeoutNs: number;
  timer: number | undefined;
  highest: number;
  held: number;
  stampNs: number;
  delay: number | undefined;
}

/** Who contends for the channel. */
export interface Contender {
  readonly queues: readonly Queue[];
  readonly isAccessPoint: boolean;
  readonly bits: () => number;
  served: Queue | undefined;
  /** What it serves, or served last. */
  last: Queue;
  backoff: number | undefined;
  timer: number | undefined;
  cw: number;
  tries: number;
  /** How many packets it sends at once. */
  batch: number;
  isFrozen: boolean;
}

/** A station leaves or comes back. */
export interface Move {
  readonly kind: "move";
  readonly station: number;
  readonly isAway: boolean;
}

/** A connection has waited for long enough. By the handle it knows whether it still waits: what it waits for may have come at the same time. */
export interface Deadline {
  readonly kind: "timeout" | "delay";
  readonly connection: Connection;
  handle: number;
}

/** What happens. */
export type Event =
  | { readonly kind: "exchange over"; readonly senders: readonly Contender[]; readonly spaceNs: number }
  | Move
  | { readonly kind: "arrival"; readonly queue: Queue }
  | { readonly kind: "start"; readonly connection: Connection }
  | Deadline
  | { readonly kind: "backoff over"; readonly contender: Contender };
