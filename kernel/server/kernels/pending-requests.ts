import type { ClientMessage } from "./message.ts";
import type { Mailbox } from "./mailbox.ts";

/** A request that its kernel has not answered and finished yet. */
export interface PendingRequest {
  readonly message: ClientMessage;
  /** Whose it is. */
  readonly mailbox: Mailbox;
  /** The number of the cell, once the kernel has said it. */
  count: number | undefined;
  replied: boolean;
  /** Whether the kernel has said that it is done with it. */
  idle: boolean;
}

/** Beyond so many, the oldest are forgotten: a kernel that does not answer some kind of request leaves them behind. */
const most = 10_000;

/** The requests of a kernel that are under way, by their ids: replies are given to whom they belong. */
export class PendingRequests {
  readonly #requests = new Map<string, PendingRequest>();

  add(message: ClientMessage, mailbox: Mailbox): void {
    // Comm messages and answers to input_request are not answered.
    if (!message.header.msg_type.endsWith("_request")) return;
    this.#requests.set(message.header.msg_id, { message, mailbox, count: undefined, replied: false, idle: false });
    if (this.#requests.size > most)
      for (const oldest of this.#requests.keys()) {
        this.#requests.delete(oldest);
        break;
      }
  }

  get(id: string | undefined): PendingRequest | undefined {
    return id === undefined ? undefined : this.#requests.get(id);
  }

  /** Whose request this was. What is both answered and finished is forgotten. */
  settle(id: string | undefined, what: "replied" | "idle"): PendingRequest | undefined {
    const request = this.get(id);
    if (request === undefined) return undefined;
    request[what] = true;
    if (request.replied && request.idle) this.#requests.delete(request.message.header.msg_id);
    return request;
  }

  /** The oldest that is not answered and fits. */
  first(fits: (request: PendingRequest) => boolean): PendingRequest | undefined {
    for (const request of this.#requests.values()) if (!request.replied && fits(request)) return request;
    return undefined;
  }

  /** All of them, which from now on are forgotten. */
  takeAll(): PendingRequest[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    return all;
  }
}
