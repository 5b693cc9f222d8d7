import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { pythonWith } from "../../../run/test/python.ts";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";
import { encodeBinary, encodeV1, v1, type Page } from "./page.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let server: LiveKernels;
beforeAll(async () => {
  server = await serveKernels();
});
afterAll(() => server.close());

const protocols: [string, readonly string[]][] = [
  ["the subprotocol v1", [v1]],
  ["the default subprotocol", []],
];

describe.each(protocols)("a websocket with %s", (_name, offered) => {
  let kernel: string;
  let page: Page;
  beforeAll(async () => {
    kernel = await server.start();
    page = await server.page(kernel, { protocols: offered });
  });
  afterAll(() => page.close());

  it("executes cells, whose first output is not lost", async () => {
    expect(page.socket.protocol).toBe(offered[0] ?? "");
    const { reply, text, output } = await page.execute("console.log('first'); 1 + 1");
    expect(text).toBe("first\n");
    expect(reply).toMatchObject({ status: "ok", execution_count: 1 });
    expect(output.map(({ header }) => header.msg_type)).toEqual([
      "status",
      "execute_input",
      "stream",
      "execute_result",
      "status",
    ]);
  });

  it("answers on the channel of the request, in the name of the kernel", async () => {
    const id = page.send("interrupt_request", {}, "control");
    const reply = await page.wait(({ parent_header: parent, channel }) => parent.msg_id === id && channel !== "iopub");
    expect(reply).toMatchObject({ channel: "control", header: { msg_type: "interrupt_reply" } });
    expect(new Set(page.messages.slice(2).map(({ header }) => header.session)).size).toBe(1);
  });

  it("carries text of every script and large displays", async () => {
    expect((await page.execute("console.log('ü 語 😀')")).text).toBe("ü 語 😀\n");
    const code = '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "x".repeat(20_000_000) }) })';
    const { output } = await page.execute(code);
    expect(JSON.stringify(output.map(({ content }) => content)).length).toBeGreaterThan(20_000_000);
  });
});

describe("pages of one kernel", () => {
  it("see each other's output, and each its own replies", async () => {
    const kernel = await server.start();
    const [one, two] = await Promise.all([server.page(kernel), server.page(kernel, { protocols: [] })]);
    const { id } = await one.execute("globalThis.shared = 7; console.log('from one')");
    expect((await two.execute("shared")).reply).toMatchObject({ status: "ok", execution_count: 2 });
    const seen = await two.wait(
      ({ content, parent_header: parent }) => parent.msg_id === id && content["text"] != null,
    );
    expect(seen.content["text"]).toBe("from one\n");
    expect(two.messages.filter(({ channel }) => channel === "shell")).toHaveLength(1);
    expect(one.messages.filter(({ channel }) => channel === "shell")).toHaveLength(1);
    expect((await server.request("GET", `/api/kernels/${kernel}`)).body).toMatchObject({ connections: 2 });
    await Promise.all([one.close(), two.close()]);
  });

  it("learn at once that a cell runs, though their own requests wait behind it", async () => {
    const kernel = await server.start();
    const page = await server.page(kernel);
    page.begin("while (true);");
    await page.wait(({ content }) => content["execution_state"] === "busy");
    const late = await server.page(kernel);
    await late.wait(() => true);
    expect(late.messages[0]).toMatchObject({ header: { msg_type: "status" }, content: { execution_state: "busy" } });
    // Our kernel answers this beside the cell; that does not make it idle.
    await late.outcome(late.send("kernel_info_request"));
    expect((await server.request("GET", `/api/kernels/${kernel}`)).body).toMatchObject({ execution_state: "busy" });
    await Promise.all([page.close(), late.close()]);
  });

  it("of one session replace each other", async () => {
    const kernel = await server.start();
    const first = await server.page(kernel, { session: "same" });
    const second = await server.page(kernel, { session: "same" });
    expect(await first.closed).toEqual({ code: 1000, reason: expect.stringMatching(/took its place/u) as string });
    expect((await second.execute("1")).reply).toMatchObject({ status: "ok" });
    await second.close();
  });
});

