import { afterAll, beforeAll, expect, it } from "vitest";
import { startKernel, type LiveKernel } from "../../session/test/live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(() => kernel.stop());

it(
  "a flood of 10,000 requests of all kinds is answered, each with a reply of its own",
  { timeout: 120_000 },
  async () => {
    const requests = [
      ["kernel_info_request", {}],
      ["execute_request", { code: "flood += 1", stop_on_error: false }],
      ["is_complete_request", { code: "if (" }],
      ["history_request", { hist_access_type: "tail", n: 1 }],
      ["unheard_of_request", { a: [1] }],
    ] as const;
    await kernel.execute("let flood = 0");
    const replies = await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => {
        const [type, content] = requests[index % requests.length]!;
        return kernel.client.request(index % 7 === 0 ? "control" : "shell", type, content).reply;
      }),
    );
    const counts = new Map<unknown, number>();
    for (const { status } of replies) counts.set(status, (counts.get(status) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ ok: 6000, incomplete: 2000, error: 2000 });
    expect((await kernel.execute("flood")).result()).toBe("2000");
  },
);
