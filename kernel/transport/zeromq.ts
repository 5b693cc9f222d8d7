import { Router, type Socket, XPublisher } from "zeromq";
import { createCodec, delimiter } from "../protocol/wire.ts";
import { address, ConnectionError, type Connection, type PortName } from "./connection.ts";
import { Outbox, SubscribersOutbox } from "./outbox.ts";
import type { Channel, RequestChannel, Transport, TransportEvents } from "./transport.ts";

/** So many messages wait in ZeroMQ for one subscriber, beside those in the system's buffers. */
const mostWaiting = 128;
/** A subscriber that takes nothing for so long (ms) while output waits for it is one that takes none any more. */
const defaultPatienceMs = 30_000;

/**
 * Binds the five sockets of a connection and listens.
 *
 * @param patienceMs - how long all subscribers of iopub wait for one that takes nothing
 * @throws ConnectionError when a port is taken
 */
export async function listen(
  connection: Connection,
  events: TransportEvents,
  patienceMs: number = defaultPatienceMs,
): Promise<Transport> {
  const codec = createCodec(connection.key, connection.signature_scheme);
  const shell = new Router();
  const control = new Router();
  const stdin = new Router();
  // By itself it would drop what a slow subscriber has no room for, without a word; so it refuses it, to all.
  const iopub = new XPublisher({ sendHighWaterMark: mostWaiting, noDrop: true });
  // Every subscriber is told that it is heard, not only the first one to a topic.
  iopub.verbosity = "allSubs";
  // Subscriptions carry no signature: nothing long is taken from just anybody.
  iopub.maxMessageSize = 1024;
  const heartbeat = new Router();
  const sockets: readonly Socket[] = [shell, control, stdin, iopub, heartbeat];
  for (const router of [shell, control, stdin]) router.sendHighWaterMark = 0;

  await bind(connection, {
    shell_port: shell,
    control_port: control,
    stdin_port: stdin,
    iopub_port: iopub,
    hb_port: heartbeat,
  });

  const failed = (error: Error): void => {
    events.malformed("send", error);
  };
  const published = new SubscribersOutbox(iopub, failed, patienceMs);
  const outboxes: Readonly<Record<Channel, Outbox>> = {
    shell: new Outbox(shell, failed),
    control: new Outbox(control, failed),
    stdin: new Outbox(stdin, failed),
    iopub: published,
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
    room: () => published.room(),
    flushed,
    async close() {
      closed = true;
      published.hurry();
      await flushed();
      for (const socket of sockets) {
        // Long enough for a client on a slow link to get the last reply, short enough that no process stays behind.
        socket.linger = 1000;
        socket.close();
      }
    },
  };
}

/** Binds each socket to its port, or closes all. */
async function bind(connection: Connection, sockets: Readonly<Record<PortName, Socket>>): Promise<void> {
  const faults: string[] = [];
  const binding = (Object.entries(sockets) as [PortName, Socket][]).map(async ([port, socket]) => {
    try {
      await socket.bind(address(connection, port));
    } catch (error) {
      faults.push(`${port}: cannot listen at ${address(connection, port)} (${(error as Error).message})`);
    }
  });
  // All of them: a thread that ends while zeromq.js binds a socket takes the process down without a word.
  await Promise.all(binding);
  if (faults.length === 0) return;
  for (const socket of Object.values(sockets)) socket.close();
  throw new ConnectionError(faults.join("; "));
}
