import fc from "fast-check";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Dealer } from "zeromq";
import type { JsonObject } from "../../protocol/json.ts";
import { createCodec } from "../../protocol/wire.ts";
import { startKernel, type LiveKernel } from "../../session/test/live-kernel.ts";
import { address, type PortName } from "../connection.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel.stop());

const ports: readonly PortName[] = ["shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"];

const answers = async (): Promise<void> => {
  const { status } = await kernel.client.request("shell", "kernel_info_request", {}).reply;
  expect(status).toBe("ok");
  expect((await kernel.execute("6 * 7")).result()).toBe("42");
};

/** Bytes of the kernel's process in memory. */
const memory = async (): Promise<number> =>
  (await kernel.client.request("control", "usage_request", {}).reply)["kernel_memory"] as number;

let requests = 0;

/** A request with the right signature. */
const signed = (type: string, content: JsonObject = {}): Uint8Array[] => {
  const { connection } = kernel.process;
  requests += 1;
  const header = { msg_id: `r${requests}`, session: "s", username: "u", date: "", msg_type: type, version: "5.4" };
  const message = { identities: [], header, parent_header: {}, metadata: {}, content, buffers: [] };
  return createCodec(connection.key, connection.signature_scheme).encode(message);
};

/** Sends frames, and resolves when the kernel has taken them all: it answers a request behind them. */
const send = async (port: "shell_port" | "control_port", messages: readonly (readonly (Uint8Array | string)[])[]) => {
  const socket = new Dealer({ linger: 0, sendHighWaterMark: 0 });
  socket.connect(address(kernel.process.connection, port));
  for (const frames of messages) await socket.send([...frames]);
  await socket.send(signed("comm_info_request"));
  for (;;) {
    const frames = await socket.receive();
    if (frames.some((frame) => frame.includes("comm_info_reply"))) break;
  }
  socket.close();
};

const open = (port: PortName): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(kernel.process.connection[port], "127.0.0.1", () => {
      resolve(socket);
    });
    socket.once("error", reject);
  });

it("a message that comes again, signature and all, does nothing", async () => {
  await kernel.execute("let runs = 0");
  const again = signed("execute_request", { code: "runs += 1" });
  for (const port of ["shell_port", "control_port"] as const) await send(port, [again, again, again]);
  await answers();
  expect((await kernel.execute("runs")).result()).toBe("1");
});

it("connections that stall, break off or speak something else take nothing from others", async () => {
  const greeting = Buffer.concat([Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 1, 127, 3, 1]), Buffer.from("NULL")]);
  const openings = [
    Buffer.alloc(0),
    greeting.subarray(0, 5),
    greeting,
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.alloc(4096, 255),
  ];
  const sockets: Socket[] = [];
  for (const port of ports)
    for (const opening of [...openings, ...fc.sample(fc.uint8Array({ maxLength: 200 }), 10)]) {
      const socket = await open(port);
      // The kernel may hang up on it.
      socket.on("error", () => undefined);
      socket.write(opening);
      sockets.push(socket);
    }
  await answers();
  for (const [index, socket] of sockets.entries()) if (index % 2 === 0) socket.resetAndDestroy();
  await answers();
  for (const socket of sockets) socket.destroy();
  await answers();
});

it("hundreds of megabytes of unsigned messages are forgotten", async () => {
  const before = await memory();
  const large = Buffer.alloc(20_000_000, "x");
  const delimiter = Buffer.from("<IDS|MSG>");
  for (const port of ["shell_port", "control_port"] as const) {
    const unsigned = [[large], [delimiter, "signature", large, "{}", "{}", "{}"]] as const;
    const flood = Array.from({ length: 5000 }, (_, turn) => [delimiter, "signature", "{}", "{}", "{}", String(turn)]);
    await send(port, [...Array.from({ length: 5 }, () => unsigned).flat(), ...flood]);
  }
  await answers();
  expect(await memory()).toBeLessThan(before + 400_000_000);
});
