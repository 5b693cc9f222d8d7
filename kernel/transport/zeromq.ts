import { Router, type Socket, XPublisher } from "zeromq";
import { createCodec, delimiter } from "../protocol/wire.ts";
import { address, type Connection } from "./connection.ts";
import type { Channel, RequestChannel, Transport, TransportEvents } from "./transport.ts";

type Sender = { send(frames: Uint8Array[]): Promise<void> };

/**
 * A queue in front of a socket: zeromq.js allows one asynchronous send at a time, and drops or refuses what comes
 * beside it. Frames leave in the order in which they were put.
 */
class Outbox {
  readonly #socket: Sender;
  readonly #failed: (error: Error) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(socket: Sender, failed: (error: Error) => void) {
    this.#socket = socket;
    this.#failed = failed;
  }

  put(frames: Uint8Array[]): void {
    this.#last = this.#last.then(() => this.#socket.send(frames)).catch(this.#failed);
  }

  flushed(): Promise<void> {
    return this.#last;
  }
}

/**
 * Binds the five sockets of a connection and listens.
 *
 * @throws when a port is taken.
 */
export async function listen(connection: Connection, events: TransportEvents): Promise<Transport> {
  const codec = createCodec(connection.key, connection.signature_scheme);
  const shell = new Router();
  const control = new Router();
  const stdin = new Router();
  // At the default of 1000 a burst of outputs would be dropped without a word.
  const iopub = new XPublisher({ sendHighWaterMark: 0 });
  // Every subscriber is told that it is heard, not only the first one to a topic.
  iopub.verbosity = "allSubs";
  // Subscriptions carry no signature: nothing long is taken from just anybody.
  iopub.maxMessageSize = 1024;
  const heartbeat = new Router();
  const sockets: readonly Socket[] = [shell, control, stdin, iopub, heartbeat];
  for (const router of [shell, control, stdin]) router.sendHighWaterMark = 0;

  await Promise.all([
    shell.bind(address(connection, "shell_port")),
    control.bind(address(connection, "control_port")),
    stdin.bind(address(connection, "stdin_port")),
    iopub.bind(address(connection, "iopub_port")),
    heartbeat.bind(address(connection, "hb_port")),
  ]);

  const failed = (error: Error): void => {
    events.malformed("send", error);
  };
  const outboxes: Readonly<Record<Channel, Outbox>> = {
    shell: new Outbox(shell, failed),
    control: new Outbox(control, failed),
    stdin: new Outbox(stdin, failed),
    iopub: new Outbox(iopub, failed),
  };

  const receive = async (socket: Router, name: RequestChannel | "stdin"): Promise<void> => {
    for await (const frames of socket) {
      let message;
      try {
        message = codec.decode(frames);
      } catch (error) {
        events.malformed(name, error as Error);
        continue;
      }
      if (name === "stdin") events.input(message);
      else events.request(name, message);
    }
  };
  const welcome = async (): Promise<void> => {
    // A subscription is a byte 1 and its topic. One to the delimiter of messages would make its welcome unreadable to all.
    for await (const [frame] of iopub)
      if (frame?.[0] === 1 && !delimiter.equals(frame.subarray(1))) events.subscribed(frame.subarray(1));
  };
  const echo = async (): Promise<void> => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };
  void Promise.all([
    receive(shell, "shell"),
    receive(control, "control"),
    receive(stdin, "stdin"),
    welcome(),
    echo(),
  ]).catch(failed);

  const flushed = async (): Promise<void> => {
    await Promise.all(Object.values(outboxes).map((outbox) => outbox.flushed()));
  };
  let closed = false;
  return {
    send(channel, message) {
      // A cell that the shutdown ended still answers, to nobody.
      if (closed) return;
      outboxes[channel].put(codec.encode(message));
    },
    flushed,
    async close() {
      closed = true;
      await flushed();
      for (const socket of sockets) {
        // Long enough for a client on a slow link to get the last reply, short enough that no process stays behind.
        socket.linger = 1000;
        socket.close();
      }
    },
  };
}
