import type { JsonObject } from "../protocol/json.ts";
import type { Publication } from "../protocol/messages.ts";
import { currentCell, type CellContext } from "./context.ts";
import type { CellOutcome, ToSockets } from "./link.ts";
import type { PrintLimit } from "./print-limit.ts";
import type { Question } from "./questions.ts";
import type { RingWriter } from "./ring.ts";

/** Where messages to the thread of the sockets go; what is transferred is not copied. */
export interface OutletPort {
  postMessage(message: ToSockets, transfer?: readonly ArrayBuffer[]): void;
}

/** From so many characters on, a content goes as bytes, which are handed over and not copied. */
const longContent = 65_536;

/** What an output takes of the ring until it has been taken, bytes: a cell that shows things without end waits for that. */
const [leastWeight, weightShare] = [256, 16];

/** The way out of the thread of user code, for everything that a cell shows or prints. */
export class Outlet {
  readonly #port: OutletPort;
  readonly #ring: RingWriter;
  readonly #limit: PrintLimit;
  #order = 0;

  constructor(port: OutletPort, ring: RingWriter, limit: PrintLimit) {
    this.#port = port;
    this.#ring = ring;
    this.#limit = limit;
  }

  print(name: "stdout" | "stderr", text: string, context: CellContext = currentCell()): void {
    const { cell, capture, printed } = context;
    if (text === "") return;
    if (capture !== undefined) {
      capture.print(name, text);
      return;
    }
    const before = printed.amount;
    const passing = this.#limit.take(printed, name, text.length);
    if (passing === text.length) this.#ring.text(name, cell, text);
    else {
      this.#ring.text(name, cell, text.slice(0, passing));
      if (this.#limit.summary({ ...printed, amount: before }) === undefined)
        this.#ring.text("stderr", cell, this.#limit.notice());
    }
  }

  publish(
    publication: Publication,
    buffers: readonly Uint8Array[] = [],
    { cell, capture }: CellContext = currentCell(),
    metadata?: JsonObject,
  ): void {
    if (capture?.take(publication) === true) return;
    const { type, content } = publication;
    const json = JSON.stringify(content);
    // What a comm opens or closes is looked at on the other side.
    const bytes = json.length < longContent || type.startsWith("comm_") ? undefined : Buffer.from(json);
    const output = { cell, type, content: bytes ?? json, buffers, metadata };
    this.#send(
      { type: "output", order: this.#next(), output },
      bytes && [bytes.buffer],
      leastWeight + Math.ceil(json.length / weightShare),
    );
  }

  ask(question: Omit<Question, "cell">, { cell }: CellContext): void {
    this.#send({ type: "ask", order: this.#next(), question: { ...question, cell } });
  }

  handled({ cell }: CellContext): void {
    this.#send({ type: "handled", order: this.#next(), cell });
  }

  done(context: CellContext, outcome: CellOutcome): void {
    const summary = this.#limit.summary(context.printed);
    if (summary !== undefined) this.#ring.text("stderr", context.cell, summary);
    this.#send({ type: "done", order: this.#next(), cell: context.cell, outcome });
  }

  #next(): number {
    this.#order += 1;
    return this.#order;
  }

  #send(
    message: Extract<ToSockets, { readonly order: number }>,
    transfer?: readonly ArrayBuffer[],
    weight?: number,
  ): void {
    this.#port.postMessage(message, transfer);
    this.#ring.mark(message.order, weight);
  }
}
