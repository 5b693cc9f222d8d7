import { createHmac, getHashes, timingSafeEqual } from "node:crypto";
import { isJsonObject, showJson, type JsonObject } from "./json.ts";
import { PROTOCOL_VERSION, type Header, type Message, type Outgoing } from "./messages.ts";

/** Ends the identities in front of a message. */
export const delimiter: Buffer = Buffer.from("<IDS|MSG>");

/** How many signatures are remembered against replay. At 300 ms a message this is more than five hours. */
const replayWindow = 65_536;

/** A message that cannot be taken: its frames, its signature or its JSON are not the protocol's. Never answered. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Frames to messages and back, under one connection's key. */
export interface Codec {
  /** A message as frames: identities, delimiter, signature, header, parent header, metadata, content, buffers. */
  encode(message: Outgoing): Uint8Array[];
  /**
   * Frames as a message.
   *
   * @throws WireError when frames are missing, the signature is wrong or was seen before, or a part is not a JSON object.
   */
  decode(frames: readonly Uint8Array[]): Message;
}

/** The four JSON parts of a message, header, parent header, metadata and content, and its buffers, as bytes. */
export interface Sealed {
  /** What stands before the delimiter. */
  readonly identities: readonly Uint8Array[];
  readonly parts: readonly Uint8Array[];
  readonly buffers: readonly Uint8Array[];
}

/** Signed frames around the parts of a message, whose JSON it leaves as it is. */
export interface Envelope {
  /** Identities, delimiter, signature, parts, buffers. */
  seal(message: Sealed): Uint8Array[];
  /**
   * What is in frames whose signature is right.
   *
   * @throws WireError when frames are missing or the signature is wrong.
   */
  open(frames: readonly Uint8Array[]): Sealed & { readonly signature: Uint8Array };
}

/**
 * The envelope of a connection. An empty key switches signing off, as the protocol says.
 *
 * @throws WireError when the signature scheme is not `hmac-` and a hash that this Node has.
 */
export function createEnvelope(key: string, scheme = "hmac-sha256"): Envelope {
  const hash = scheme.startsWith("hmac-") ? scheme.slice("hmac-".length) : "";
  if (key !== "" && !getHashes().includes(hash))
    throw new WireError(`signature_scheme: expected "hmac-" and a known hash, got ${showJson(scheme)}`);

  const sign = (parts: readonly Uint8Array[]): Buffer => {
    if (key === "") return Buffer.alloc(0);
    const hmac = createHmac(hash, key);
    for (const part of parts) hmac.update(part);
    return Buffer.from(hmac.digest("hex"));
  };

  return {
    seal: ({ identities, parts, buffers }) => [...identities, delimiter, sign(parts), ...parts, ...buffers],

    open(frames) {
      const start = frames.findIndex((frame) => delimiter.equals(frame));
      if (start === -1) throw new WireError(`expected the delimiter <IDS|MSG> among ${frames.length} frames`);
      const [signature, ...rest] = frames.slice(start + 1);
      const parts = rest.slice(0, 4);
      if (signature === undefined || parts.length < 4)
        throw new WireError(
          `expected a signature and 4 parts after the delimiter, got ${frames.length - start - 1} frames`,
        );
      if (key !== "") {
        const expected = sign(parts);
        if (expected.length !== signature.length || !timingSafeEqual(expected, signature))
          throw new WireError("the signature is wrong");
      }
      return { identities: frames.slice(0, start), parts, buffers: rest.slice(4), signature };
    },
  };
}

/**
 * The codec of a connection.
 *
 * @throws WireError as `createEnvelope` does.
 */
export function createCodec(key: string, scheme = "hmac-sha256"): Codec {
  const envelope = createEnvelope(key, scheme);
  const seen = new Set<string>();
  const remember = (signature: string): void => {
    if (seen.has(signature)) throw new WireError("a message with this signature was taken before");
    seen.add(signature);
    if (seen.size > replayWindow)
      for (const oldest of seen) {
        seen.delete(oldest);
        break;
      }
  };

  return {
    encode({ identities, header, parent_header: parent, metadata, content, buffers }) {
      const parts = [header, parent, metadata, content].map((part) =>
        part instanceof Uint8Array ? part : Buffer.from(typeof part === "string" ? part : JSON.stringify(part)),
      );
      return envelope.seal({ identities, parts, buffers });
    },

    decode(frames) {
      const { identities, parts, buffers, signature } = envelope.open(frames);
      if (key !== "") remember(Buffer.from(signature).toString("latin1"));
      const [header, parent, metadata, content] = parts.map(parsePart) as [
        JsonObject,
        JsonObject,
        JsonObject,
        JsonObject,
      ];
      return {
        identities,
        header: checkHeader(header, "header"),
        parent_header: Object.keys(parent).length === 0 ? {} : checkHeader(parent, "parent_header"),
        metadata,
        content,
        buffers,
      };
    },
  };
}

const partNames = ["header", "parent_header", "metadata", "content"] as const;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One of a message's JSON parts.
 *
 * @param index - its place: 0 header, 1 parent header, 2 metadata, 3 content
 * @throws WireError when it is not a JSON object in UTF-8.
 */
export function parsePart(part: Uint8Array, index: number): JsonObject {
  const name = partNames[index] ?? "part";
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(part));
  } catch (error) {
    throw new WireError(`${name}: expected JSON in UTF-8 (${(error as Error).message})`, { cause: error });
  }
  if (!isJsonObject(value)) throw new WireError(`${name}: expected a JSON object`);
  return value;
}

/**
 * Of a header only what routing needs must be there; clients differ in the rest.
 *
 * @throws WireError that names the field.
 */
export function checkHeader(header: JsonObject, name: string): Header {
  const text = (field: string, fallback?: string): string => {
    const value = header[field];
    if (typeof value === "string") return value;
    if (fallback !== undefined) return fallback;
    throw new WireError(`${name}.${field}: expected a string, got ${showJson(value)}`);
  };
  return {
    ...header,
    msg_id: text("msg_id"),
    msg_type: text("msg_type"),
    session: text("session", ""),
    username: text("username", ""),
    date: text("date", ""),
    version: text("version", PROTOCOL_VERSION),
  };
}
