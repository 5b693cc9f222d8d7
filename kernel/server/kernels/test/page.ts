import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { WebSocket } from "ws";

import type { JsonObject } from "../../../protocol/json.ts";
import { PROTOCOL_VERSION } from "../../../protocol/messages.ts";
import { faultOf } from "../../../protocol/test/message-check.mjs";
import type { Channel } from "../../../transport/transport.ts";

/** A message as a page has it. */
export interface PageMessage {
  readonly channel: string;
  readonly header: JsonObject & { readonly msg_id: string; readonly msg_type: string; readonly session: string };
  readonly parent_header: JsonObject & { readonly msg_id?: string };
  readonly metadata: JsonObject;
  readonly content: JsonObject;
  readonly buffers: readonly Uint8Array[];
}

/** What came of a request. */
export interface Outcome {
  readonly id: string;
  readonly reply: JsonObject;
  /** What was published for it, idle included. */
  readonly output: readonly PageMessage[];
  /** The text that it printed, on both streams. */
  readonly text: string;
}

/** A front end's connection to a kernel, with a codec of its own. */
export interface Page {
  readonly socket: WebSocket;
  readonly session: string;
  /** All that came, in order. */
  readonly messages: PageMessage[];
  /** Sends a request, and gives its id; `more` goes into its header. */
  send(type: string, content?: JsonObject, channel?: string, parent?: JsonObject, more?: object): string;
  /** Sends code to be executed, and gives the request's id. */
  begin(code: string, content?: JsonObject): string;
  /** Executes code, to its reply and idle. */
  execute(code: string, content?: JsonObject): Promise<Outcome>;
  /** Resolves with the outcome of a request that was sent. */
  outcome(id: string): Promise<Outcome>;
  /** The first message, from now or before, that fits. */
  wait(fits: (message: PageMessage) => boolean, timeoutMs?: number): Promise<PageMessage>;
  /** Resolves with code and reason when the socket has closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
  /** Breaks the connection, as a network does. */
  cut(): void;
}

export const v1 = "v1.kernel.websocket.jupyter.org";

export async function openPage(
  url: string,
  {
    headers,
    session = randomUUID(),
    protocols = [v1],
  }: {
    readonly headers: Record<string, string>;
    readonly session?: string;
    readonly protocols?: readonly string[];
  },
): Promise<Page> {
  const socket = new WebSocket(`${url}?session_id=${session}`, [...protocols], { headers });
  const messages: PageMessage[] = [];
  const listeners = new Set<() => void>();
  const closed: Page["closed"] = new Promise((resolve) =>
    socket.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
    }),
  );
  socket.on("message", (data, binary) => {
    const bytes = data as Buffer;
    const message = socket.protocol === v1 ? decodeV1(bytes) : binary ? decodeBinary(bytes) : parse(bytes);
    messages.push(message);
    checkMessage(message);
    for (const listener of listeners) listener();
  });
  await once(socket, "open");

  const wait: Page["wait"] = (fits, timeoutMs = 40_000) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        listeners.delete(look);
        const types = messages.slice(-12).map((each) => `${each.header.msg_type} ${JSON.stringify(each.content)}`);
        reject(
          new Error(`expected a message within ${timeoutMs} ms; the last were\n${types.join("\n").slice(0, 3000)}`),
        );
      }, timeoutMs);
      const look = (): void => {
        const found = messages.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
    });
  const send: Page["send"] = (type, content = {}, channel = "shell", parent = {}, more = {}) => {
    const id = randomUUID();
    const header = {
      msg_id: id,
      msg_type: type,
      session,
      username: "page",
      date: new Date().toISOString(),
      version: "5.4",
      ...more,
    };
    const message = { channel, header, parent_header: parent, metadata: {}, content, buffers: [] };
    socket.send(socket.protocol === v1 ? encodeV1(message) : JSON.stringify(message));
    return id;
  };
  const begin: Page["begin"] = (code, content = {}) =>
    send("execute_request", { code, silent: false, store_history: true, allow_stdin: false, ...content });
  const outcome: Page["outcome"] = async (id) => {
    const about = ({ parent_header: parent }: PageMessage): boolean => parent.msg_id === id;
    const reply = await wait((each) => about(each) && each.channel !== "iopub" && each.channel !== "stdin");
    await wait((each) => about(each) && each.content["execution_state"] === "idle");
    const output = messages.filter((each) => about(each) && each.channel === "iopub");
    const printed = output.filter(({ header }) => header.msg_type === "stream");
    return { id, reply: reply.content, output, text: printed.map(({ content }) => content["text"] as string).join("") };
  };
  return {
    socket,
    session,
    messages,
    send,
    wait,
    outcome,
    begin,
    execute: (code, content) => outcome(begin(code, content)),
    closed,
    async close() {
      socket.close(1000);
      await closed;
    },
    cut() {
      socket.terminate();
    },
  };
}

