import { randomUUID } from "node:crypto";

import type { JsonObject } from "../protocol/json.ts";
import { PROTOCOL_VERSION, type Message } from "../protocol/messages.ts";
import { createCodec } from "../protocol/wire.ts";
import type { Connection } from "../transport/connection.ts";
import { connectOutput, connectRequests } from "./kernel-sockets.ts";

/** The client's end of a kernel's sockets. */
export interface KernelClient {
  /**
   * Waits until the kernel answers and its output channel is heard, so that no output can be lost.
   *
   * @returns the content of its `kernel_info_reply`
   */
  ready(): Promise<JsonObject>;
  /** Sends a request, to a subshell if one is named; the reply's content comes by the promise. */
  request(
    channel: "shell" | "control",
    type: string,
    content: JsonObject,
    subshell?: string,
  ): { id: string; reply: Promise<JsonObject> };
  /** Sends a message that has no reply, as those of comms; gives its id. */
  send(channel: "shell" | "control", type: string, content: JsonObject, buffers?: readonly Uint8Array[]): string;
  /** Resolves once no output has come for so long (ms), counted from now at the earliest. */
  quiet(milliseconds: number): Promise<void>;
  close(): void;
}

/** Takes what the kernel publishes: the id of the request that caused it (empty where none did), the message's type, content and buffers. */
export type OutputListener = (
  parent: string,
  type: string,
  content: JsonObject,
  buffers: readonly Uint8Array[],
) => void;

/** Connects to a kernel, which may still be starting. */
export function connectKernel(connection: Connection, onOutput: OutputListener): KernelClient {
  const codec = createCodec(connection.key, connection.signature_scheme);
  const session = randomUUID();
  const waiting = new Map<string, (content: JsonObject) => void>();
  let closed = false;
  let heard = false;
  let lastOutput = Date.now();

  const decoded =
    (take: (message: Message) => void) =>
    (frames: Buffer[]): void => {
      let message: Message;
      try {
        message = codec.decode(frames);
      } catch {
        return; // Not from this kernel, or not readable: nobody waits for it.
      }
      take(message);
    };
  const takeReply = ({ parent_header: parent, content }: Message): void => {
    if (!("msg_id" in parent)) return;
    waiting.get(parent.msg_id)?.(content);
    waiting.delete(parent.msg_id);
  };
  const iopub = connectOutput(
    connection,
    decoded((message) => {
      heard = true;
      lastOutput = Date.now();
      const { parent_header: parent, header, content, buffers } = message;
      onOutput("msg_id" in parent ? parent.msg_id : "", header.msg_type, content, buffers);
    }),
  );
  const channels = {
    shell: connectRequests(connection, "shell_port", session, decoded(takeReply)),
    control: connectRequests(connection, "control_port", session, decoded(takeReply)),
  };

  const sendAs = (
    id: string,
    channel: "shell" | "control",
    type: string,
    content: JsonObject,
    { buffers = [], subshell }: { buffers?: readonly Uint8Array[] | undefined; subshell?: string | undefined },
  ): void => {
    const frames = codec.encode({
      identities: [],
      header: {
        msg_id: id,
        session,
        username: "veelab",
        date: new Date().toISOString(),
        msg_type: type,
        version: PROTOCOL_VERSION,
        ...(subshell !== undefined && { subshell_id: subshell }),
      },
      parent_header: {},
      metadata: {},
      content,
      buffers,
    });
    channels[channel].send(frames);
  };
  const request: KernelClient["request"] = (channel, type, content, subshell) => {
    const id = randomUUID();
    const reply = new Promise<JsonObject>((resolve) => waiting.set(id, resolve));
    sendAs(id, channel, type, content, { subshell });
    return { id, reply };
  };

  return {
    request,
    send(channel, type, content, buffers) {
      const id = randomUUID();
      sendAs(id, channel, type, content, { buffers });
      return id;
    },
    async ready() {
      // Each kernel_info_request also makes the kernel publish its status: ask until that has been heard.
      for (;;) {
        const { reply } = request("shell", "kernel_info_request", {});
        const info = await Promise.race([reply, after(heard ? 1000 : 100)]);
        if (info !== undefined && heard) return info;
        if (closed) throw new Error("the connection to the kernel was closed");
      }
    },
    async quiet(milliseconds) {
      const from = Date.now();
      while (Date.now() - Math.max(from, lastOutput) < milliseconds) await after(milliseconds / 2);
    },
    close() {
      if (closed) return;
      closed = true;
      for (const socket of [channels.shell, channels.control, iopub]) socket.close();
    },
  };
}

function after(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined));
}
