import type { JsonObject } from "../protocol/json.ts";
import type { Publication } from "../protocol/messages.ts";
import { currentCell, type CellContext } from "./context.ts";
import type { CellOutcome, ToSockets } from "./link.ts";
import type { Question } from "./questions.ts";
import type { RingWriter } from "./ring.ts";

/** The way out of the thread of user code, for everything that a cell shows or prints. */
export class Outlet {
  readonly #port: { postMessage(message: ToSockets): void };
  readonly #ring: RingWriter;
  #order = 0;

  constructor(port: { postMessage(message: ToSockets): void }, ring: RingWriter) {
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
    const output = { cell, type, content: JSON.stringify(content), buffers, metadata };
    this.#send({ type: "output", order: this.#next(), output });
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

  #send(message: Extract<ToSockets, { readonly order: number }>): void {
    this.#port.postMessage(message);
    this.#ring.mark(message.order);
  }
}
