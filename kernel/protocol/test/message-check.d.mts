import type { Channel } from "../../transport/transport.ts";

/** A message's parts, parsed. */
export interface CheckedMessage {
  readonly header: object;
  readonly parent_header: object;
  readonly metadata: object;
  readonly content: object;
  readonly buffers: readonly unknown[];
}

/** What is wrong with a message that a kernel sent on a channel, or undefined. */
export function faultOf(channel: Channel, message: CheckedMessage): string | undefined;
