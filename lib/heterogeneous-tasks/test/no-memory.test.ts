import { expect, it } from "vitest";
import { graph, map, runOn, sink, source, webAssembly } from "../index.ts";

interface Api {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => object;
}

it("one sentence where there is no memory for a graph", async () => {
  const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: Api };
  // Each memory reserves 10 GiB of addresses, of which a process has 2^47 bytes.
  const held: object[] = [];
  expect(() => {
    while (held.length < 2 ** 16) held.push(new api.Memory({ initial: 1, maximum: 1, shared: true }));
  }).toThrow(RangeError);
  const one = map({ label: "one", input: "f32" }, (x) => x + 1);
  await expect(
    runOn(graph(source("f32").to(one).to(sink("f32"))), [1], { device: webAssembly({ threads: 1 }) }),
  ).rejects.toThrow(/^webassembly: expected \d+ bytes of memory, got none: too little is free$/);
});
