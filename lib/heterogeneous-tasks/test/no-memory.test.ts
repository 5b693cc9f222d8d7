import { expect, it } from "vitest";
import { graph, map, runOn, sink, source, webAssembly } from "../index.ts";

interface Api {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => object;
}

it("one sentence where there is no memory for a graph", { timeout: 60_000 }, async () => {
  const { WebAssembly: api } = globalThis as unknown as { readonly WebAssembly: Api };
  // Each memory reserves 10 GiB of addresses, of which a process has 2^47 bytes.
  const held: object[] = [];
  const fill = (): void => {
    while (held.length < 2 ** 16) held.push(new api.Memory({ initial: 1, maximum: 1, shared: true }));
  };
  const one = map({ label: "one", input: "f32" }, (x) => x + 1);
  const whole = graph(source("f32").to(one).to(sink("f32")));
  // What V8 gives back meanwhile, and gaps that it did not find, are filled before the next try.
  let refusal: unknown;
  for (let tries = 0; tries < 20 && refusal === undefined; tries++) {
    expect(fill).toThrow(RangeError);
    await runOn(whole, [1], { device: webAssembly({ threads: 1 }) }).catch((error: unknown) => (refusal = error));
  }
  expect(String(refusal)).toMatch(
    /^SimulationError: webassembly: expected \d+ bytes of memory, got none: too little is free$/,
  );
  // Used here, so that none is collected before.
  expect(held.length).toBeGreaterThan(0);
});
