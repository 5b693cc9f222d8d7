import type { Message, Outgoing } from "../protocol/messages.ts";

/** The two channels on which requests come. A reply goes back on the channel of its request. */
export type RequestChannel = "shell" | "control";

/** The channels on which the kernel sends. */
export type Channel = RequestChannel | "iopub" | "stdin";

/** What a transport hands to the kernel. */
export interface TransportEvents {
  request(channel: RequestChannel, message: Message): void;
  /** The answer to an `input_request`. */
  input(message: Message): void;
  /** Somebody listens to iopub, to what begins with a topic. */
  subscribed(topic: Uint8Array): void;
  /** Something came that is no message: logged, never answered. */
  malformed(channel: string, error: Error): void;
}

/** Channels of messages, over sockets or in memory. */
export interface Transport {
  /** Queues a message; messages of one channel leave in the order of these calls. */
  send(channel: Channel, message: Outgoing): void;
  /** Resolves once little of iopub is queued; undefined where not much is: what makes more can go on. */
  room(): Promise<void> | undefined;
  /** Resolves when everything that was queued has been handed to the network. */
  flushed(): Promise<void>;
  /** Sends what is queued, then closes. */
  close(): Promise<void>;
}
