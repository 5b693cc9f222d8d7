import { randomUUID } from "node:crypto";

import type { JsonObject } from "../../protocol/json.ts";
import { PROTOCOL_VERSION, type Header } from "../../protocol/messages.ts";
import { checkHeader, parsePart } from "../../protocol/wire.ts";

/** The channels on which a client may send. */
export type ClientChannel = "shell" | "control" | "stdin";

/** All channels: a kernel publishes its output on iopub. */
export type Channel = ClientChannel | "iopub";

/** A message that passes through: its JSON stays the bytes that it came as. */
interface Passing {
  /** Header, parent header, metadata, content. */
  readonly parts: readonly Uint8Array[];
  readonly buffers: readonly Uint8Array[];
  readonly header: Header;
}

/** A message of a client to its kernel. */
export interface ClientMessage extends Passing {
  readonly channel: ClientChannel;
}

/** A message of a kernel, or of the server in its name, to clients. */
export interface KernelMessage extends Passing {
  readonly channel: Channel;
  /** The header of the request that caused it. */
  readonly parent: Header | undefined;
}

/** A message's length, by which queues are bounded. */
export function byteLength({ parts, buffers }: Passing): number {
  let length = 0;
  for (const each of parts) length += each.length;
  for (const each of buffers) length += each.length;
  return length;
}

/** The content of a message, where it has to be known. */
export function contentOf({ parts }: Passing): JsonObject {
  return parsePart(parts[3] ?? new Uint8Array(), 3);
}

/**
 * A message from a kernel's channel.
 *
 * @throws WireError when a header is not one
 */
export function kernelMessage(
  channel: Channel,
  parts: readonly Uint8Array[],
  buffers: readonly Uint8Array[],
): KernelMessage {
  const [header, parent] = parts.slice(0, 2).map(parsePart) as [JsonObject, JsonObject];
  return {
    channel,
    parts,
    buffers,
    header: checkHeader(header, "header"),
    parent: Object.keys(parent).length === 0 ? undefined : checkHeader(parent, "parent_header"),
  };
}

/** What the server says in a kernel's name. */
export interface Said {
  readonly channel: Channel;
  readonly type: string;
  readonly content: JsonObject;
  /** The header of the request that it is about. */
  readonly parent?: Header | undefined;
  /** The kernel's own session: a front end drops messages of another, as from before a restart. */
  readonly session: string;
}

/** A message of the server. */
export function said({ channel, type, content, parent, session }: Said): KernelMessage {
  const header: Header = {
    msg_id: randomUUID(),
    session,
    username: "veelab",
    date: new Date().toISOString(),
    msg_type: type,
    version: PROTOCOL_VERSION,
  };
  const parts = [header, parent ?? {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  return { channel, parts, buffers: [], header, parent };
}
