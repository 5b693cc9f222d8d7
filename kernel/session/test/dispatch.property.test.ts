import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../protocol/json.ts";
import type { RequestChannel } from "../../transport/transport.ts";
import { openMemoryKernel, type MemoryKernel, type Sent } from "./memory-kernel.ts";

/** Where a message goes: to the kernel's own shell, to one of two subshells, or to one that never was. */
type Where = "own" | "first" | "second" | "none";

/** One message of a script, and what must come of it. */
interface Step {
  readonly channel: RequestChannel;
  readonly type: string;
  readonly content: JsonObject;
  /** The reply's possible statuses; without any there is no reply. */
  readonly statuses: readonly string[];
  /** Whether busy and idle are published. */
  readonly served: boolean;
  readonly where: Where;
  /** What is waited for before it is sent: nothing, some milliseconds, or that everything before it is answered. */
  readonly after: number | "all";
}

const message = (type: string, content: fc.Arbitrary<JsonObject>, statuses: readonly string[], served = true) =>
  fc.record({
    type: fc.constant(type),
    content,
    statuses: fc.constant(statuses),
    served: fc.constant(served),
    channel: fc.constantFrom<RequestChannel>("shell", "shell", "shell", "control"),
    where: fc.constantFrom<Where>("own", "own", "own", "first", "first", "second", "none"),
    after: fc.constantFrom<Step["after"]>(0, 0, 0, 1, 2, "all", "all"),
  });

const code = fc.constantFrom(
  "1 + 1",
  "let a = 1; print(a)",
  "await sleep(1); print('late'); 'x'",
  "throw new Error('thrown')",
  "await sleep(1); throw 1",
  "print(await input('name'))",
  "await Promise.all([input('a'), input('b'), input('c')])",
  "let = ;",
  "",
  "print('😀'); undefined",
  "comms.open('target', { a: 1 }).send({ b: 2 })",
  "const comm = comms.open('t'); await sleep(1); comm.close(); comm.close()",
);
const comm = fc.constantFrom("a", "b");
const data = fc.constantFrom<JsonObject>({}, { later: true }, { text: "😀" });
const nothing = fc.constant({});
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: message(
      "execute_request",
      fc.record({
        code,
        silent: fc.boolean(),
        store_history: fc.boolean(),
        stop_on_error: fc.boolean(),
        user_expressions: fc.dictionary(fc.string(), code, { maxKeys: 2 }),
      }),
      ["ok", "error", "aborted"],
    ),
  },
  message("kernel_info_request", nothing, ["ok"]),
  message("is_complete_request", fc.record({ code: fc.string() }), ["complete", "incomplete", "invalid"]),
  message("complete_request", fc.record({ code, cursor_pos: fc.nat() }), ["ok"]),
  message("inspect_request", fc.record({ code, cursor_pos: fc.nat() }), ["ok"]),
  message(
    "history_request",
    fc.record({
      hist_access_type: fc.constantFrom("tail", "range", "search"),
      n: fc.integer({ min: -2, max: 10 }),
      pattern: fc.oneof(fc.string(), fc.constantFrom("*", "[", "(*?", "\\")),
      output: fc.boolean(),
      unique: fc.boolean(),
    }),
    ["ok"],
  ),
  message("comm_info_request", nothing, ["ok"]),
  { weight: 2, arbitrary: message("interrupt_request", nothing, ["ok"]) },
  message("create_subshell_request", nothing, ["ok"]),
  message("list_subshell_request", nothing, ["ok"]),
  message("delete_subshell_request", fc.constantFrom({ subshell_id: "first" }, { subshell_id: "none" }), ["ok"]),
  message("usage_request", nothing, ["ok"]),
  // Not what the protocol says.
  message("execute_request", fc.constantFrom({}, { code: 1 }, { code: "1", silent: "no" }), ["error"]),
  message("history_request", fc.constantFrom({}, { hist_access_type: "all" }), ["error"]),
  message("delete_subshell_request", fc.constantFrom({}, { subshell_id: null }, { subshell_id: [] }), ["error"]),
  message("is_complete_request", nothing, ["error"]),
  message("unheard_of_request", fc.dictionary(fc.string(), fc.string()), ["error"]),
  message("toString_request", nothing, ["error"]),
  {
    weight: 4,
    arbitrary: fc.oneof(
      message("comm_open", fc.record({ comm_id: comm, target_name: fc.constantFrom("echo", "unknown"), data }), []),
      message("comm_msg", fc.record({ comm_id: comm, data }), []),
      message("comm_close", fc.record({ comm_id: comm, data }), []),
    ),
  },
  message("comm_open", fc.constantFrom({}, { comm_id: "c" }, { comm_id: "c", target_name: "t", data: 1 }), []),
  message("comm_msg", fc.constantFrom({}, { comm_id: "c", data: "d" }), []),
  message("comm_close", fc.constantFrom({}, { comm_id: 1 }), []),
  message("execute_reply", nothing, [], false),
  message("__proto__", nothing, [], false),
);

/** A step that was sent. */
interface Played extends Step {
  readonly id: string;
  /** The shell that serves it; undefined where it names none that there is. */
  readonly shell: string | undefined;
}

