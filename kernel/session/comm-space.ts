import { randomUUID } from "node:crypto";
import type { JsonObject } from "../protocol/json.ts";
import type { CommContents, CommType } from "../protocol/messages.ts";
import type { Comm, CommHandler, CommMessage, CommOptions, CommsApi, CommTarget } from "./comm-api.ts";
import type { CommArrival } from "./link.ts";

/** What a comm sends, under the code that sends it. */
export type SendComm = <T extends CommType>(
  type: T,
  content: CommContents[T],
  buffers: readonly Uint8Array[],
  metadata: JsonObject,
) => void;

/** The comms of a notebook and the targets that its code has registered. */
export class CommSpace implements CommsApi {
  readonly #send: SendComm;
  readonly #comms = new Map<string, OpenComm>();
  readonly #targets = new Map<string, CommTarget>();

  constructor(send: SendComm) {
    this.#send = send;
  }

  registerTarget(target: string, opened: CommTarget): void {
    this.#targets.set(checkTarget(target), checkFunction("opened", opened));
  }

  unregisterTarget(target: string): void {
    this.#targets.delete(target);
  }

  open(target: string, data: object = {}, { metadata = {}, buffers = [] }: CommOptions = {}): Comm {
    return this.openAs(randomUUID(), target, data, { metadata, buffers });
  }

  /** As {@link open}, under an id that the caller has made. */
  openAs(id: string, target: string, data: object, { metadata = {}, buffers = [] }: CommOptions): Comm {
    const content = { comm_id: id, target_name: checkTarget(target), data: data as JsonObject };
    this.#send("comm_open", content, copies(buffers), metadata);
    return this.#add(id, target);
  }

  /** What is to be called for a message of the front end's; where nothing knows the target of a comm that opens, it is closed. */
  calls({ type, comm: id, target, ...message }: CommArrival): (() => unknown)[] {
    if (type === "comm_open") {
      const opened = this.#targets.get(target ?? "");
      if (opened !== undefined) return [() => opened(this.#add(id, target ?? ""), message)];
      this.#send("comm_close", { comm_id: id, data: {} }, [], {});
      return [];
    }
    const comm = this.#comms.get(id);
    if (comm === undefined) return []; // closed while the message was on its way
    if (type === "comm_msg") return comm.calls(comm.messages, message);
    comm.closed = true;
    this.#comms.delete(id);
    return comm.calls(comm.closings, message);
  }

  #add(id: string, target: string): OpenComm {
    const comm = new OpenComm(id, target, this.#send, () => this.#comms.delete(id));
    this.#comms.set(id, comm);
    return comm;
  }
}

class OpenComm implements Comm {
  readonly id: string;
  readonly target: string;
  closed = false;
  readonly messages = new Set<CommHandler>();
  readonly closings = new Set<CommHandler>();
  readonly #send: SendComm;
  readonly #forget: () => void;

  constructor(id: string, target: string, send: SendComm, forget: () => void) {
    this.id = id;
    this.target = target;
    this.#send = send;
    this.#forget = forget;
  }

  calls(handlers: ReadonlySet<CommHandler>, message: CommMessage): (() => unknown)[] {
    return Array.from(handlers, (handler) => () => handler(message));
  }

  send(data: object, { metadata = {}, buffers = [] }: CommOptions = {}): void {
    if (this.closed) throw new Error(`comm ${this.id} (${this.target}): expected an open comm, it is closed`);
    this.#send("comm_msg", { comm_id: this.id, data: data as JsonObject }, copies(buffers), metadata);
  }

  onMessage(handler: CommHandler): () => void {
    return listen(this.messages, handler);
  }

  onClose(handler: CommHandler): () => void {
    return listen(this.closings, handler);
  }

  close(data: object = {}, { metadata = {}, buffers = [] }: CommOptions = {}): void {
    if (this.closed) return;
    this.closed = true;
    this.#forget();
    this.#send("comm_close", { comm_id: this.id, data: data as JsonObject }, copies(buffers), metadata);
  }
}

function listen(handlers: Set<CommHandler>, handler: CommHandler): () => void {
  checkFunction("handler", handler);
  // Of its own: the same function can listen twice.
  const own: CommHandler = (message) => handler(message);
  handlers.add(own);
  return () => void handlers.delete(own);
}

/** The bytes alone: a view may lie in memory that is much larger, and may change once it has been sent. */
function copies(buffers: readonly (ArrayBuffer | ArrayBufferView)[]): Uint8Array[] {
  return buffers.map((buffer) => {
    if (ArrayBuffer.isView(buffer))
      return new Uint8Array(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
    if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer.slice(0));
    throw new TypeError(`buffers: expected an ArrayBuffer or a view of one, got ${typeof buffer}`);
  });
}

function checkTarget(target: unknown): string {
  if (typeof target === "string" && target !== "") return target;
  throw new TypeError(`target: expected a name, got ${typeof target === "string" ? '""' : typeof target}`);
}

function checkFunction<T>(name: string, value: T): T {
  if (typeof value === "function") return value;
  throw new TypeError(`${name}: expected a function, got ${typeof value}`);
}
