import type { WebSocket } from "ws";

import type { Header } from "../../protocol/messages.ts";
import { byteLength, type KernelMessage } from "./message.ts";
import type { Subprotocol } from "./subprotocol.ts";

/** What was dropped because nobody took it. */
export interface Lost {
  readonly bytes: number;
  /** The request whose output it was, as far as the last of it goes. */
  readonly parent: Header | undefined;
}

/** So much is handed to the socket before it has sent the rest: more would wait in memory that is not counted. */
const socketBytes = 4 * 1024 * 1024;

/**
 * A session's messages on their way to its page. They wait here while the page is away, and while it is slower than the
 * kernel; beyond a limit the oldest output is dropped, and the page is told. Messages keep their order.
 */
export class Mailbox {
  readonly #limit: number;
  readonly #notice: (lost: Lost) => KernelMessage;
  #waiting: KernelMessage[] = [];
  #bytes = 0;
  #lost: Lost | undefined;
  /** Handed to the socket and not sent yet. */
  #sending: KernelMessage[] = [];
  #page: { readonly socket: WebSocket; readonly subprotocol: Subprotocol } | undefined;
  #detachedAt: number | undefined;

  /** @param limit the most bytes that wait here */
  constructor(limit: number, notice: (lost: Lost) => KernelMessage) {
    this.#limit = limit;
    this.#notice = notice;
  }

  /** The page's socket, while it is there. */
  get socket(): WebSocket | undefined {
    return this.#page?.socket;
  }

  /** When the page went away, in ms; undefined while it is there. */
  get detachedAt(): number | undefined {
    return this.#detachedAt;
  }

  put(message: KernelMessage): void {
    this.#waiting.push(message);
    this.#bytes += byteLength(message);
    this.#pump();
    // The newest is not counted: a single display may be larger than the limit.
    if (this.#bytes - byteLength(message) > this.#limit) this.#shrink(message);
  }

  /** Sends what waits, and from now on what comes. */
  attach(socket: WebSocket, subprotocol: Subprotocol): void {
    if (this.#page !== undefined) this.detach();
    this.#page = { socket, subprotocol };
    this.#detachedAt = undefined;
    this.#pump();
  }

  /** The page is gone: what its socket has not sent waits again. */
  detach(): void {
    this.#page = undefined;
    this.#detachedAt = Date.now();
    for (const message of this.#sending) this.#bytes += byteLength(message);
    this.#waiting = [...this.#sending, ...this.#waiting];
    this.#sending = [];
  }

  #pump(): void {
    const page = this.#page;
    if (page === undefined) return;
    let taken = 0;
    for (const message of this.#waiting) {
      if (page.socket.bufferedAmount > socketBytes) break;
      if (this.#lost !== undefined) {
        const lost = this.#lost;
        this.#lost = undefined;
        this.#send(page, this.#notice(lost));
      }
      this.#send(page, message);
      this.#bytes -= byteLength(message);
      taken += 1;
    }
    if (taken === this.#waiting.length) this.#waiting = [];
    else if (taken > 0) this.#waiting = this.#waiting.slice(taken);
  }

  #send({ socket, subprotocol }: { socket: WebSocket; subprotocol: Subprotocol }, message: KernelMessage): void {
    let data: Buffer | string;
    try {
      data = subprotocol.encode(message);
    } catch {
      // Longer than a text can be, for one. It must not keep back what comes after it, nor what goes to other pages.
      this.#lose(message);
      return;
    }
    this.#sending.push(message);
    socket.send(data, { binary: typeof data !== "string" }, (error) => {
      if (error instanceof Error || this.#page?.socket !== socket) return;
      this.#sending.shift();
      // Not for each message that leaves: every time, the queue is copied.
      if (this.#waiting.length > 0 && socket.bufferedAmount < socketBytes / 2) this.#pump();
    });
  }

  /** Drops the oldest output; if that is not enough, for a page that takes nothing at all, the oldest of everything. */
  #shrink(newest: KernelMessage): void {
    // To three quarters, so that not every further message walks the queue again.
    const goal = this.#limit * 0.75 + byteLength(newest);
    for (const mayGo of [isOutput, (): boolean => true]) {
      this.#waiting = this.#waiting.filter((message) => {
        if (this.#bytes <= goal || message === newest || !mayGo(message)) return true;
        this.#bytes -= byteLength(message);
        this.#lose(message);
        return false;
      });
      if (this.#bytes <= this.#limit + byteLength(newest)) return;
    }
  }

  #lose(message: KernelMessage): void {
    this.#lost = { bytes: (this.#lost?.bytes ?? 0) + byteLength(message), parent: message.parent };
  }
}

const never = new Set(["status", "error", "execute_input", "clear_output"]);

/** Whether a notebook without this message is only short, not out of step. */
function isOutput({ channel, header }: KernelMessage): boolean {
  return channel === "iopub" && !never.has(header.msg_type);
}
