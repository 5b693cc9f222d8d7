import type { CellOutcome, Output, ToSockets } from "./link.ts";
import type { Question } from "./questions.ts";
import type { RingReader } from "./ring.ts";

/** Printed text waits this long for more before it is sent, so that many lines make few messages. */
const batchMs = 12;

/** What the inbox hands on, in the order in which the thread of user code made it. */
export interface InboxEvents {
  /** Gives what is to be awaited before the next one, where too much waits already. */
  output(output: Output): Promise<void> | undefined;
  ask(question: Question): void;
  handled(cell: number): void;
  done(cell: number, outcome: CellOutcome): void;
}

type Ordered = Extract<ToSockets, { readonly order: number }>;

/**
 * Puts together again what came by two ways: printed text through the ring, and everything else through the port.
 * Consecutive text of one cell and stream becomes one message.
 */
export class Inbox {
  readonly #ring: RingReader;
  readonly #events: InboxEvents;
  readonly #waiting: Ordered[] = [];
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  /** Set where nothing is handed on: the writer waits, once the ring is full. */
  #held = false;

  constructor(ring: RingReader, events: InboxEvents) {
    this.#ring = ring;
    this.#events = events;
  }

  /** Takes a message from the port. */
  take(message: Exclude<ToSockets, { readonly type: "stopped" }>): void {
    if (this.#held) {
      if (message.type !== "bell") this.#waiting.push(message);
      return;
    }
    if (message.type === "bell" && !message.urgent) {
      this.#timer ??= setTimeout(this.#pump, batchMs);
      return;
    }
    if (message.type !== "bell") this.#waiting.push(message);
    // Once a turn of the event loop: a cell that prints without end must not keep the sockets from being read.
    this.#soon ??= setImmediate(this.#pump);
  }

  /** Hands on whatever is complete. */
  readonly #pump = (): void => {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    this.#timer = this.#soon = undefined;
    let text = "";
    let name: "stdout" | "stderr" = "stdout";
    let cell = 0;
    const flush = (): void => {
      if (text !== "") this.#output({ cell, type: "stream", content: JSON.stringify({ name, text }) });
      text = "";
    };
    this.#ring.drain((kind, tag, piece) => {
      if (this.#held) return false;
      if (kind === "stdout" || kind === "stderr") {
        if (kind !== name || tag !== cell) flush();
        name = kind;
        cell = tag;
        text += piece;
        return true;
      }
      if (!this.#waiting.some(({ order }) => order >= tag)) return false; // it is still on its way through the port
      flush();
      // A mark may be missing when the writer was terminated between the message and its mark: hence all up to here.
      while (this.#waiting[0] !== undefined && this.#waiting[0].order <= tag) {
        const message = this.#waiting.shift();
        if (message !== undefined) this.#hand(message);
      }
      return true;
    });
    flush();
  };

  #output(output: Output): void {
    const room = this.#events.output(output);
    if (room === undefined || this.#held) return;
    this.#held = true;
    void room.then(() => {
      this.#held = false;
      this.#pump();
    });
  }

  #hand(message: Ordered): void {
    if (message.type === "output") this.#output(message.output);
    else if (message.type === "ask") this.#events.ask(message.question);
    else if (message.type === "handled") this.#events.handled(message.cell);
    else this.#events.done(message.cell, message.outcome);
  }
}
