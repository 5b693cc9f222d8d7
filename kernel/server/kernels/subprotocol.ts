import { showJson } from "../../protocol/json.ts";
import { checkHeader, parsePart, WireError } from "../../protocol/wire.ts";
import { FrameError } from "./frame-error.ts";
import type { ClientMessage, KernelMessage } from "./message.ts";

/** How messages are written on a websocket. */
export interface Subprotocol {
  /**
   * A client's message, checked: nothing else reaches a kernel.
   *
   * @throws FrameError
   */
  decode(data: Buffer, binary: boolean): ClientMessage;
  /** A kernel's message; text is sent as text. */
  encode(message: KernelMessage): Buffer | string;
}

/**
 * Checks what a client wants to send: the channel by its name, each part a JSON object, and a header that names the
 * message.
 *
 * @throws FrameError
 */
export function clientMessage(
  channel: unknown,
  parts: readonly Uint8Array[],
  buffers: readonly Uint8Array[],
): ClientMessage {
  if (channel !== "shell" && channel !== "control" && channel !== "stdin")
    throw new FrameError(1008, `channel: expected "shell", "control" or "stdin", got ${showJson(channel)}`);
  try {
    const [header = {}] = parts.map(parsePart);
    return { channel, parts, buffers, header: checkHeader(header, "header") };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new FrameError(1007, error.message, { cause: error });
  }
}
