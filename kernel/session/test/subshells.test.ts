import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../protocol/json.ts";
import { openMemoryKernel, type MemoryKernel } from "./memory-kernel.ts";

let kernel: MemoryKernel;
beforeEach(() => {
  kernel = openMemoryKernel();
});
afterEach(() => {
  kernel.close();
});

const control = async (type: string, content: JsonObject = {}): Promise<JsonObject> =>
  (await kernel.ask(type, content, "control")).reply ?? {};
const create = async (): Promise<string> => (await control("create_subshell_request"))["subshell_id"] as string;
const send = (subshell: Json, code: string, more: JsonObject = {}): string =>
  kernel.request("shell", "execute_request", { code, ...more }, [], subshell);
const of = (id: string): MemoryKernel["sent"] =>
  kernel.sent.filter(({ message }) => message.parent_header["msg_id" as never] === id);
const replyTo = (id: string): JsonObject | undefined =>
  of(id).find(({ channel }) => channel === "shell")?.message.content;
const printed = (id: string): string =>
  of(id)
    .filter(({ message }) => message.header.msg_type === "stream")
    .map(({ message }) => message.content["text"] as string)
    .join("");
/** The order in which requests were answered. */
const answered = (...ids: readonly string[]): number[] =>
  kernel.sent
    .filter(({ channel }) => channel === "shell")
    .map(({ message }) => ids.indexOf(String(message.parent_header["msg_id" as never])))
    .filter((index) => index >= 0);

describe("subshells", () => {
  it("are made, listed and taken away on the control channel", async () => {
    const [first, second] = [await create(), await create()];
    expect(first).not.toBe(second);
    expect(await control("list_subshell_request")).toEqual({ status: "ok", subshell_id: [first, second] });
    expect(await control("delete_subshell_request", { subshell_id: first })).toEqual({ status: "ok" });
    expect(await control("list_subshell_request")).toEqual({ status: "ok", subshell_id: [second] });
  });

  it("that are not there are an error, for whatever is asked of them", async () => {
    const id = await create();
    await control("delete_subshell_request", { subshell_id: id });
    const message = `subshell_id: expected the id of a subshell of this kernel, got ${JSON.stringify(id)}`;
    const error = {
      status: "error",
      ename: "SubshellError",
      evalue: message,
      traceback: [`SubshellError: ${message}`],
    };
    expect(await control("delete_subshell_request", { subshell_id: id })).toEqual(error);
    const requests: Record<string, JsonObject> = {
      execute_request: { code: "1" },
      complete_request: { code: "1", cursor_pos: 1 },
      is_complete_request: { code: "1" },
      history_request: { hist_access_type: "tail" },
      kernel_info_request: {},
    };
    for (const [type, content] of Object.entries(requests)) {
      const request = kernel.request("shell", type, content, [], id);
      await kernel.settled();
      expect(replyTo(request)).toEqual(error);
      expect(of(request).map(({ message }) => message.content["execution_state"])).toEqual(["busy", undefined, "idle"]);
    }
    for (const odd of [5, {}, [], "", true]) {
      const request = send(odd, "1");
      await kernel.settled();
      expect(replyTo(request)).toMatchObject({ status: "error", ename: "SubshellError" });
    }
  });

  it("are the kernel's own shell where none is named, and on the control channel", async () => {
    const named = [undefined, null].map((id) => kernel.request("shell", "execute_request", { code: "1" }, [], id));
    await kernel.settled();
    expect(named.map((id) => replyTo(id)?.["execution_count"])).toEqual([1, 2]);
    const id = await create();
    const request = kernel.request("control", "execute_request", { code: "2" }, [], id);
    await kernel.settled();
    expect(of(request).find(({ channel }) => channel === "control")?.message.content).toMatchObject({
      execution_count: 3,
    });
  });

  it("run beside a cell that waits, each in its own order, with outputs under their own requests", async () => {
    const id = await create();
    const long = send(null, "print('a'); await new Promise((go) => (globalThis.go = go)); print('b'); shared");
    const first = send(id, "await sleep(5); print('c'); let shared = 1; shared");
    const second = send(id, "print('d'); shared += 1; shared");
    const third = send(id, "go()");
    await kernel.settled();
    expect(answered(long, first, second, third).slice(0, 2)).toEqual([1, 2]);
    expect([long, first, second].map(printed)).toEqual(["a\nb\n", "c\n", "d\n"]);
    // As the parent header says, also to who listens only to iopub.
    expect(of(first).every(({ message }) => message.parent_header["subshell_id" as never] === id)).toBe(true);
  });

  it("have counts and a history of their own", async () => {
    const id = await create();
    const requests = [send(null, "1"), send(null, "2"), send(id, "3"), send(null, "4"), send(id, "5")];
    const history = { hist_access_type: "range", start: 0 };
    const histories = [null, id].map((shell) => kernel.request("shell", "history_request", history, [], shell));
    await kernel.settled();
    expect(requests.map((request) => replyTo(request)?.["execution_count"])).toEqual([1, 2, 1, 3, 2]);
    const lines = histories.map((request) => replyTo(request)?.["history"] as [number, number, string][]);
    expect(lines.map((each) => each.map(([, number, input]) => [number, input]))).toEqual([
      [
        [1, "1"],
        [2, "2"],
        [3, "4"],
      ],
      [
        [1, "3"],
        [2, "5"],
      ],
    ]);
  });

  it("abort what waits behind an error in the same one only", async () => {
    const id = await create();
    const requests = [
      send(id, "await sleep(2); throw 1"),
      send(id, "2"),
      send(null, "await sleep(5); 3"),
      send(null, "4"),
    ];
    await kernel.settled();
    expect(requests.map((request) => replyTo(request)?.["status"])).toEqual(["error", "aborted", "ok", "ok"]);
  });

  it("ask questions while another cell asks", async () => {
    const id = await create();
    const requests = [send(null, "print(await input('first'))"), send(id, "print(await input('second'))")];
    await kernel.settled();
    expect(requests.map(printed)).toEqual(["first\n", "second\n"]);
  });

  it("are all interrupted, as the kernel is", async () => {
    const id = await create();
    const requests = [send(null, "await sleep(1e6)"), send(id, "await sleep(1e6)"), send(id, "3")];
    await new Promise((resolve) => setTimeout(resolve, 5));
    await kernel.ask("interrupt_request", {}, "control");
    expect(requests.map((request) => replyTo(request)?.["ename"] ?? replyTo(request)?.["status"])).toEqual([
      "Interrupted",
      "Interrupted",
      "aborted",
    ]);
  });

  it("still serve what was sent to them before they were taken away", async () => {
    const id = await create();
    const requests = [send(id, "await sleep(5); 1"), send(id, "2")];
    const deleted = kernel.request("control", "delete_subshell_request", { subshell_id: id });
    const late = send(id, "3");
    await kernel.settled();
    expect([...requests, late].map((request) => replyTo(request)?.["status"])).toEqual(["ok", "ok", "error"]);
    expect(of(deleted).find(({ channel }) => channel === "control")?.message.content).toEqual({ status: "ok" });
  });
});
