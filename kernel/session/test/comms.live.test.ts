import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startKernel, type LiveKernel, type Published } from "./live-kernel.ts";

let kernel: LiveKernel;
beforeAll(async () => {
  kernel = await startKernel();
});
afterAll(async () => {
  await kernel.stop();
});

const types = (published: readonly Published[]): string[] => published.map(({ type }) => type);
const open = (comm_id: string, target_name: string) =>
  kernel.comm("comm_open", { comm_id, target_name, data: {} }).handled;

describe("comms of a running kernel", () => {
  it("bring bytes to a cell that waits, and back", async () => {
    const cell = kernel.send(`
      const bytes = await new Promise<Uint8Array>((resolve) => {
        comms.registerTarget("bytes", (comm) => {
          comm.onMessage(({ data, buffers: [first] }) => {
            comm.send({ got: data.size }, { buffers: [first!.map((byte) => byte + 1)] });
            resolve(first!);
          });
        });
        console.log("registered");
      });
      bytes.length`);
    await cell.seen((published) => published.some(({ type }) => type === "stream"));
    expect(types(await open("b", "bytes"))).toEqual(["status", "status"]);
    const sent = await kernel.comm("comm_msg", { comm_id: "b", data: { size: 3 } }, [new Uint8Array([1, 2, 254])])
      .handled;
    expect(types(sent)).toEqual(["status", "comm_msg", "status"]);
    expect(sent[1]?.content).toEqual({ comm_id: "b", data: { got: 3 } });
    expect(sent[1]?.buffers.map((bytes) => [...bytes])).toEqual([[2, 3, 255]]);
    expect((await cell.ended).result()).toBe("3");
  });

  it("show what a handler prints, displays and throws under its message, also after an await, before its idle", async () => {
    await kernel.execute(`comms.registerTarget("shows", async (comm) => {
      console.log("first");
      await new Promise((resolve) => setTimeout(resolve, 1));
      display.html("<b>second</b>");
      throw new RangeError("third");
    })`);
    const published = await open("s", "shows");
    expect(types(published)).toEqual(["status", "stream", "display_data", "error", "status"]);
    expect(published[3]?.content).toMatchObject({ ename: "RangeError", evalue: "third" });
  });

  it("are interrupted in a synchronous loop, in an await, and in a loop after one; the kernel goes on", async () => {
    await kernel.execute(`
      let handled = 0;
      const never = new Promise(() => {});
      comms.registerTarget("loops", () => { console.log("in"); for (;;); });
      comms.registerTarget("waits", async () => { console.log("in"); await never; });
      comms.registerTarget("later", async () => { await null; console.log("in"); for (;;); });
      comms.registerTarget("counts", () => { handled += 1; });`);
    for (const target of ["loops", "waits", "later", "loops"]) {
      const sent = kernel.comm("comm_open", { comm_id: target, target_name: target, data: {} });
      await sent.seen((published) => types(published).includes("stream"));
      await kernel.interrupt();
      const published = await sent.handled;
      expect(published.find(({ type }) => type === "error")?.content).toMatchObject({ ename: "Interrupted" });
      expect(types(await open("c", "counts"))).toEqual(["status", "status"]);
    }
    expect((await kernel.execute("handled")).result()).toBe("4");
  });

  it("that loop hold a cell up that waits behind them, until an interrupt", async () => {
    const looping = kernel.comm("comm_open", { comm_id: "l", target_name: "loops", data: {} });
    await looping.seen((published) => types(published).includes("stream"));
    const cell = kernel.send("await new Promise(() => {})");
    await cell.started;
    await kernel.interrupt();
    await looping.handled;
    expect((await cell.ended).reply).toMatchObject({ ename: "Interrupted" });
    expect((await kernel.execute("1 + 1")).result()).toBe("2");
  });
});