describe("a hostile page", () => {
  let kernel: string;
  beforeAll(async () => {
    kernel = await server.start();
  });
  const closing = async (data: Buffer | string, offered: readonly string[] = [v1]): Promise<[number, string]> => {
    const page = await server.page(kernel, { protocols: offered });
    page.socket.send(data);
    const { code, reason } = await page.closed;
    return [code, reason];
  };
  const message = {
    channel: "shell",
    header: { msg_id: "a", msg_type: "execute_request", session: "s", username: "", version: "5.4" },
    parent_header: {},
    metadata: {},
    content: {},
    buffers: [],
  };

  it("is shown out with a code and a sentence", async () => {
    expect(await closing("text")).toEqual([1003, "expected a binary message, got a text"]);
    expect(await closing(Buffer.from("short"))).toEqual([1007, "expected a number of offsets, got 5 bytes"]);
    expect(await closing(encodeV1({ ...message, channel: "iopub" }))).toEqual([
      1008,
      'channel: expected "shell", "control" or "stdin", got "iopub"',
    ]);
    expect(await closing(encodeV1({ ...message, header: { msg_type: "x" } }))).toEqual([
      1007,
      "header.msg_id: expected a string, got nothing",
    ]);
    expect((await closing("{", []))[0]).toBe(1007);
    expect((await closing(JSON.stringify({ ...message, channel: "ö".repeat(200) }), []))[0]).toBe(1008);
    expect(await closing(Buffer.from([0, 0, 0, 9]), [])).toEqual([
      1007,
      "expected 1 or more offsets and what they lead to, got 4 bytes",
    ]);
  });

  it("leaves kernel and server at work", async () => {
    const page = await server.page(kernel);
    const strange = page.send("no_such_request", { deep: [[[]]] });
    const { reply } = await page.execute("6 * 7");
    expect(reply).toMatchObject({ status: "ok" });
    expect(page.messages.some(({ parent_header: parent }) => parent.msg_id === strange)).toBe(true);
    await page.close();
  });

  it("gets no socket for a kernel that is not there", async () => {
    const missing = "00000000-0000-4000-8000-000000000000";
    await expect(server.page(missing)).rejects.toThrow("404");
    await expect(server.page("..%2f")).rejects.toThrow("404");
    await expect(server.page("x")).rejects.toThrow("404");
  });
});

describe.skipIf(pythonWith("ipykernel") === undefined)("another kernel, ipykernel", () => {
  let kernel: string;
  let page: Page;
  beforeAll(async () => {
    kernel = await server.start("python3");
    page = await server.page(kernel);
  });
  afterAll(() => page.close());

  it("executes cells", async () => {
    const { text, reply } = await page.execute("print('first')\n1 + 1");
    expect(text).toBe("first\n");
    expect(reply).toMatchObject({ status: "ok", execution_count: 1 });
  });

  it("asks the page whose cell it is for input", async () => {
    const other = await server.page(kernel);
    const id = page.begin("print(input('Name? ') * 2)", { allow_stdin: true });
    const question = await page.wait(({ header }) => header.msg_type === "input_request");
    expect(question).toMatchObject({ channel: "stdin", content: { prompt: "Name? " }, parent_header: { msg_id: id } });
    page.send("input_reply", { status: "ok", value: "veelab" }, "stdin", question.header);
    expect((await page.outcome(id)).text).toContain("veelabveelab");
    expect(other.messages.some(({ channel }) => channel === "stdin")).toBe(false);
    // Who asks next gets the next question.
    const theirs = other.begin("input('Mine? ')", { allow_stdin: true });
    const asked = await other.wait(({ header }) => header.msg_type === "input_request");
    other.send("input_reply", { status: "ok", value: "" }, "stdin", asked.header);
    expect((await other.outcome(theirs)).reply).toMatchObject({ status: "ok" });
    await other.close();
  });

  it.each(protocols)("sends and takes buffers by %s", async (_name, offered) => {
    const mine = await server.page(kernel, { protocols: offered });
    await mine.execute(
      [
        "from ipykernel.comm import Comm",
        "comm = Comm(target_name='t', data={'a': 1}, buffers=[b'\\x00\\x01', b'', bytes(range(256))])",
        "comm.on_msg(lambda m: comm.send({'got': [bytes(b).hex() for b in m['buffers']]}, buffers=m['buffers']))",
      ].join("\n"),
    );
    const opened = await mine.wait(({ header }) => header.msg_type === "comm_open");
    expect(opened.buffers.map((each) => [...each])).toEqual([[0, 1], [], Array.from({ length: 256 }, (_, i) => i)]);
    const content = { comm_id: opened.content["comm_id"] ?? null, data: {} };
    const header = {
      msg_id: "with buffers",
      msg_type: "comm_msg",
      session: mine.session,
      username: "",
      version: "5.4",
    };
    const rest = { channel: "shell", header, parent_header: {}, metadata: {}, content };
    const buffers = [new Uint8Array([255, 0, 7]), new Uint8Array()];
    mine.socket.send(offered.length > 0 ? encodeV1({ ...rest, buffers }) : encodeBinary(rest, buffers));
    const echoed = await mine.wait(({ header: { msg_type: type } }) => type === "comm_msg");
    expect(echoed.content["data"]).toEqual({ got: ["ff0007", ""] });
    expect(echoed.buffers.map((each) => [...each])).toEqual([[255, 0, 7], []]);
    await mine.close();
  });

  it("is interrupted by a signal", async () => {
    const id = page.begin("while True: pass");
    await page.wait(({ parent_header: parent, header }) => parent.msg_id === id && header.msg_type === "execute_input");
    expect((await server.request("POST", `/api/kernels/${kernel}/interrupt`)).status).toBe(204);
    expect((await page.outcome(id)).reply).toMatchObject({ status: "error", ename: "KeyboardInterrupt" });
  });
});
