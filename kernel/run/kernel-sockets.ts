import { Dealer, Subscriber } from "zeromq";

import { address, type Connection } from "../transport/connection.ts";

/** The client's end of a channel on which requests go out and answers come in. */
export interface RequestSocket {
  /** Queues frames; they leave in the order of these calls. */
  send(frames: Uint8Array[]): void;
  close(): void;
}

/** A short time between attempts, always the same: the kernel binds its sockets some 100 ms after they are connected to. */
const options = { linger: 0, reconnectInterval: 10, receiveHighWaterMark: 0 };

/**
 * Connects to one of a kernel's channels, which may not be there yet.
 *
 * @param routingId by this name the kernel knows the client; stdin's must be the shell's
 */
export function connectRequests(
  connection: Connection,
  port: "shell_port" | "control_port" | "stdin_port",
  routingId: string,
  take: (frames: Buffer[]) => void,
): RequestSocket {
  const socket = new Dealer({ ...options, sendHighWaterMark: 0, routingId });
  socket.connect(address(connection, port));
  receive(socket, take);
  let sending = Promise.resolve();
  return {
    send(frames) {
      // zeromq.js takes one send at a time on a socket. One that was closed meanwhile has nobody to send to.
      sending = sending.then(() => socket.send(frames)).catch(() => undefined);
    },
    close() {
      socket.close();
    },
  };
}

/** Connects to what a kernel publishes. */
export function connectOutput(connection: Connection, take: (frames: Buffer[]) => void): { close(): void } {
  const socket = new Subscriber(options);
  socket.subscribe();
  socket.connect(address(connection, "iopub_port"));
  receive(socket, take);
  return {
    close() {
      socket.close();
    },
  };
}

function receive(socket: AsyncIterable<Buffer[]>, take: (frames: Buffer[]) => void): void {
  const loop = async (): Promise<void> => {
    for await (const frames of socket) take(frames);
  };
  // A closed socket ends its loop, with or without an error.
  loop().catch(() => undefined);
}
