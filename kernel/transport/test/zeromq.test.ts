import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Header, Outgoing } from "../../protocol/messages.ts";
import { freePorts } from "../../run/free-ports.ts";
import { ownKernel } from "../../run/kernel-spec.ts";
import { checkConnection, ConnectionError } from "../connection.ts";
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

  it("is named, and the others are free again", async () => {
    const connection = checkConnection({ key: "k", ...ports });
    await expect(listen(connection, events)).rejects.toThrow(new ConnectionError(sentence()));
    other.close();
    await once(other, "close");
    const transport = await listen(connection, events);
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
