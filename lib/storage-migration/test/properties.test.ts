import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { naivePreCopy } from "../../bench/reference/naive-migration.ts";
import { toRows } from "../../core/table.ts";
import {
  cyclic,
  fewestDirty,
  leastWritten,
  linear,
  lowestFirst,
  migrate,
  migrateTogether,
  models,
  oracle,
  randomOrder,
  workloadAware,
  type Order,
} from "../index.ts";
import { small, traceOf, UNIT, type Request } from "./trace-of.ts";

const BLOCKS = 8;
/** Up to forty requests within 16 s, at times that no block is sent at; from 8 s on few, so that pre-copy ends. */
const requests: fc.Arbitrary<Request[]> = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 1599 }),
      op: fc.constantFrom("r" as const, "w" as const),
      first: fc.integer({ min: 0, max: BLOCKS - 1 }),
      length: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 40 },
  )
  .map((list) =>
    list
      .map(({ at, op, first, length }): Request => [at / 100 + 0.005, op, first, Math.min(length, BLOCKS - first)])
      .sort(([a], [b]) => a - b),
  );
const orders: readonly Order[] = [
  linear(),
  randomOrder({ seed: 3 }),
  workloadAware({ chunkBlocks: 1 }),
  workloadAware(),
  workloadAware({ history: "as released", historyOps: 4 }),
  workloadAware({ history: "in rounds", historyOps: 4 }),
  oracle(),
];
const anyOrder = fc.constantFrom(...orders);

