import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { said } from "../message.ts";
import { createOutputLimit, defaultOutputLimits, type OutputLimits } from "../output-limit.ts";
import { serveKernels, type LiveKernels } from "./live-kernels.ts";

// Kernels are processes: beside other tests each takes seconds to start.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const parent = { msg_id: "cell", session: "s", username: "", date: "", msg_type: "execute_request", version: "5.4" };
const message = (type: string, text = "x", cell = "cell"): ReturnType<typeof said> =>
  said({
    channel: "iopub",
    type,
    content: { name: "stdout", text },
    parent: { ...parent, msg_id: cell },
    session: "k",
  });

/** A limit and its clock, in seconds. */
function limited(limits: Partial<OutputLimits>): { clock: { s: number }; take: ReturnType<typeof createOutputLimit> } {
  const clock = { s: 0 };
  return { clock, take: createOutputLimit({ ...defaultOutputLimits, ...limits }, () => clock.s * 1000) };
}

describe("the limit on printed text", () => {
  it("lets so many messages pass at once, and then as many as the rate", () => {
    const { clock, take } = limited({ outputMessagesPerSecond: 10, outputWindowS: 3 });
    const passed = (count: number): number =>
      Array.from({ length: count }, () => take(message("stream")).passes).filter(Boolean).length;
    expect(passed(100)).toBe(30);
    // A tenth of the window has to be free first: not every second message is let through.
    clock.s = 0.2;
    expect(passed(100)).toBe(0);
    clock.s = 0.5;
    expect(passed(100)).toBe(5);
    clock.s = 10;
    expect(passed(100)).toBe(30);
  });

  it("counts bytes as well", () => {
    const { take } = limited({ outputBytesPerSecond: 1000, outputWindowS: 10 });
    let passed = 0;
    while (take(message("stream", "x".repeat(1000))).passes) passed += 1;
    // Each has some 350 bytes of headers.
    expect(passed).toBe(7);
  });

  it("tells each cell once, and by which option more is shown", () => {
    const { take } = limited({ outputMessagesPerSecond: 1, outputWindowS: 1 });
    const notices = (cell: string): (string | undefined)[] =>
      Array.from({ length: 5 }, () => take(message("stream", "x", cell))).map((verdict) =>
        verdict.passes ? undefined : verdict.notice,
      );
    expect(notices("a").filter((notice) => notice !== undefined)).toEqual([
      "veelab: this cell prints more than 1 messages a second over 1 s: what it prints beyond that is not shown; " +
        "displays, results and errors are. Start the server with a higher --output-messages-per-second to see all.\n",
    ]);
    take(message("execute_input", "x", "b"));
    expect(notices("b").filter((notice) => notice !== undefined)).toHaveLength(1);
  });

  it("never holds back what is not printed text, however much there is", () => {
    const { take } = limited({ outputMessagesPerSecond: 1, outputBytesPerSecond: 10, outputWindowS: 1 });
    const types = fc.constantFrom(
      "status",
      "error",
      "display_data",
      "update_display_data",
      "execute_result",
      "comm_msg",
      "clear_output",
    );
    fc.assert(
      fc.property(fc.array(types, { maxLength: 20 }), (all) => {
        for (let index = 0; index < 5; index += 1) take(message("stream", "x".repeat(100)));
        expect(all.every((type) => take(message(type)).passes)).toBe(true);
      }),
    );
  });

  it("starts anew with each cell, so that running all is not cut", () => {
    const { take } = limited({ outputMessagesPerSecond: 10, outputWindowS: 1 });
    for (let cell = 0; cell < 20; cell += 1) {
      take(message("execute_input", "", String(cell)));
      for (let index = 0; index < 10; index += 1) expect(take(message("stream")).passes).toBe(true);
    }
  });
});

describe("a cell that prints without end", () => {
  let server: LiveKernels;
  beforeAll(async () => {
    server = await serveKernels({ outputBytesPerSecond: 100_000, outputWindowS: 1 });
  });
  afterAll(() => server.close());

  it("is cut, told so once, and still shows its result", async () => {
    const page = await server.page(await server.start());
    const { text, output, reply } = await page.execute(
      "for (let n = 0; n < 30; n++) { console.log('x'.repeat(50_000)); await new Promise((done) => setTimeout(done, 5)); } 'result'",
    );
    expect(text.length).toBeLessThan(400_000);
    expect(text.match(/this cell prints more than 100000 bytes a second over 1 s/gu)).toHaveLength(1);
    expect(output.at(-2)?.header.msg_type).toBe("execute_result");
    expect(reply).toMatchObject({ status: "ok" });
    expect((await page.execute("console.log('y'.repeat(50_000))")).text).toHaveLength(50_001);
    await page.close();
  });

  it("is shown whole by default: 100,000 lines", async () => {
    const generous = await serveKernels();
    const page = await generous.page(await generous.start());
    const { text } = await page.execute(
      "for (let n = 0; n < 100_000; n++) console.log(`line ${n} of a hundred thousand`)",
    );
    expect(text.split("\n")).toHaveLength(100_001);
    await page.close();
    await generous.close();
  });
});
