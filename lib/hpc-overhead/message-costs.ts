import type { Network } from "./network.ts";
import type { NodeCosts } from "./node.ts";

/** What a message of one size costs; both engines add these in the same order, so that they agree to the last bit. */
export interface MessageCosts {
  /** Processor time of a send until the message leaves, ns: a copy of it is made before. */
  readonly sendNs: number;
  /** Processor time of a send after that, ns. */
  readonly sendBytesNs: number;
  /** From the departure to the arrival of the first byte, ns. */
  readonly wireNs: number;
  /** Processor time of a receive, ns. */
  readonly receiveNs: number;
  /** From there until the last byte has arrived and is copied, ns. */
  readonly receiveBytesNs: number;
  /** How long an interface is taken, ns. */
  readonly gapNs: number;
}

/** The costs of a message of so many bytes; of an empty one those of one byte. */
export function messageCosts(network: Network, node: NodeCosts, bytes: number): MessageCosts {
  const further = Math.max(0, bytes - 1);
  return {
    sendNs: network.overheadNs + node.sendNs + further * node.byteNs,
    sendBytesNs: further * network.byteOverheadNs,
    wireNs: network.latencyNs,
    receiveNs: network.overheadNs + node.receiveNs,
    // The processor's work on a byte overlaps with the arrival of the next ones; a copy is of the whole message.
    receiveBytesNs: further * (Math.max(network.byteOverheadNs, network.byteGapNs) + node.byteNs),
    gapNs: network.gapNs + further * network.byteGapNs,
  };
}
