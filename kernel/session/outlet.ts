import type { JsonObject } from "../protocol/json.ts";
import type { Publication } from "../protocol/messages.ts";
import { currentCell, type CellContext } from "./context.ts";
import type { CellOutcome, ToSockets } from "./link.ts";
import type { Question } from "./questions.ts";
import type { RingWriter } from "./ring.ts";

/** Where messages to the thread of the sockets go; what is transferred is not copied. */
export interface OutletPort {
  postMessage(message: ToSockets, transfer?: readonly ArrayBuffer[]): void;
}

/** From so many characters on, a content goes as bytes, which are handed over and not copied. */
const longContent = 65_536;

/** The way out of the thread of user code, for everything that a cell shows or prints. */
export class Outlet {
  readonly #port: OutletPort;
  readonly #ring: RingWriter;
  #order = 0;

  constructor(port: OutletPort, ring: RingWriter) {
    this.#port = port;
    this.#ring = ring;
  }

  print(name: "stdout" | "stderr", text: string, { cell, capture }: CellContext = currentCell()): void {
    if (text === "") return;
    if (capture === undefined) this.#ring.text(name, cell, text);
    else capture.print(name, text);
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
    this.#send({ type: "output", order: this.#next(), output }, bytes && [bytes.buffer]);
  }

  ask(question: Omit<Question, "cell">, { cell }: CellContext): void {
    this.#send({ type: "ask", order: this.#next(), question: { ...question, cell } });
  }

  handled({ cell }: CellContext): void {
    this.#send({ type: "handled", order: this.#next(), cell });
  }

  done(context: CellContext, outcome: CellOutcome): void {
    this.#send({ type: "done", order: this.#next(), cell: context.cell, outcome });
  }

  #next(): number {
    this.#order += 1;
    return this.#order;
  }

  #send(message: Extract<ToSockets, { readonly order: number }>, transfer?: readonly ArrayBuffer[]): void {
    this.#port.postMessage(message, transfer);
    this.#ring.mark(message.order);
  }
}