/** Sends a script to a kernel with two subshells; the statuses are those that can come with the subshells that there are. */
async function play(kernel: MemoryKernel, script: readonly Step[]): Promise<Played[]> {
  const create = async (): Promise<Json> =>
    (await kernel.ask("create_subshell_request")).reply?.["subshell_id"] ?? null;
  const ids: Record<Where, Json | undefined> = {
    own: undefined,
    first: await create(),
    second: await create(),
    none: "none",
  };
  const there = new Set<Where>(["own", "first", "second"]);
  const played: Played[] = [];
  for (const step of script) {
    const { channel, type, where, after } = step;
    if (after === "all") await kernel.settled();
    else if (after > 0) await new Promise((resolve) => setTimeout(resolve, after));
    const named = step.content["subshell_id"];
    const content = typeof named === "string" ? { subshell_id: ids[named as Where] } : step.content;
    const id = kernel.request(channel, type, content, [], ids[where]);
    const shell = channel === "control" ? "own" : there.has(where) ? where : undefined;
    const deletes = type === "delete_subshell_request" && typeof named === "string" && shell !== undefined;
    const fails = shell === undefined || (deletes && !there.delete(named as Where));
    played.push({ ...step, id, shell, statuses: fails && step.statuses.length > 0 ? ["error"] : step.statuses });
  }
  await kernel.settled();
  return played;
}

const state = ({ message }: Sent): unknown =>
  message.header.msg_type === "status" ? message.content["execution_state"] : undefined;

describe("any script of messages", () => {
  it("gives each request one busy, one reply on its own channel to its sender, and one idle, in this order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 15 }), async (script) => {
        const kernel = openMemoryKernel();
        try {
          const played = await play(kernel, script);
          // The requests that made the two subshells.
          let known = 2 * 3;
          for (const step of played) {
            const { id } = step;
            const mine = kernel.sent.filter(({ message }) => message.parent_header["msg_id" as never] === id);
            known += mine.length;
            const states = mine.map(state).filter((each) => each !== undefined);
            const replies = mine.filter(({ channel }) => channel === "shell" || channel === "control");
            expect(states).toEqual(step.served ? ["busy", "idle"] : []);
            expect(replies).toHaveLength(step.statuses.length > 0 ? 1 : 0);
            if (step.served) {
              expect(state(mine[0]!)).toBe("busy");
              expect(state(mine.at(-1)!)).toBe("idle");
            }
            for (const { channel, message } of replies) {
              expect(channel).toBe(step.channel);
              expect(message.header.msg_type).toBe(step.type.replace("_request", "_reply"));
              expect(message.identities.map(String)).toEqual([`client of ${id}`]);
              expect(step.statuses).toContain(message.content["status"]);
              if (message.content["status"] === "error")
                expect(message.content).toMatchObject({
                  ename: expect.any(String) as string,
                  evalue: expect.any(String) as string,
                  traceback: expect.any(Array) as unknown[],
                });
            }
          }
          // Nothing was sent that belongs to no message of the script.
          expect(kernel.sent).toHaveLength(known);
        } finally {
          kernel.close();
        }
      }),
      { numRuns: 150 },
    );
  });

  it("runs cells of a shell one at a time in the order in which they came, counted up where they count", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 15 }), async (script) => {
        const kernel = openMemoryKernel();
        try {
          const played = await play(kernel, script);
          const requestOf = ({ message }: Sent): string => String(message.parent_header["msg_id" as never]);
          for (const shell of ["own", "first", "second"]) {
            const cells = played.filter((step) => step.type === "execute_request" && step.shell === shell);
            const ids = cells.map(({ id }) => id);
            const mine = kernel.sent.filter((each) => ids.includes(requestOf(each)));
            // Busy, reply and idle of one come before those of the next.
            const order = mine.map((each) => ids.indexOf(requestOf(each)));
            expect(order).toEqual([...order].sort((a, b) => a - b));
            let count = 0;
            for (const { id, content } of cells) {
              const reply = mine.find(
                ({ channel, message }) =>
                  channel !== "iopub" && channel !== "stdin" && requestOf({ channel, message }) === id,
              )!.message.content;
              if (reply["status"] === "aborted" || !("execution_count" in reply)) continue;
              if (content["store_history"] === true && content["silent"] === false) count += 1;
              expect(reply["execution_count"]).toBe(count);
            }
          }
        } finally {
          kernel.close();
        }
      }),
      { numRuns: 150 },
    );
  });

  it("answers after frames that are no message, which it logs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.uint8Array(), { maxLength: 8 }), { minLength: 1 }), async (garbage) => {
        const kernel = openMemoryKernel();
        try {
          for (const frames of garbage) kernel.frames("shell", frames);
          expect(kernel.sent).toEqual([]);
          expect(kernel.logged).toHaveLength(garbage.length);
          const { reply } = await kernel.ask("kernel_info_request");
          expect(reply).toMatchObject({ status: "ok" });
        } finally {
          kernel.close();
        }
      }),
      { numRuns: 50 },
    );
  });
});
