import type { JsonObject } from "../protocol/json.ts";

/** What comes by a comm. */
export interface CommMessage {
  readonly data: JsonObject;
  readonly metadata: JsonObject;
  /** Bytes that travel beside the data, as they are. */
  readonly buffers: readonly Uint8Array[];
}

/** What goes out beside the data. */
export interface CommOptions {
  readonly metadata?: JsonObject;
  /** Copied when they are sent. */
  readonly buffers?: readonly (ArrayBuffer | ArrayBufferView)[];
}

/**
 * Takes a message. What it shows belongs to that message; a promise is waited for before the front end is told that the message has been
 * handled, but holds no other message up. What it throws is shown.
 */
export type CommHandler = (message: CommMessage) => unknown;

/** A channel between the notebook's code and its front end. */
export interface Comm {
  readonly id: string;
  /** What it is for: the name that the other side has registered. */
  readonly target: string;
  readonly closed: boolean;
  /**
   * Sends to the front end.
   *
   * @throws Error once it is closed
   */
  send(data: object, options?: CommOptions): void;
  /** Has a function called with every message that comes; gives the function that ends it. */
  onMessage(handler: CommHandler): () => void;
  /** Has a function called when the front end closes it; gives the function that ends it. */
  onClose(handler: CommHandler): () => void;
  /** Closes it and tells the front end so; nothing where it is closed. */
  close(data?: object, options?: CommOptions): void;
}

/** Takes a comm that the front end opens, with the message that opens it. */
export type CommTarget = (comm: Comm, message: CommMessage) => unknown;

/** What cells have as the global `comms`. */
export interface CommsApi {
  /** Takes the comms that the front end opens for this target; the last one that was registered for it. */
  registerTarget(target: string, opened: CommTarget): void;
  /** From now on the front end's comms for this target are closed as unknown. */
  unregisterTarget(target: string): void;
  /** Opens a comm to what the front end has registered under this name. */
  open(target: string, data?: object, options?: CommOptions): Comm;
}