describe("for any trace", () => {
  it("pre-copy: bytes are conserved, time is bytes over rate, each block's last send is not before its last write", async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        anyOrder,
        fc.constantFrom(lowestFirst(), cyclic(), leastWritten()),
        fc.constantFrom(0, 3),
        fc.boolean(),
        async (list, order, dirtyOrder, startS, throttle) => {
          const { row, series } = await migrate(traceOf(list), {
            ...{ ...small(BLOCKS), model: "pre-copy", order, dirtyOrder, startS, throttle, record: ["blocks"] },
          });
          expect(row.sentBytes).toBe(row.diskBytes + row.extraBytes);
          expect(row.totalS).toBeCloseTo(row.sentBytes / UNIT, 9);
          for (const { sends, lastSendS, lastWriteS } of toRows(series.blocks!)) {
            expect(sends).toBeGreaterThanOrEqual(1);
            expect(lastSendS).toBeGreaterThanOrEqual(lastWriteS as number);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it("every order is a permutation of the blocks", () => {
    fc.assert(
      fc.property(anyOrder, fc.integer({ min: 1, max: 2000 }), fc.array(fc.nat(1999)), (order, blocks, writes) => {
        const run = order.create({
          blocks,
          future: {
            startNs: 0,
            blockNs: 1,
            lastWriteNs: Float64Array.from({ length: blocks }, (_, i) => (i * 7) % 1000),
          },
        });
        for (const write of writes) run.write?.(write % blocks, write % blocks);
        expect([...run.order()].sort((a, b) => a - b)).toEqual(Array.from({ length: blocks }, (_, i) => i));
      }),
    );
  });

  it("pre-copy agrees with a naive implementation", async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(0, 3), fc.constantFrom(0, 2), async (list, startS, mostLeft) => {
        for (const order of [linear(), randomOrder({ seed: 3 })]) {
          const { row } = await migrate(traceOf(list), {
            ...{ ...small(BLOCKS), model: "pre-copy", order, dirtyOrder: lowestFirst(), startS },
            maxDowntimeMs: mostLeft * 1000,
          });
          const places = order.create({ blocks: BLOCKS }).order();
          const plain = list.map(([at, op, first, length = 1]) => ({
            ...{ at, write: op === "w", first, last: first + length - 1 },
          }));
          const naive = naivePreCopy(plain, [...places], { slot: 1, start: startS, mostLeft });
          expect(row.extraBytes / UNIT).toBe(naive.extra);
          expect(row.totalS).toBeCloseTo(naive.slots, 9);
        }
      }),
      { numRuns: 200 },
    );
  });

  it(
    "no order of all 8! leaves fewer dirty blocks at the end of the bulk pass than the oracle's",
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(requests, async (list) => {
          const { row } = await migrate(traceOf(list), { ...small(BLOCKS), model: "pre-copy", order: oracle() });
          const last = Array.from({ length: BLOCKS }, () => -1);
          for (const [at, op, first, length = 1] of list)
            if (op === "w" && at <= BLOCKS) for (let block = first; block < first + length; block++) last[block] = at;
          expect(row.dirtyAtBulkEnd).toBe(fewestDirty(last, 1));
        }),
        { numRuns: 60 },
      );
    },
  );

  it("a trace of reads alone has no extra traffic in any order or model", async () => {
    await fc.assert(
      fc.asyncProperty(requests, anyOrder, fc.constantFrom(...models), async (list, order, model) => {
        const reads = list.map(([at, , first, length = 1]): Request => [at, "r", first, length]);
        const { row } = await migrate(traceOf(reads), { ...small(BLOCKS), model, order });
        expect(row).toMatchObject({ extraBytes: 0, sentBytes: row.diskBytes });
      }),
    );
  });

  it("when every chunk was written equally often, the workload-aware order is linear", async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.integer({ min: 0, max: 3 }), async (list, times) => {
        const history = Array.from({ length: times * BLOCKS }, (_, i): Request => [i / 100, "w", (i * 3) % BLOCKS]);
        const trace = traceOf([...history, ...list.map(([at, ...rest]): Request => [at + 1, ...rest])]);
        const options = { ...small(BLOCKS), model: "pre-copy", startS: 1 } as const;
        const { row: aware } = await migrate(trace, { ...options, order: workloadAware({ chunkBlocks: 1 }) });
        const { row: plain } = await migrate(trace, options);
        expect({ ...aware, order: "", chunkBlocks: null }).toEqual({ ...plain, order: "", chunkBlocks: null });
      }),
    );
  });

  it("post-copy sends each block once, but for those written over, and every read is answered", async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(0, 700), async (list, rttMs) => {
        const { link, ...rest } = small(BLOCKS);
        const disk = { label: "", accessMs: 1, sequentialMBps: 1e4, latencyMs: 0 };
        const { row, series } = await migrate(traceOf(list), {
          ...{ ...rest, link: { ...link, rttMs }, model: "post-copy", disk, record: ["latencies", "blocks"] },
        });
        expect(row.sentBytes + row.overwrittenBytes).toBe(row.diskBytes);
        expect(row.totalS).toBeCloseTo((rttMs / 1000) * 1.5 + row.sentBytes / UNIT, 6);
        const answered = toRows(series.latencies!)
          .filter(({ disk: kind }) => kind === "during migration")
          .reduce((sum, { requests: n }) => sum + (n as number), 0);
        expect(answered).toBe(row.reads + row.writes);
        for (const { sends } of toRows(series.blocks!)) expect(sends).toBeLessThanOrEqual(1);
        // A wait is at least the block's own way and a round trip, and at most all blocks and a round trip.
        if (row.delayedRequests > 0) expect(row.delayMaxMs).toBeLessThanOrEqual(BLOCKS * 1000 + rttMs + 1e-6);
      }),
    );
  });

  it("in each model, with blocks of zeros: what is sent, not sent and sent again add up, and all requests are answered", async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        fc.constantFrom(...models),
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: BLOCKS, maxLength: BLOCKS }),
        fc.constantFrom(0, 700),
        async (list, model, zeros, rttMs) => {
          const { link, ...rest } = small(BLOCKS);
          const { row, series } = await migrate(traceOf(list), {
            ...{ ...rest, link: { ...link, rttMs }, model, record: ["latencies", "blocks"] },
            zeroBlocks: Uint8Array.from(zeros),
            disk: { label: "", accessMs: 1, sequentialMBps: 1e4, latencyMs: 0 },
          });
          // After a bulk pass, a block written over at the destination was sent once and is not sent again.
          const saved = model === "post-copy" ? row.overwrittenBytes : 0;
          expect(row.sentBytes).toBe(row.diskBytes + row.extraBytes - row.zeroBytes - saved);
          if (model === "pre+post-copy") expect(row.extraBytes).toBe(row.dirtyAtBulkEnd * UNIT - row.overwrittenBytes);
          const answered = toRows(series.latencies!)
            .filter(({ disk: kind }) => kind === "during migration")
            .reduce((sum, { requests: n }) => sum + (n as number), 0);
          expect(answered).toBe(row.reads + row.writes);
          for (const { sends } of toRows(series.blocks!))
            if (model !== "pre-copy") expect(sends).toBeLessThanOrEqual(model === "pre+post-copy" ? 2 : 1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("mirroring sends again exactly the bytes that are written behind the copy", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (list) => {
        const { row, series } = await migrate(traceOf(list), {
          ...{ ...small(BLOCKS), model: "mirroring", record: ["blocks"] },
        });
        // By itself: the copy's head and the mirrored writes take turns on a link of one block a second, writes first.
        let [time, head, extra, next] = [0, 0, 0, 0];
        const queue: number[] = [];
        for (;;) {
          for (; next < list.length && list[next]![0] <= time; next++) {
            const [, op, first, length = 1] = list[next]!;
            const behind = Math.min(first + length, head) - first;
            if (op === "w" && behind > 0) queue.push(behind);
          }
          const mirrored = queue.shift();
          if (mirrored === undefined && head === BLOCKS) break;
          if (mirrored === undefined) head++;
          else extra += mirrored;
          time += mirrored ?? 1;
        }
        expect(row.extraBytes).toBe(extra * UNIT);
        expect(row.sentBytes).toBe(row.diskBytes + row.extraBytes);
        expect(row.totalS).toBeCloseTo(row.sentBytes / UNIT, 6);
        for (const { lastSendS, lastWriteS } of toRows(series.blocks!))
          expect(lastSendS).toBeGreaterThanOrEqual(lastWriteS as number);
      }),
    );
  });

  it("three machines keep the link busy until the last one is done", async () => {
    const label = ["a", "b", "c"] as const;
    const { link, blockBytes, diskBytes } = small(BLOCKS);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(requests, requests, requests),
        fc.constantFrom("pre-copy" as const, "mirroring" as const),
        fc.constantFrom(0, 2000),
        async (lists, model, maxDowntimeMs) => {
          const machines = lists.map((list, i) => ({ label: label[i]!, trace: traceOf(list), diskBytes }));
          const rows = (await migrateTogether(machines, { link, blockBytes, model, maxDowntimeMs })).map(
            ({ row }) => row,
          );
          const makespanS = Math.max(...rows.map(({ totalS }) => totalS));
          // A rounding of 2^-53 for each of the few hundred times that the link is divided.
          expect(rows.reduce((sum, { sentBytes }) => sum + sentBytes, 0) / UNIT).toBeCloseTo(makespanS, 9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("one machine together is one machine alone, in batches of any size, streamed or not, on a shared disk or its own", async () => {
    await fc.assert(
      fc.asyncProperty(
        requests,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(...models),
        async (list, size, model) => {
          const whole = traceOf(list)[0]!;
          const pieces = Array.from({ length: Math.ceil(whole.op.length / size) }, (_, i) => ({
            timeNs: whole.timeNs.subarray(i * size, (i + 1) * size),
            op: whole.op.subarray(i * size, (i + 1) * size),
            offsetBytes: whole.offsetBytes.subarray(i * size, (i + 1) * size),
            sizeBytes: whole.sizeBytes.subarray(i * size, (i + 1) * size),
          }));
          const disk = { label: "", accessMs: 20, sequentialMBps: 100, latencyMs: 1 };
          const { diskBytes, ...rest } = small(BLOCKS);
          const options = { ...rest, model, disk } as const;
          const alone = await migrate([whole], { ...options, diskBytes });
          for (const sharedDisk of [false, true]) {
            const [together] = await migrateTogether([{ label: "", trace: pieces.values(), diskBytes }], {
              ...{ ...options, sharedDisk },
            });
            expect(together).toEqual(alone);
          }
        },
      ),
    );
  });
});