/**
 * Notes what is wrong with a message, for kernel/test/check-messages.ts to fail on. States of the server's own making have no request that
 * they belong to; kernels of others speak other versions of the protocol.
 */
function checkMessage(message: PageMessage): void {
  const { username, version, msg_type: type } = message.header;
  const file = process.env["VEELAB_MESSAGE_FAULTS"];
  if (file === undefined || version !== PROTOCOL_VERSION || (username !== "kernel" && type === "status")) return;
  const fault = faultOf(message.channel as Channel, message);
  if (fault !== undefined) appendFileSync(file, `${JSON.stringify({ fault, content: message.content })}\n`);
}

const parse = (bytes: Uint8Array): PageMessage => JSON.parse(Buffer.from(bytes).toString()) as PageMessage;

/** By the letter of the format, and unlike the server's own: a view and a loop. */
export function decodeV1(bytes: Uint8Array): PageMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Number(view.getBigUint64(0, true));
  const at = (index: number): number => Number(view.getBigUint64(8 * (index + 1), true));
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < count - 1; index += 1) pieces.push(bytes.slice(at(index), at(index + 1)));
  const [channel, header, parent, metadata, content, ...buffers] = pieces;
  const json = (piece: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(piece!).toString());
  return {
    channel: Buffer.from(channel!).toString(),
    header: json(header),
    parent_header: json(parent),
    metadata: json(metadata),
    content: json(content),
    buffers,
  } as PageMessage;
}

export function encodeV1(
  message: Omit<PageMessage, "header" | "parent_header"> & { header: unknown; parent_header: unknown },
): Buffer {
  const json = [message.header, message.parent_header, message.metadata, message.content];
  const pieces = [message.channel, ...json.map((part) => JSON.stringify(part))].map((text) => Buffer.from(text));
  const all = [...pieces, ...message.buffers.map((buffer) => Buffer.from(buffer))];
  const numbers = [all.length + 1];
  let at = 8 * (all.length + 2);
  for (const piece of all) {
    numbers.push(at);
    at += piece.length;
  }
  numbers.push(at);
  return Buffer.concat([new Uint8Array(new BigUint64Array(numbers.map(BigInt)).buffer), ...all]);
}

/** The default subprotocol's message with buffers. */
export function decodeBinary(bytes: Uint8Array): PageMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0);
  const at = (index: number): number => (index === count ? bytes.length : view.getUint32(4 * (index + 1)));
  const pieces: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) pieces.push(bytes.slice(at(index), at(index + 1)));
  return { ...parse(pieces[0]!), buffers: pieces.slice(1) };
}

export function encodeBinary(message: object, buffers: readonly Uint8Array[]): Buffer {
  const pieces = [Buffer.from(JSON.stringify(message)), ...buffers];
  const numbers: number[] = [];
  let at = 4 * (pieces.length + 1);
  for (const piece of pieces) {
    numbers.push(at);
    at += piece.length;
  }
  const head = new DataView(new ArrayBuffer(4 * (pieces.length + 1)));
  [pieces.length, ...numbers].forEach((number, index) => {
    head.setUint32(4 * index, number);
  });
  return Buffer.concat([new Uint8Array(head.buffer), ...pieces]);
}
