import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JsonObject } from "../../protocol/json.ts";
import { startKernel, type LiveKernel } from "./live-kernel.ts";

// The property of dispatch.property.test.ts for the kernel as it is: its threads, its sockets, its interrupts.

const codes = [
  "1 + 1",
  "for (;;) turns++",
  "await 1; for (;;) turns++",
  "await new Promise(() => {})",
  "await new Promise((go) => setTimeout(go, 3)); console.log('late'); turns",
  "for (let i = 0; i < 100; i++) console.log(i)",
  "setTimeout(() => console.log('after'), 2); display({ a: 1 })",
  "throw new Error('thrown')",
  "let = ;",
  "clearOutput({ wait: true }); process.exit(1)",
  "Promise.reject(new Error('nobody awaits it'))",
  "await input('nobody answers')",
  "prompt('nobody answers')",
  "",
];
const requests: fc.Arbitrary<readonly [type: string, content: JsonObject]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        code: fc.constantFrom(...codes),
        silent: fc.boolean(),
        store_history: fc.boolean(),
        stop_on_error: fc.boolean(),
        allow_stdin: fc.boolean(),
        user_expressions: fc.constantFrom({}, { a: "turns", b: "missing" }, { c: "await new Promise(() => {})" }),
      })
      .map((content) => ["execute_request", content] as const),
  },
  { weight: 3, arbitrary: fc.constant(["interrupt_request", {}] as const) },
  fc.constantFrom(
    ["kernel_info_request", {}],
    ["is_complete_request", { code: "if (" }],
    ["history_request", { hist_access_type: "tail", n: 3 }],
    ["comm_info_request", {}],
    ["usage_request", {}],
    ["list_subshell_request", {}],
    ["unheard_of_request", {}],
  ),
);
const step = fc.record({
  request: requests,
  channel: fc.constantFrom("shell", "shell", "shell", "control"),
  subshell: fc.boolean(),
  afterMs: fc.constantFrom(0, 0, 1, 5, 20),
});

let kernel: LiveKernel;
let subshell: string;
const start = async (): Promise<void> => {
  kernel = await startKernel();
  subshell = (await kernel.client.request("control", "create_subshell_request", {}).reply)["subshell_id"] as string;
  await kernel.execute("let turns = 0; const kept = 'kept'");
};
beforeAll(start);
afterAll(() => kernel.stop());

/** What V8 of Node 20 says when it aborts over the stack of optimised code: a known limit (DECISIONS), rare. */
const faultOfV8 = "Missing deoptimization information";

async function play(
  script: readonly {
    readonly request: readonly [type: string, content: JsonObject];
    readonly channel: string;
    readonly subshell: boolean;
    readonly afterMs: number;
  }[],
  restMs: number,
): Promise<void> {
  const sent = [];
  for (const {
    request: [type, content],
    channel,
    subshell: aside,
    afterMs,
  } of script) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const shell = aside && channel === "shell" ? subshell : undefined;
    const { id, reply } = kernel.client.request(channel === "shell" ? "shell" : "control", type, content, shell);
    sent.push({ id, answered: reply.then((content) => content["status"] as string) });
  }
  // What never ends by itself is interrupted until all is answered.
  const waiting = { open: true };
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const statuses = Promise.all(sent.map(({ answered }) => answered)).finally(() => (waiting.open = false));
  while (waiting.open) {
    await kernel.interrupt();
    await Promise.race([statuses, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  for (const status of await statuses) expect(["ok", "error", "aborted", "incomplete"]).toContain(status);
  expect((await kernel.execute("kept")).result()).toBe("'kept'");
  // Behind that cell's idle come those of all that was answered before it.
  for (const { id } of sent) expect(kernel.states(id)).toEqual(["busy", "idle"]);
}

it("any script of requests with interrupts gives each one busy, one reply and one idle, and keeps the variables", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(0, 10, 50),
      async (script, restMs) => {
        const exit = await Promise.race([play(script, restMs), kernel.process.exited]);
        if (exit === undefined) return;
        if (!exit.stderr.includes(faultOfV8)) throw new Error(`the kernel ended: ${exit.stderr}`);
        await start();
      },
    ),
    { numRuns: 100 },
  );
}, 300_000);
