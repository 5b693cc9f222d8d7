import { randomUUID } from "node:crypto";
import type { RawData, WebSocket } from "ws";

import { HttpError, type SocketRoute } from "../http/route.ts";
import { FrameError } from "./frame-error.ts";
import type { Kernel } from "./kernel.ts";
import type { KernelRegistry } from "./registry.ts";
import { subprotocolJson } from "./subprotocol-json.ts";
import { subprotocolV1, V1 } from "./subprotocol-v1.ts";

/** As often a page is asked whether it is there; one that has not answered by the next time is gone. */
const pingMs = 30_000;

/** The websocket between a page and its kernel. */
export function channelsSocket(kernels: KernelRegistry): SocketRoute {
  return {
    path: "/api/kernels/:id/channels",
    protocols: [V1],
    check({ params }) {
      const kernel = kernels.get(params["id"] ?? "");
      if (kernel.state === "dead") throw new HttpError(410, kernel.reason ?? "the kernel is dead");
    },
    open(socket, { url, params }) {
      const kernel = kernels.find(params["id"] ?? "");
      // It may have ended while the socket was being opened.
      if (kernel === undefined) socket.close(1011, "the kernel is gone");
      else connect(kernel, socket, url.searchParams.get("session_id"));
    },
  };
}

/** @param named the session that the client names; without one it has nothing to come back to */
function connect(kernel: Kernel, socket: WebSocket, named: string | null): void {
  const session = named ?? randomUUID();
  const subprotocol = socket.protocol === V1 ? subprotocolV1 : subprotocolJson;
  const mailbox = kernel.connect(socket, session, subprotocol);
  socket.on("message", (data, binary) => {
    try {
      const taken = kernel.receive(subprotocol.decode(bytesOf(data), binary), mailbox);
      if (!taken) socket.close(1013, "the kernel is still starting, and too much waits for it");
    } catch (error) {
      const code = error instanceof FrameError ? error.code : 1011;
      socket.close(code, shorten((error as Error).message));
    }
  });
  socket.on("close", () => {
    clearInterval(pings);
    if (named === null) kernel.forget(session);
    else kernel.disconnect(socket, session);
  });

  let there = true;
  socket.on("pong", () => (there = true));
  const pings = setInterval(() => {
    if (!there) socket.terminate();
    there = false;
    socket.ping();
  }, pingMs).unref();
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** A close frame has room for 123 bytes. */
function shorten(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > 120) text = text.slice(0, -1);
  return text;
}
