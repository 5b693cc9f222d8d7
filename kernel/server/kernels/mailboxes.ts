import type { WebSocket } from "ws";

import { Mailbox, type Lost } from "./mailbox.ts";
import type { KernelMessage } from "./message.ts";
import type { Subprotocol } from "./subprotocol.ts";

/** How long a page has to answer that its socket is closed. */
const closeMs = 1000;
/** Beside other pages, an absent page's output is kept for as long as it tries to come back. */
const absenceMs = 120_000;

/** The mailboxes of a kernel's clients, by their sessions. */
export class Mailboxes {
  readonly #bySession = new Map<string, Mailbox>();
  readonly #bufferBytes: number;
  readonly #lost: (lost: Lost) => KernelMessage;

  constructor(bufferBytes: number, lost: (lost: Lost) => KernelMessage) {
    this.#bufferBytes = bufferBytes;
    this.#lost = lost;
  }

  /** How many pages are connected. */
  get connections(): number {
    return [...this.#bySession.values()].filter(({ socket }) => socket !== undefined).length;
  }

  get(session: string): Mailbox | undefined {
    return this.#bySession.get(session);
  }

  /** Connects a page: it is sent what its session missed, and from now on what comes. */
  connect(socket: WebSocket, session: string, subprotocol: Subprotocol): Mailbox {
    const mailbox = this.#bySession.get(session) ?? new Mailbox(this.#bufferBytes, this.#lost);
    this.#bySession.set(session, mailbox);
    mailbox.socket?.close(1000, "another connection of the same session took its place");
    mailbox.attach(socket, subprotocol);
    this.forgetAbsent();
    return mailbox;
  }

  /** A page went away; it may come back, in its session. */
  disconnect(socket: WebSocket, session: string): void {
    const mailbox = this.#bySession.get(session);
    if (mailbox?.socket === socket) mailbox.detach();
    this.forgetAbsent();
  }

  /** A page went away for good. */
  forget(session: string): void {
    this.#bySession.delete(session);
  }

  /** Forgets the sessions that will not come back. While nobody is connected, nobody is forgotten. */
  forgetAbsent(): void {
    if (this.connections === 0) return;
    const before = Date.now() - absenceMs;
    for (const [session, { detachedAt }] of this.#bySession)
      if (detachedAt !== undefined && detachedAt < before) this.#bySession.delete(session);
  }

  /** Gives everybody a message. */
  put(message: KernelMessage): void {
    for (const mailbox of this.#bySession.values()) mailbox.put(message);
  }

  /** Ends all connections. */
  close(code: number, why: string): void {
    for (const { socket } of this.#bySession.values()) {
      socket?.close(code, why);
      // A page that sleeps does not answer, and would keep the server from its end.
      setTimeout(() => socket?.terminate(), closeMs).unref();
    }
    this.#bySession.clear();
  }
}
