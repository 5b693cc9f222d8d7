import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exits2011, exitsToday } from "../../hardware/index.ts";
import { type ExitBatch, handlingS, simulate } from "../index.ts";

const exits = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1e-3, noNaN: true }), fc.nat(4)), { minLength: 1, maxLength: 200 })
  .map((rows): ExitBatch => {
    const inOrder = rows.sort(([a], [b]) => a - b);
    return {
      timeS: Float64Array.from(inOrder, ([timeS]) => timeS),
      cause: Uint8Array.from(inOrder, ([, cause]) => cause),
    };
  });
const options = fc.record({
  costs: fc.constantFrom(exits2011, exitsToday),
  clockHz: fc.double({ min: 1e8, max: 5e9, noNaN: true }),
});

describe("any queue of exits", () => {
  it("is never shorter than its work, never busier than always", async () => {
    await fc.assert(
      fc.asyncProperty(exits, options, async (batch, given) => {
        const row = await simulate([batch], given);
        const service = handlingS(given.costs, given.clockHz);
        const work = batch.cause.reduce((sum, cause) => sum + service[cause]!, 0);
        expect(row.seconds).toBeGreaterThanOrEqual(work * (1 - 1e-12));
        expect(row.seconds).toBeGreaterThan(batch.timeS.at(-1)!);
        expect(row.utilization).toBeLessThanOrEqual(1 + 1e-12);
        expect(row.meanWaitS).toBeGreaterThanOrEqual(0);
        expect(row.meanResponseS).toBeGreaterThanOrEqual(row.meanWaitS);
      }),
    );
  });

  it("does not wait longer at a faster clock", async () => {
    await fc.assert(
      fc.asyncProperty(exits, options, async (batch, given) => {
        const slow = await simulate([batch], given);
        const fast = await simulate([batch], { ...given, clockHz: 2 * given.clockHz });
        expect(fast.meanWaitS).toBeLessThanOrEqual(slow.meanWaitS * (1 + 1e-9));
      }),
    );
  });
});
