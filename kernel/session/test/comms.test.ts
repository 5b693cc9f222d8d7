import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMemoryKernel, type MemoryKernel } from "./memory-kernel.ts";

let kernel: MemoryKernel;
beforeEach(() => {
  kernel = openMemoryKernel();
});
afterEach(() => {
  kernel.close();
});

const busy = { type: "status", content: { execution_state: "busy" } };
const idle = { type: "status", content: { execution_state: "idle" } };
const open = (id: string, target = "echo", data = {}) =>
  kernel.ask("comm_open", { comm_id: id, target_name: target, data });
const info = async (content = {}): Promise<unknown> =>
  (await kernel.ask("comm_info_request", content)).reply?.["comms"];

describe("a comm that a client opens", () => {
  it("is handed to its target; what that sends stands under the message, which has no reply", async () => {
    const { reply, published } = await open("c", "echo", { a: 1 });
    expect(reply).toBeUndefined();
    expect(published).toEqual([
      busy,
      { type: "comm_msg", content: { comm_id: "c", data: { opened: { a: 1 } } } },
      idle,
    ]);
  });

  it("is closed where nobody has registered its target, and is known no more", async () => {
    const { reply, published } = await open("c", "unheard-of");
    expect(reply).toBeUndefined();
    expect(published).toEqual([busy, { type: "comm_close", content: { comm_id: "c", data: {} } }, idle]);
    expect(await info()).toEqual({});
  });

  it("is listed by its target until it is closed by either side", async () => {
    await open("a");
    await open("b");
    await kernel.ask("execute_request", { code: "const mine = comms.open('view'); mine.id" });
    const views = Object.keys((await info({ target_name: "view" })) as object);
    expect(views).toHaveLength(1);
    expect(await info({ target_name: "echo" })).toEqual({ a: { target_name: "echo" }, b: { target_name: "echo" } });
    await kernel.ask("comm_close", { comm_id: "a", data: {} });
    await kernel.ask("execute_request", { code: "mine.close()" });
    expect(await info()).toEqual({ b: { target_name: "echo" } });
  });

  it("carries bytes both ways; idle comes after an asynchronous handler's end", async () => {
    await open("c");
    const bytes = [new Uint8Array([0, 255, 1]), new Uint8Array(0)];
    const data = { later: true };
    const { published } = await kernel.ask("comm_msg", { comm_id: "c", data }, "shell", bytes);
    expect(published).toEqual([
      busy,
      { type: "comm_msg", content: { comm_id: "c", data }, buffers: ["00ff01", ""] },
      idle,
    ]);
  });

  it("shows what its handler throws", async () => {
    await open("c");
    const { published } = await kernel.ask("comm_close", { comm_id: "c" });
    expect(published.map(({ type }) => type)).toEqual(["status", "error", "status"]);
    expect(published[1]?.content).toMatchObject({ ename: "RangeError", evalue: "closed" });
  });

  it("shows what its handler throws again with every message, though it be the same error", async () => {
    const code = `const same = new Error("the same");
      comms.registerTarget("failing", (comm) => { comm.onMessage(() => { throw same; }); });`;
    await kernel.ask("execute_request", { code });
    await open("c", "failing");
    for (let message = 0; message < 2; message += 1) {
      const { published } = await kernel.ask("comm_msg", { comm_id: "c", data: {} });
      expect(published.map(({ type }) => type)).toEqual(["status", "error", "status"]);
    }
  });
});

describe("a comm's message", () => {
  it("that is none, or that names no open comm, is logged and answered by busy and idle alone", async () => {
    for (const [type, content] of [
      ["comm_open", { comm_id: "c" }],
      ["comm_msg", { comm_id: "c", data: {} }],
      ["comm_close", {}],
    ] as const) {
      const { reply, published } = await kernel.ask(type, content);
      expect([reply, published]).toEqual([undefined, [busy, idle]]);
    }
    expect(kernel.logged).toEqual([
      "shell: comm_open: target_name: expected a string, got nothing",
      "shell: comm_msg: comm_id: expected a comm that is open, got c",
      "shell: comm_close: comm_id: expected a string, got nothing",
    ]);
  });

  it("is handled while a cell waits for it", async () => {
    await open("c");
    const code =
      "const data = await new Promise((got) => comms.registerTarget('t', (comm, { data }) => got(data))); data.n";
    const cell = kernel.ask("execute_request", { code });
    await open("d", "t", { n: 7 });
    const { published } = await cell;
    expect(published.find(({ type }) => type === "execute_result")?.content).toMatchObject({
      data: { "text/plain": "7" },
    });
  });

  it("does not overtake the cell that was sent before it", async () => {
    const ids = [
      kernel.request("shell", "execute_request", { code: "comms.registerTarget('t', (comm) => comm.send({ n: 1 }))" }),
      kernel.request("shell", "comm_open", { comm_id: "c", target_name: "t", data: {} }),
    ];
    await kernel.settled();
    const sent = kernel.sent.filter(({ message }) => message.header.msg_type === "comm_msg");
    expect(sent.map(({ message }) => message.parent_header["msg_id" as never])).toEqual([ids[1]]);
  });
});

describe("the global comms", () => {
  it("sends metadata and copies of the bytes of any view, under the cell, also a silent one", async () => {
    const code = `const bytes = new Uint8Array([1, 2, 3, 4]);
      comms.open("t", { a: 1 }, { metadata: { version: "2" }, buffers: [bytes.subarray(1, 3), new DataView(bytes.buffer, 3)] });
      bytes.fill(9);`;
    const { published } = await kernel.ask("execute_request", { code, silent: true });
    expect(published[1]).toMatchObject({ type: "comm_open", buffers: ["0203", "04"] });
    const sent = kernel.sent.find(({ message }) => message.header.msg_type === "comm_open");
    expect(sent?.message.metadata).toEqual({ version: "2" });
  });

  it("says what it expected", async () => {
    const says = async (code: string): Promise<unknown> =>
      (await kernel.ask("execute_request", { code })).reply?.["evalue"];
    expect(await says("comms.open('')")).toBe('target: expected a name, got ""');
    expect(await says("comms.registerTarget('t', 1)")).toBe("opened: expected a function, got number");
    expect(await says("comms.open('t').onMessage()")).toBe("handler: expected a function, got undefined");
    expect(await says("comms.open('t', {}, { buffers: ['a'] })")).toBe(
      "buffers: expected an ArrayBuffer or a view of one, got string",
    );
    expect(await says("const c = comms.open('t'); c.close(); c.send({})")).toMatch(
      /^comm [0-9a-f-]+ \(t\): expected an open comm, it is closed$/,
    );
  });
});
