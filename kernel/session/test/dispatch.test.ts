import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { openMemoryKernel, type Asked, type MemoryKernel } from "./memory-kernel.ts";

let kernel: MemoryKernel;
beforeEach(() => {
  kernel = openMemoryKernel();
});
afterEach(() => {
  kernel.close();
});

const execute = (code: string, more: JsonObject = {}): Promise<Asked> =>
  kernel.ask("execute_request", { code, ...more });
const types = ({ published }: Asked): string[] => published.map(({ type }) => type);

/** Sends cells at once; the statuses of their replies. */
async function together(...cells: readonly (readonly [code: string, more?: JsonObject])[]): Promise<unknown[]> {
  const ids = cells.map(([code, more = {}]) => kernel.request("shell", "execute_request", { code, ...more }));
  await kernel.settled();
  return ids.map(
    (id) =>
      kernel.sent.find(({ channel, message }) => channel === "shell" && message.parent_header["msg_id" as never] === id)
        ?.message.content["status"],
  );
}

describe("an execute_request", () => {
  it("publishes its input, its outputs and its result", async () => {
    const { reply, published } = await execute("print('a'); 6 * 7");
    expect(reply).toEqual({ status: "ok", execution_count: 1, payload: [], user_expressions: {} });
    expect(published).toEqual([
      { type: "status", content: { execution_state: "busy" } },
      { type: "execute_input", content: { code: "print('a'); 6 * 7", execution_count: 1 } },
      { type: "stream", content: { name: "stdout", text: "a\n" } },
      {
        type: "execute_result",
        content: { data: { "text/plain": "42" }, metadata: {}, execution_count: 1 },
      },
      { type: "status", content: { execution_state: "idle" } },
    ]);
  });

  it("publishes its error and answers with the same", async () => {
    const { reply, published } = await execute("throw new RangeError('out')");
    const error = published.find(({ type }) => type === "error")?.content;
    expect(reply).toEqual({ status: "error", execution_count: 1, ...error });
    expect(error).toMatchObject({ ename: "RangeError", evalue: "out" });
  });

  it("that is silent publishes nothing and does not count, whatever it asks of the history", async () => {
    for (const code of ["print('a'); 1", "throw new Error('e')"]) {
      const asked = await execute(code, { silent: true, store_history: true });
      expect(types(asked)).toEqual(["status", "status"]);
      expect(asked.reply).toMatchObject({ execution_count: 0 });
    }
    expect((await kernel.ask("history_request", { hist_access_type: "tail" })).reply).toEqual({
      status: "ok",
      history: [],
    });
    expect((await execute("1")).reply).toMatchObject({ execution_count: 1 });
  });

  it("that is not to be stored shows its outputs and does not count", async () => {
    await execute("1");
    const asked = await execute("print('a'); 2", { store_history: false });
    expect(types(asked)).toEqual(["status", "execute_input", "stream", "execute_result", "status"]);
    expect(asked.reply).toMatchObject({ execution_count: 1 });
    expect((await execute("3")).reply).toMatchObject({ execution_count: 2 });
    expect((await kernel.ask("history_request", { hist_access_type: "tail" })).reply).toMatchObject({
      history: [
        [0, 1, "1"],
        [0, 2, "3"],
      ],
    });
  });

  it("carries the values of its user expressions, each with its own error", async () => {
    const { reply } = await execute("let n = 1", { user_expressions: { sum: "n + 1", bad: "missing", none: "" } });
    const traceback = expect.arrayContaining([expect.stringContaining("missing is not defined")]) as string[];
    expect(reply?.["user_expressions"]).toEqual({
      sum: { status: "ok", data: { "text/plain": "2" }, metadata: {} },
      bad: { status: "error", ename: "ReferenceError", evalue: "missing is not defined", traceback },
      none: { status: "ok", data: { "text/plain": "undefined" }, metadata: {} },
    });
    expect(reply).toMatchObject({ status: "ok" });
  });

  it("whose content is wrong is answered with a sentence, and no input is published", async () => {
    const asked = await kernel.ask("execute_request", { silent: false });
    expect(asked.reply).toEqual({
      status: "error",
      ename: "RequestError",
      evalue: "code: expected a string, got nothing",
      traceback: ["RequestError: code: expected a string, got nothing"],
    });
    expect(types(asked)).toEqual(["status", "status"]);
    expect(kernel.logged).toEqual(["execute_request: code: expected a string, got nothing"]);
    expect((await execute("1")).reply).toMatchObject({ status: "ok", execution_count: 1 });
  });
});

