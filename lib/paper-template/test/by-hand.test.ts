import { describe, expect, it } from "vitest";
import { exits2011 } from "../../hardware/index.ts";
import { type ExitBatch, handlingS, simulate } from "../index.ts";

// 1000 Hz, so that a cycle is a millisecond: a hidden fault (0) takes 5 s, a load of CR3 (4) takes 4 s.
const slow = { costs: exits2011, clockHz: 1000 };
const batch = (...rows: readonly (readonly [number, number])[]): ExitBatch => ({
  timeS: Float64Array.from(rows, ([timeS]) => timeS),
  cause: Uint8Array.from(rows, ([, cause]) => cause),
});

describe("a queue of exits, by hand", () => {
  it("handles one after another", async () => {
    expect([handlingS(exits2011, 1000)[0], handlingS(exits2011, 1000)[4]]).toEqual([5, 4]);
    // At 1 s a fault, until 6. At 2 s a load: it waits 4 s, until 10. At 20 s, when all is idle, a fault, until 25.
    // Busy 5 + 4 + 5 = 14 of 25 s; waits 0, 4, 0; responses 5, 8, 5.
    expect(await simulate([batch([1, 0], [2, 4], [20, 0])], slow)).toEqual({
      ...{ costs: "2011", exits: 3, seconds: 25, utilization: 14 / 25, meanWaitS: 4 / 3, meanResponseS: 18 / 3 },
    });
  });

  it("does the same however the trace is cut, as a stream, too", async () => {
    const stream = (async function* () {
      for (const row of [[1, 0] as const, [2, 4] as const, [20, 0] as const]) yield await Promise.resolve(batch(row));
    })();
    expect(await simulate(stream, slow)).toEqual(await simulate([batch([1, 0], [2, 4], [20, 0])], slow));
  });

  it("refuses what it cannot run, in one sentence", async () => {
    await expect(simulate([], slow)).rejects.toThrow("the trace has no exits");
    await expect(simulate([batch([2, 0], [1, 0])], slow)).rejects.toThrow(
      "exit 1: expected a time of at least 2 s, got 1",
    );
    await expect(simulate([batch([NaN, 0])], slow)).rejects.toThrow("exit 0: expected a time of at least 0 s, got NaN");
    await expect(simulate([batch([0, 9])], slow)).rejects.toThrow("exit 0: no cause 9");
    await expect(simulate([{ ...batch([0, 0]), cause: new Uint8Array(2) }], slow)).rejects.toThrow(
      "trace: expected columns of one length, got 2",
    );
    await expect(simulate([], { ...slow, clockHz: 0 })).rejects.toThrow("clockHz: expected a finite number > 0, got 0");
    await expect(simulate([], { ...slow, costs: { ...exits2011, roundTripCycles: -1 } })).rejects.toThrow(
      "costs.roundTripCycles: expected a finite number >= 0, got -1",
    );
    const misspelt: object = { clockMhz: 3 };
    await expect(simulate([], { ...slow, ...misspelt })).rejects.toThrow(
      'expected only costs, clockHz, got "clockMhz"',
    );
  });
});
