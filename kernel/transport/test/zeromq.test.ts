import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { clearInterval, setInterval } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Subscriber } from "zeromq";
import type { Header, Outgoing } from "../../protocol/messages.ts";
import { freePorts } from "../../run/free-ports.ts";
import { ownKernel } from "../../run/kernel-spec.ts";
import { createCodec } from "../../protocol/wire.ts";
import { address, checkConnection, ConnectionError } from "../connection.ts";
import type { Transport } from "../transport.ts";
import { listen } from "../zeromq.ts";

const header: Header = { msg_id: "1", session: "s", username: "", date: "", msg_type: "status", version: "5.4" };
const message: Outgoing = {
  identities: [Buffer.from("status")],
  header,
  parent_header: {},
  metadata: {},
  content: {},
  buffers: [],
};

const names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
const ignored = (): void => undefined;
const events = { request: ignored, input: ignored, subscribed: ignored, malformed: ignored };

it("what is sent while it closes, or after, goes nowhere and is no fault", async () => {
  const ports = await freePorts(names.length);
  const faults: Error[] = [];
  const transport = await listen(
    checkConnection({ key: "k", ...Object.fromEntries(names.map((name, at) => [name, ports[at]])) }),
    { ...events, malformed: (_, error) => faults.push(error) },
  );
  transport.send("iopub", message);
  const closed = transport.close();
  transport.send("iopub", message);
  await closed;
  transport.send("iopub", message);
  await transport.flushed();
  expect(faults).toEqual([]);
});

describe("a subscriber of iopub", { timeout: 60_000 }, () => {
  const size = 100_000;
  const numbered = (number: number): Outgoing => ({ ...message, content: { number, text: "x".repeat(size) } });
  let transport: Transport;
  let endpoint: string;
  const faults: Error[] = [];
  let subscribed: (() => void)[] = [];
  const start = async (patienceMs?: number): Promise<void> => {
    const ports = await freePorts(names.length);
    const connection = checkConnection({ key: "k", ...Object.fromEntries(names.map((name, at) => [name, ports[at]])) });
    endpoint = address(connection, "iopub_port");
    const heard = (): void => {
      for (const resolve of subscribed.splice(0)) resolve();
    };
    transport = await listen(
      connection,
      { ...events, subscribed: heard, malformed: (_, error) => faults.push(error) },
      patienceMs,
    );
  };
  const subscribe = async (): Promise<Subscriber> => {
    const subscriber = new Subscriber({ receiveHighWaterMark: 1, linger: 0 });
    const heard = new Promise<void>((resolve) => subscribed.push(resolve));
    subscriber.connect(endpoint);
    subscriber.subscribe();
    await heard;
    return subscriber;
  };
  /** The numbers of the messages that it gets, up to one. */
  const received = async (subscriber: Subscriber, last: number): Promise<unknown[]> => {
    // One that has not seen them: each subscriber gets the same messages.
    const codec = createCodec("k");
    const numbers: unknown[] = [];
    while (numbers.at(-1) !== last) numbers.push(codec.decode(await subscriber.receive()).content["number"]);
    return numbers;
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
  beforeEach(() => {
    faults.length = 0;
    subscribed = [];
  });

  it("that is slow gets all, and whoever makes more is asked to wait for it", async () => {
    await start();
    const slow = await subscribe();
    const count = 1000;
    for (const number of numbers(count)) transport.send("iopub", numbered(number));
    const room = transport.room();
    expect(room).toBeDefined();
    // Nothing of it is taken yet: it is more than ZeroMQ and the system keep.
    expect(await Promise.race([room!.then(() => "room"), setTimeout(200, "none")])).toBe("none");
    expect(await received(slow, count - 1)).toEqual(numbers(count));
    await room;
    expect(transport.room()).toBeUndefined();
    slow.close();
    await transport.close();
    expect(faults).toEqual([]);
  });

  it("that takes nothing misses what comes, others nothing; it gets what comes once it takes again", async () => {
    await start(1000);
    const stalled = await subscribe();
    const reader = await subscribe();
    const count = 1000;
    for (const number of numbers(count)) transport.send("iopub", numbered(number));
    expect(await received(reader, count - 1)).toEqual(numbers(count));
    await transport.flushed();
    expect(faults.map(({ message }) => message)).toEqual([
      "a subscriber takes nothing: it misses what it has no room for",
    ]);
    const reading = received(stalled, -1);
    // Messages that it has no room for it may miss; it takes all the time now.
    const last = setInterval(() => {
      transport.send("iopub", { ...message, content: { number: -1 } });
    }, 20);
    const got = await reading;
    clearInterval(last);
    expect(got.length).toBeLessThan(count);
    expect(got.slice(0, -1)).toEqual(numbers(got.length - 1));
    for (const subscriber of [stalled, reader]) subscriber.close();
    await transport.close();
  });

  it("that takes nothing does not keep the kernel from its end", async () => {
    await start();
    const stalled = await subscribe();
    for (const number of numbers(1000)) transport.send("iopub", numbered(number));
    await transport.close();
    stalled.close();
    expect(faults).toHaveLength(1);
  });
});

describe("a port that is taken", () => {
  let other: Server;
  let ports: Record<string, number>;
  let taken: number;
  beforeEach(async () => {
    const free = await freePorts(names.length);
    ports = Object.fromEntries(names.map((name, at) => [name, free[at]!]));
    taken = ports["iopub_port"]!;
    other = createServer().listen(taken, "127.0.0.1");
    await once(other, "listening");
  });
  afterEach(() => other.close());

  const sentence = (): string => `iopub_port: cannot listen at tcp://127.0.0.1:${taken} (Address already in use)`;

  it("is named, and the others are soon free again", async () => {
    const connection = checkConnection({ key: "k", ...ports });
    await expect(listen(connection, events)).rejects.toThrow(new ConnectionError(sentence()));
    await once(other.close(), "close");
    // A thread of ZeroMQ's gives them back, some time after it was asked to.
    const transport = await vi.waitFor(() => listen(connection, events), { timeout: 10_000 });
    await transport.close();
  });

  it("ends the kernel with a sentence", async () => {
    const folder = await mkdtemp(join(tmpdir(), "veelab-taken-"));
    const file = join(folder, "connection.json");
    await writeFile(file, JSON.stringify({ key: "k", ...ports }));
    const [command = "", ...args] = ownKernel().argv.map((item) => item.replaceAll("{connection_file}", file));
    const kernel = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    const [said, exit] = await Promise.all([text(kernel.stderr), once(kernel, "exit")]);
    await rm(folder, { recursive: true });
    expect([said, exit]).toEqual([`veelab kernel: ${sentence()}\n`, [1, null]]);
  });
});