describe("after an error", () => {
  it("what was sent with the cell is aborted, and what comes later runs", async () => {
    expect(await together(["1"], ["throw 1"], ["print(2)"], ["3"])).toEqual(["ok", "error", "aborted", "aborted"]);
    expect(kernel.sent.filter(({ message }) => message.header.msg_type === "stream")).toEqual([]);
    expect(await together(["4"])).toEqual(["ok"]);
  });

  it("what arrives a moment later was sent with it, too: it is aborted", async () => {
    const first = kernel.ask("execute_request", { code: "throw 1" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = kernel.ask("execute_request", { code: "2" });
    expect([(await first).reply, (await second).reply]).toMatchObject([{ status: "error" }, { status: "aborted" }]);
  });

  it("what was sent with the cell runs when the cell asks for that", async () => {
    const goOn = { stop_on_error: false };
    expect(await together(["throw 1", goOn], ["2"], ["throw 3", goOn], ["4"])).toEqual(["error", "ok", "error", "ok"]);
  });

  it("an aborted cell publishes busy and idle only, and does not count", async () => {
    const ids = ["throw 1", "2"].map((code) => kernel.request("shell", "execute_request", { code }));
    await kernel.settled();
    const mine = kernel.sent.filter(({ message }) => message.parent_header["msg_id" as never] === ids[1]);
    expect(mine.map(({ message }) => message.header.msg_type)).toEqual(["status", "execute_reply", "status"]);
    expect(mine[1]?.message.content).toEqual({ status: "aborted" });
    expect((await execute("3")).reply).toMatchObject({ execution_count: 2 });
  });

  it("other requests are answered", async () => {
    kernel.request("shell", "execute_request", { code: "throw 1" });
    expect((await kernel.ask("history_request", { hist_access_type: "tail" })).reply).toMatchObject({ status: "ok" });
    expect((await kernel.ask("kernel_info_request")).reply).toMatchObject({ status: "ok" });
  });
});

describe("while a cell runs", () => {
  it("immediate requests are answered, and serial ones wait for it", async () => {
    const cell = kernel.request("shell", "execute_request", { code: "await sleep(20); 'end'" });
    const info = kernel.request("shell", "kernel_info_request", {});
    const history = kernel.request("shell", "history_request", { hist_access_type: "tail", output: true });
    await kernel.settled();
    const replies = kernel.sent
      .filter(({ channel }) => channel === "shell")
      .map(({ message }) => message.parent_header["msg_id" as never]);
    expect(replies).toEqual([info, cell, history]);
    expect(kernel.sent.at(-2)?.message.content).toMatchObject({
      history: [[0, 1, ["await sleep(20); 'end'", "'end'"]]],
    });
  });

  it("a cell on the control channel waits for it, too", async () => {
    const first = kernel.request("shell", "execute_request", { code: "await sleep(20)" });
    const second = kernel.request("control", "execute_request", { code: "1" });
    await kernel.settled();
    const replies = kernel.sent.filter(({ message }) => message.header.msg_type === "execute_reply");
    expect(replies.map(({ message }) => message.parent_header["msg_id" as never])).toEqual([first, second]);
    expect(replies.map(({ channel }) => channel)).toEqual(["shell", "control"]);
  });

  it("an interrupt on the control channel ends it, and aborts what waits behind it", async () => {
    const ids = ["await sleep(1e6)", "2"].map((code) => kernel.request("shell", "execute_request", { code }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { reply } = await kernel.ask("interrupt_request", {}, "control");
    expect(reply).toEqual({ status: "ok" });
    const replies = ids.map(
      (id) =>
        kernel.sent.find(
          ({ channel, message }) => channel === "shell" && message.parent_header["msg_id" as never] === id,
        )?.message.content,
    );
    expect(replies).toMatchObject([{ status: "error", ename: "Interrupted" }, { status: "aborted" }]);
  });
});

describe("the history", () => {
  const ask = async (content: JsonObject): Promise<unknown> =>
    (await kernel.ask("history_request", content)).reply?.["history"];
  beforeEach(async () => {
    for (const code of ["1", "let a = 2", "1", "a + 1"]) await execute(code);
  });

  const cases: Record<string, [request: JsonObject, expected: unknown]> = {
    "has the last lines": [
      { hist_access_type: "tail", n: 2 },
      [
        [0, 3, "1"],
        [0, 4, "a + 1"],
      ],
    ],
    "has no more lines than there are": [{ hist_access_type: "tail", n: 100 }, { length: 4 }],
    "has no lines where none are asked for": [{ hist_access_type: "tail", n: 0 }, []],
    "has a range, without its end": [
      { hist_access_type: "range", session: 0, start: 2, stop: 4 },
      [
        [0, 2, "let a = 2"],
        [0, 3, "1"],
      ],
    ],
    "has a range to the last line": [{ hist_access_type: "range", start: 4 }, [[0, 4, "a + 1"]]],
    "has nothing of earlier sessions": [{ hist_access_type: "range", session: -1, start: 1 }, []],
    "is searched by a pattern": [
      { hist_access_type: "search", pattern: "*a*" },
      [
        [0, 2, "let a = 2"],
        [0, 4, "a + 1"],
      ],
    ],
    "is searched for characters that mean something to regular expressions": [
      { hist_access_type: "search", pattern: "a + ?" },
      [[0, 4, "a + 1"]],
    ],
    "is searched without doubles": [{ hist_access_type: "search", pattern: "1", unique: true }, [[0, 3, "1"]]],
    "is searched for the last ones": [{ hist_access_type: "search", pattern: "*", n: 1 }, [[0, 4, "a + 1"]]],
    "has outputs": [
      { hist_access_type: "tail", n: 3, output: true },
      [
        [0, 2, ["let a = 2", null]],
        [0, 3, ["1", "1"]],
        [0, 4, ["a + 1", "3"]],
      ],
    ],
  };
  for (const [name, [request, expected]] of Object.entries(cases)) {
    it(name, async () => {
      const found = await ask(request);
      if (Array.isArray(expected)) expect(found).toEqual(expected);
      else expect(found).toMatchObject(expected as object);
    });
  }
});

describe("other requests", () => {
  it("kernel_info has every field of the protocol", async () => {
    const { reply } = await kernel.ask("kernel_info_request");
    expect(reply).toEqual({
      status: "ok",
      protocol_version: "5.5",
      implementation: "veelab",
      implementation_version: "1.2.3",
      language_info: expect.objectContaining({
        name: "typescript",
        mimetype: "text/typescript",
        file_extension: ".ts",
        nbconvert_exporter: "script",
      }) as object,
      banner: `veelab 1.2.3: TypeScript on Node ${process.versions.node}`,
      help_links: [{ text: "TypeScript", url: "https://www.typescriptlang.org/docs/" }],
      debugger: true,
      supported_features: ["debugger", "kernel subshells"],
    });
  });

  it("is_complete tells whole cells from those that go on and those that cannot", async () => {
    const status = async (code: string): Promise<unknown> => (await kernel.ask("is_complete_request", { code })).reply;
    expect(await status("const a: number = 1")).toEqual({ status: "complete" });
    expect(await status("if (true) {")).toEqual({ status: "incomplete", indent: "  " });
    expect(await status("let = ;")).toEqual({ status: "invalid" });
  });

  it("shutdown is answered and published before the kernel ends", async () => {
    for (const [index, restart] of [true, false].entries()) {
      const asked = await kernel.ask("shutdown_request", { restart }, "control");
      expect(asked.reply).toEqual({ status: "ok", restart });
      expect(asked.published[1]).toEqual({ type: "shutdown_reply", content: { status: "ok", restart } });
      expect(kernel.shutdowns()).toBe(index + 1);
    }
  });

  it("an unknown request is answered with an error; an unknown message is logged", async () => {
    expect((await kernel.ask("debug_something_request")).reply).toEqual({
      status: "error",
      ename: "UnknownRequest",
      evalue: "this kernel does not know debug_something_request",
      traceback: [],
    });
    const { reply, published } = await kernel.ask("something");
    expect([reply, published]).toEqual([undefined, []]);
    expect(kernel.logged).toEqual([
      'shell: unknown message type "debug_something_request"',
      'shell: unknown message type "something"',
    ]);
  });
});
