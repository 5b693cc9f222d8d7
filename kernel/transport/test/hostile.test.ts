import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { createCodec } from "../../protocol/wire.ts";
import { startKernel, type LiveKernel } from "../../session/test/live-kernel.ts";
import { address, type PortName } from "../connection.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel.stop());

/** Sends raw frames to one of the kernel's sockets, as anyone who finds the port can. */
async function sendRaw(port: PortName, messages: readonly (readonly Uint8Array[])[]): Promise<void> {
  const socket = new Dealer({ linger: 1000, sendHighWaterMark: 0 });
  socket.connect(address(kernel.process.connection, port));
  for (const frames of messages)
    await socket.send(frames.length === 0 ? [Buffer.alloc(0)] : frames.map((frame) => Buffer.from(frame)));
  socket.close();
}

const stillWorks = async (): Promise<void> => {
  expect((await kernel.execute("6 * 7")).result()).toBe("42");
};

/** Opens a connection below ZeroMQ, sends what it is given, and leaves it open. */
function open(port: PortName, bytes: Uint8Array): Promise<Socket> {
  const { ip, [port]: number } = kernel.process.connection;
  return new Promise((resolve, reject) => {
    const socket = connect(number, ip, () => {
      socket.write(bytes, () => {
        resolve(socket);
      });
    });
    // The kernel may hang up on what it cannot read.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (!["ECONNRESET", "EPIPE"].includes(error.code ?? "")) reject(error);
    });
  });
}

const ports: readonly PortName[] = ["shell_port", "control_port", "stdin_port", "hb_port"];
const delimiter = Buffer.from("<IDS|MSG>");

describe("a kernel under odd messages", () => {
  it("goes on after frames of any kind on any socket", async () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.constant(delimiter),
      fc.json().map((json) => Buffer.from(json)),
    );
    for (const port of ports) await sendRaw(port, fc.sample(fc.array(frame, { maxLength: 8 }), 200));
    await stillWorks();
  });

  it("goes on beside connections that say nothing, half a greeting, half a message, or anything", async () => {
    const greeting = Buffer.concat([Buffer.of(0xff, ...Array<number>(8).fill(0), 0x7f, 3, 0), Buffer.alloc(52)]);
    greeting.write("NULL", 12);
    // A command frame of 8 EiB, of which nothing follows.
    const huge = Buffer.concat([greeting, Buffer.of(0x06, 0x7f, ...Array<number>(7).fill(0xff))]);
    const begun = [Buffer.alloc(0), greeting.subarray(0, 11), greeting, huge];
    const any = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 300 }), 20);
    const sockets = await Promise.all(
      [...ports, "iopub_port" as const].flatMap((port) => [...begun, ...any].map((bytes) => open(port, bytes))),
    );
    await stillWorks();
    // Some go while they are only half heard.
    for (const socket of sockets) socket.destroy();
    await stillWorks();
  });

  it("tells listeners to odd topics that they are heard, in what all others can read", async () => {
    const { connection } = kernel.process;
    const codec = createCodec(connection.key, connection.signature_scheme);
    const all = new Subscriber();
    all.connect(address(connection, "iopub_port"));
    all.subscribe("");
    await all.receive();
    const long = new Subscriber();
    long.connect(address(connection, "iopub_port"));
    long.subscribe(Buffer.alloc(5000, "long"));
    const odd = new Subscriber();
    odd.connect(address(connection, "iopub_port"));
    odd.subscribe(delimiter, Buffer.of(255, 0, 1), "last");
    const heard: unknown[] = [];
    while (heard.at(-1) !== "last") heard.push(codec.decode(await all.receive()).content["subscription"]);
    expect(heard).toEqual(["\ufffd\0\u0001", "last"]);
    for (const socket of [all, long, odd]) socket.close();
    await stillWorks();
  });

  it("takes nothing that is signed with another key", async () => {
    const forged = createCodec("not the key").encode({
      identities: [],
      header: { msg_id: "forged", session: "s", username: "u", date: "", msg_type: "execute_request", version: "5.4" },
      parent_header: {},
      metadata: {},
      content: { code: "globalThis.forged = true" },
      buffers: [],
    });
    await sendRaw("shell_port", [forged]);
    await sendRaw("control_port", [forged]);
    await stillWorks();
    expect((await kernel.execute("'forged' in globalThis")).result()).toBe("false");
  });

  it("answers requests whose content is odd, deep or large, by an error or by its answer", async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(2000)}1${"}".repeat(2000)}`) as object;
    const contents = [
      { code: null },
      { code: deep },
      { code: "1", user_expressions: { __proto__x: "1", constructor: "2" } },
      { code: "'y'.length", extra: "x".repeat(5_000_000) },
      { code: "/* " + "x".repeat(2_000_000) + " */ 1" },
    ];
    for (const content of contents) {
      const reply = await kernel.client.request("shell", "execute_request", content as never).reply;
      expect(["ok", "error"]).toContain(reply["status"]);
    }
    for (const type of ["create_request", "constructor_request", "__proto___request"]) {
      const reply = await kernel.client.request("control", type, {}).reply;
      expect(reply).toMatchObject({ status: "error", ename: "UnknownRequest" });
    }
    await stillWorks();
  });

  it("echoes heartbeats while a cell spins", async () => {
    const { started, ended } = kernel.send("for (;;);");
    await started;
    const socket = new Dealer({ linger: 0 });
    socket.connect(address(kernel.process.connection, "hb_port"));
    for (const beat of ["a", "b", "c"]) {
      await socket.send(["", beat]);
      expect(String((await socket.receive())[1])).toBe(beat);
    }
    socket.close();
    await kernel.interrupt();
    expect((await ended).reply["ename"]).toBe("Interrupted");
  });
});
