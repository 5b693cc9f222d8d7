import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { FrameError } from "./frame-error.ts";
import { clientMessage, type Subprotocol } from "./subprotocol.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const fields = ["header", "parent_header", "metadata", "content"] as const;

/**
 * The subprotocol of clients that ask for none: a message is one JSON text; with buffers it is binary: the number of
 * pieces, their offsets, all 32 bits big endian, then the JSON text and the buffers.
 */
export const subprotocolJson: Subprotocol = {
  decode(data, binary) {
    const [text, ...buffers] = binary ? split(data) : [data];
    const message = parse(text ?? Buffer.alloc(0));
    return clientMessage(
      // A client that names no channel means shell, as in Jupyter's server.
      message["channel"] ?? "shell",
      fields.map((field) => Buffer.from(JSON.stringify(message[field] ?? {}))),
      buffers,
    );
  },

  encode({ channel, parts, buffers, header }) {
    const entries = fields.map((field, index) => Buffer.concat([Buffer.from(`"${field}":`), parts[index]!, comma]));
    const rest = `"msg_id":${JSON.stringify(header.msg_id)},"msg_type":${JSON.stringify(header.msg_type)},"channel":"${channel}"`;
    const json = [Buffer.from("{"), ...entries, Buffer.from(`${rest}${buffers.length === 0 ? ',"buffers":[]' : ""}}`)];
    if (buffers.length === 0) return Buffer.concat(json).toString("utf8");
    const pieces = [Buffer.concat(json), ...buffers];
    const head = Buffer.alloc(4 * (pieces.length + 1));
    head.writeUInt32BE(pieces.length);
    let at = head.length;
    for (const [index, piece] of pieces.entries()) {
      head.writeUInt32BE(at, 4 * (index + 1));
      at += piece.length;
    }
    return Buffer.concat([head, ...pieces], at);
  },
};

const comma = Buffer.from(",");

function parse(text: Buffer): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(text));
  } catch (error) {
    throw new FrameError(1007, `expected JSON in UTF-8 (${(error as Error).message})`, { cause: error });
  }
  if (!isJsonObject(value)) throw new FrameError(1007, "expected a JSON object as message");
  return value;
}

/** The pieces from each offset to the next, the last to the end. */
function split(data: Buffer): Buffer[] {
  const count = data.length < 4 ? 0 : data.readUInt32BE(0);
  const head = 4 * (count + 1);
  if (count === 0 || head > data.length)
    throw new FrameError(1007, `expected 1 or more offsets and what they lead to, got ${data.length} bytes`);
  const offsets = Array.from({ length: count }, (_, index) => data.readUInt32BE(4 * (index + 1)));
  let last = head;
  for (const [index, offset] of offsets.entries()) {
    if (offset < last || (index === 0 && offset !== head) || offset > data.length)
      throw new FrameError(1007, `offset ${index}: expected one from ${last} to ${data.length}, got ${offset}`);
    last = offset;
  }
  return offsets.map((offset, index) => data.subarray(offset, offsets[index + 1] ?? data.length));
}
