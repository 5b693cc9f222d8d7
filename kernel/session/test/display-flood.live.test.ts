import { expect, it } from "vitest";
import { startKernel } from "./live-kernel.ts";

it(
  "a cell that shows things without end is interrupted, and the kernel's memory stays bounded",
  { timeout: 240_000 },
  async () => {
    const kernel = await startKernel();
    const cell = kernel.send("const html = 'x'.repeat(20_000); for (;;) display.html(html);");
    await cell.seen((all) => all.length > 2000);
    await kernel.interrupt();
    expect((await cell.ended).reply["ename"]).toBe("Interrupted");
    const { kernel_memory: memory } = await kernel.client.request("control", "usage_request", {}).reply;
    expect(memory).toBeLessThan(1_000_000_000);
    expect((await kernel.execute("6 * 7")).result()).toBe("42");
    await kernel.stop();
  },
);
