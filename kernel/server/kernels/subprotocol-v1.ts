import { FrameError } from "./frame-error.ts";
import type { KernelMessage } from "./message.ts";
import { clientMessage, type Subprotocol } from "./subprotocol.ts";

/** The name by which a client asks for it. */
export const V1 = "v1.kernel.websocket.jupyter.org";

/**
 * The subprotocol that carries a message's parts as they are: the number of offsets, the offsets, all 64 bits little
 * endian, then channel, header, parent header, metadata, content and buffers; the last offset is the end.
 */
export const subprotocolV1: Subprotocol = {
  decode(data, binary) {
    if (!binary) throw new FrameError(1003, "expected a binary message, got a text");
    const [channel, ...rest] = split(data);
    if (channel === undefined || rest.length < 4)
      throw new FrameError(1007, `expected a channel and 4 parts, got ${rest.length + 1} pieces`);
    return clientMessage(channel.toString("utf8"), rest.slice(0, 4), rest.slice(4));
  },

  encode({ channel, parts, buffers }: KernelMessage) {
    const pieces = [Buffer.from(channel), ...parts, ...buffers];
    const head = Buffer.alloc(8 * (pieces.length + 2));
    head.writeBigUInt64LE(BigInt(pieces.length + 1));
    let at = head.length;
    for (const [index, piece] of pieces.entries()) {
      head.writeBigUInt64LE(BigInt(at), 8 * (index + 1));
      at += piece.length;
    }
    head.writeBigUInt64LE(BigInt(at), 8 * (pieces.length + 1));
    return Buffer.concat([head, ...pieces], at);
  },
};

/** The pieces between the offsets, which must rise from the end of the offsets to the end of the data. */
function split(data: Buffer): Buffer[] {
  if (data.length < 8) throw new FrameError(1007, `expected a number of offsets, got ${data.length} bytes`);
  const count = data.readBigUInt64LE(0);
  if (count > BigInt(Math.floor(data.length / 8) - 1))
    throw new FrameError(1007, `expected ${count.toString()} offsets, got ${data.length} bytes`);
  const head = 8 * (Number(count) + 1);
  const offsets = Array.from({ length: Number(count) }, (_, index) => Number(data.readBigUInt64LE(8 * (index + 1))));
  let last = head;
  for (const [index, offset] of offsets.entries()) {
    if (offset < last || (index === 0 && offset !== head) || offset > data.length)
      throw new FrameError(1007, `offset ${index}: expected one from ${last} to ${data.length}, got ${offset}`);
    last = offset;
  }
  if (last !== data.length) throw new FrameError(1007, `expected the last offset to be ${data.length}, got ${last}`);
  return offsets.slice(0, -1).map((offset, index) => data.subarray(offset, offsets[index + 1]));
}
