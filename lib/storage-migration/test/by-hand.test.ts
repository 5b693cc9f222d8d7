import { toRows } from "../../core/table.ts";
import { describe, expect, it } from "vitest";
import {
  cyclic,
  leastWritten,
  linear,
  lowestFirst,
  migrate,
  migrateTogether,
  oracle,
  popularFirst,
  workloadAware,
} from "../index.ts";
import { blockPerS, small, traceOf, UNIT } from "./trace-of.ts";

describe("pre-copy, a block a second", () => {
  it("sends again what was written after it was sent, and nothing else", async () => {
    // Block 0 is sent at 0 s, 1 at 1 s, 2 at 2 s, 3 at 3 s.
    // 0.5 s: block 3 is written, not sent yet: no matter. 1.5 s: block 0, dirty. 2 s: block 2 at the moment of its sending:
    // sent with it. 2.5 s: block 0 again. Bulk ends at 4 s with one dirty block; it is sent at 4 s.
    // 4.5 s: block 1 is written: dirty, sent at 5 s. 6 s: nothing left.
    const trace = traceOf([[0.5, "w", 3], [1.5, "w", 0], [2, "w", 2], [2.5, "w", 0], [4.5, "w", 1]]); // prettier-ignore
    const { row, series } = await migrate(trace, { ...small(4), model: "pre-copy", record: ["blocks"] });
    expect(row).toMatchObject({ bulkS: 4, dirtyAtBulkEnd: 1, extraBytes: 2 * UNIT, sentBytes: 6 * UNIT, totalS: 6 });
    expect(row).toMatchObject({ downtimeS: 0, writes: 5, reads: 0, extraPct: 50 });
    expect(toRows(series.blocks!).map(({ sends, lastSendS }) => [sends, lastSendS])).toEqual([
      [2, 4],
      [2, 5],
      [1, 2],
      [1, 3],
    ]);
  });

  it("stops the virtual machine when the rest takes at most the allowed downtime", async () => {
    // Bulk 0 to 3 s; blocks 0 and 1 are dirty, the rest takes 2 s: allowed. Downtime 2 s and a round trip of 0.5 s.
    const trace = traceOf([[1.5, "w", 0], [2.5, "w", 1], [3.5, "w", 2]]); // prettier-ignore
    const link = { ...blockPerS, rttMs: 500 };
    const { row } = await migrate(trace, { ...small(3), link, model: "pre-copy", maxDowntimeMs: 2000 });
    expect(row).toMatchObject({ totalS: 5.5, downtimeS: 2.5, extraBytes: 2 * UNIT, writes: 2 });
  });

  it("the last block may be shorter", async () => {
    // 2.5 blocks: 2.5 s. The short block is written at 2.2 s and sent again in half a second.
    const { row } = await migrate(traceOf([[2.2, "w", 2, 0.5]]), {
      ...small(3),
      diskBytes: 2.5 * UNIT,
      model: "pre-copy",
    });
    expect(row).toMatchObject({ bulkS: 2.5, totalS: 3, extraBytes: UNIT / 2, sentBytes: 3 * UNIT, downtimeS: 0 });
    // Half a second is what it takes: allowed, the virtual machine stops for it.
    const stopped = await migrate(traceOf([[2.2, "w", 2, 0.5]]), {
      ...{ ...small(3), diskBytes: 2.5 * UNIT, model: "pre-copy", maxDowntimeMs: 500 },
    });
    expect(stopped.row).toMatchObject({ totalS: 3, extraBytes: UNIT / 2, downtimeS: 0.5 });
  });

  it("sends at the pace of the cap, or of the disk, where that is slower than the link", async () => {
    const disk = { label: "", accessMs: 0, sequentialMBps: UNIT / 4e6, latencyMs: 0 }; // 4 s a block
    expect((await migrate(traceOf([]), { ...small(3), model: "pre-copy", capMBps: UNIT / 2e6 })).row.totalS).toBe(6);
    expect((await migrate(traceOf([]), { ...small(3), model: "pre-copy", disk })).row.totalS).toBe(12);
  });

  it("reads the last blocks from the disk too, and stops only where link and disk are fast enough for them", async () => {
    const disk = { label: "", accessMs: 0, sequentialMBps: UNIT / 4e6, latencyMs: 0 }; // 4 s a block
    // Bulk 0 to 12 s. A byte of block 0 is written at 9 s, done behind block 2 at 12 s. The rest, one block, takes the disk until 16 s.
    const trace = traceOf([[9, "w", 0, 1 / UNIT]]);
    const stopped = await migrate(trace, { ...small(3), model: "pre-copy", disk, maxDowntimeMs: 4000 });
    expect(stopped.row).toMatchObject({ bulkS: 12, dirtyAtBulkEnd: 1, extraBytes: UNIT });
    expect(stopped.row.downtimeS).toBeCloseTo(4, 5); // a byte is 0.5 µs
    expect(stopped.row.totalS).toBeCloseTo(16, 5);
    const running = await migrate(trace, { ...small(3), model: "pre-copy", disk, maxDowntimeMs: 3999 });
    expect(running.row).toMatchObject({ downtimeS: 0, extraBytes: UNIT });
    expect(running.row.totalS).toBeCloseTo(16, 5);
  });

  it("a request at the very start is the migration's, and with what is sent then", async () => {
    const trace = traceOf([[1, "w", 3], [2, "w", 0], [2, "r", 1]]); // prettier-ignore
    const { row } = await migrate(trace, { ...small(4), model: "pre-copy", startS: 2 });
    expect(row).toMatchObject({ reads: 1, writes: 1, extraBytes: 0 });
  });

  it("skips blocks of zeros until they are written", async () => {
    // Blocks 1 and 2 are zero. 0.5 s: block 2 is written before its turn and sent as data. Block 1 takes no time.
    const zeroBlocks = Uint8Array.of(0, 1, 1, 0);
    const { row } = await migrate(traceOf([[0.5, "w", 2]]), { ...small(4), zeroBlocks, model: "pre-copy" });
    expect(zeroBlocks).toEqual(Uint8Array.of(0, 1, 1, 0)); // the caller's own stays
    expect(row).toMatchObject({ bulkS: 3, totalS: 3, zeroBytes: UNIT, sentBytes: 3 * UNIT, extraBytes: 0 });
  });

  it("dirty orders differ in what they send next", async () => {
    // Bulk 0 to 4 s. Written at 3.2 s: 3 twice... by 4 s dirty are 0 (3 writes), 2 (1 write). While the first is sent, 1 is written
    // at 4.5 s (1 write), and 0 once more at 4.6 s.
    const trace = traceOf([
      [3.1, "w", 0], [3.2, "w", 0], [3.3, "w", 0], [3.4, "w", 2], [4.5, "w", 1], [4.6, "w", 0],
    ]); // prettier-ignore
    const order = async (dirtyOrder: ReturnType<typeof cyclic>) => {
      const { series } = await migrate(trace, { ...small(4), model: "pre-copy", dirtyOrder, record: ["blocks"] });
      return toRows(series.blocks!)
        .map(({ block, sends, lastSendS }) => ({ block, sends, lastSendS }))
        .filter(({ sends }) => sends !== 1)
        .map(({ block, sends, lastSendS }) => `${String(block)}x${String(sends)}@${String(lastSendS)}`)
        .join(" ");
    };
    // Lowest first: 0 at 4 s (dirty again at 4.6), at 5 s 0 again, 1 at 6, 2 at 7.
    expect(await order(lowestFirst())).toBe("0x3@5 1x2@6 2x2@7");
    // Round by round: 0 at 4, then 1 at 5, 2 at 6, and 0 in the next round at 7.
    expect(await order(cyclic())).toBe("0x3@7 1x2@5 2x2@6");
    // Least written: 2 (one write) at 4 s; then 1 (one write) at 5 s; 0 (four) at 6 s, once.
    expect(await order(leastWritten())).toBe("0x2@6 1x2@5 2x2@4");
  });

  it("throttling lets writes dirty half of what is sent, and the virtual machine stands still for the rest", async () => {
    // Bulk 0 to 2 s; block 0 written at 1.5 s. From 2 s on, dirty phase at 1 block/s: a write that dirties a clean block allows
    // the next such one 2 s later. 2.2 s: block 1 (clean): happens at 2.2, next at 4.2. 2.4 s: block 0, sent at 2 s, clean: held
    // until 4.2 s (1.8 s), so the trace is 1.8 s late from then on.
    // Sent: 0 at 2, 1 at 3, nothing dirty at 4: done before the held write.
    const trace = traceOf([[1.5, "w", 0], [2.2, "w", 1], [2.4, "w", 0]]); // prettier-ignore
    const plain = await migrate(trace, { ...small(2), model: "pre-copy" });
    const held = await migrate(trace, { ...small(2), model: "pre-copy", throttle: true });
    expect(plain.row).toMatchObject({ totalS: 5, extraBytes: 3 * UNIT, throttledS: 0 });
    expect(held.row).toMatchObject({ totalS: 4, extraBytes: 2 * UNIT });
  });

  it("throttling holds writes to clean blocks alone, and the machine is late from then on", async () => {
    // Bulk 0 to 6 s; blocks 0 to 4 are dirty at its end, sent at 6, 7, 8, 9, 10 s.
    // 6.2 s: block 0, clean: the next such one from 8.2 s on. 6.4 s: block 3, dirty: not held. 6.6 s: block 5, clean: held for 1.6 s; the next
    // from 10.2 s on. 7.0 s, now 8.6 s: block 5, dirty: not held. 7.4 s, now 9.0 s: block 1, clean since 7 s: held for 1.2 s.
    // Sent after 10 s: 5 at 11, 0 at 12, 1 at 13: done at 14 s.
    const dirtied = [0, 1, 2, 3, 4].map((block) => [5.1 + block / 10, "w", block] as const);
    const trace = traceOf([...dirtied, [6.2, "w", 0], [6.4, "w", 3], [6.6, "w", 5], [7, "w", 5], [7.4, "w", 1]]); // prettier-ignore
    const disk = { label: "next to no time", accessMs: 0, sequentialMBps: 1e12, latencyMs: 0 };
    const { row } = await migrate(trace, { ...small(6), model: "pre-copy", throttle: true, disk });
    expect(row).toMatchObject({ extraBytes: 8 * UNIT, writes: 10, delayedRequests: 2, degradedS: 0 });
    expect(row.totalS).toBeCloseTo(14, 9);
    expect(row.throttledS).toBeCloseTo(2.8, 9);
    expect(row.delayMeanMs).toBeCloseTo(1400, 6);
    expect(row.latencyMeanMs).toBeCloseTo(280, 6);
    expect(row.baselineMeanMs).toBeCloseTo(0, 6);
  });
});

describe("orders", () => {
  it("workload-aware: ascending write frequency, ties by number; the hot block is sent last", async () => {
    // History: block 0 three times, block 2 once. Order 1, 3, 2, 0, sent at 10, 11, 12, 13 s.
    // 10.5 s: block 0 is written before it is sent. Linear would have sent it at 10 s.
    const trace = traceOf([[1, "w", 0], [2, "w", 0], [3, "w", 2], [4, "w", 0], [10.5, "w", 0]]); // prettier-ignore
    const options = { ...small(4), model: "pre-copy", startS: 10 } as const;
    const aware = await migrate(trace, { ...options, order: workloadAware({ chunkBlocks: 1 }), record: ["blocks"] });
    expect(toRows(aware.series.blocks!).map(({ lastSendS }) => lastSendS)).toEqual([13, 10, 12, 11]);
    expect(aware.row.extraBytes).toBe(0);
    expect((await migrate(trace, { ...options, order: linear() })).row.extraBytes).toBe(UNIT);
  });

  it("oracle: by last write during the bulk pass", async () => {
    // Last writes 0: 0.5, 1: 2.5, 2: never, 3: 1.5 s. Order 2, 0, 3, 1 at 0, 1, 2, 3 s: each after its last write.
    const trace = traceOf([[0.5, "w", 0], [1.5, "w", 3], [2.5, "w", 1]]); // prettier-ignore
    expect((await migrate(trace, { ...small(4), model: "pre-copy", order: oracle() })).row.extraBytes).toBe(0);
    // A stream cannot be read twice.
    await expect(migrate(trace.values(), { ...small(4), model: "pre-copy", order: oracle() })).rejects.toThrow(
      "trace: expected a table or a list of batches, which oracle reads twice",
    );
  });
});

describe("post-copy", () => {
  const link = { ...blockPerS, rttMs: 200 };
  it("a read of a missing block waits for a round trip, the block under way and its own sending", async () => {
    // The machine moves in 0.2 s and is 0.2 s late from then on. Pushed in linear order: 0 from 0.2 s, there at 1.3 s, ...
    // The read of block 3 at 0.5 s of the trace happens at 0.7 s, is known at the source at 0.8 s, which is sending block 0 until
    // 1.2 s; block 3 leaves from 1.2 to 2.2 s and is there at 2.3 s: 1.6 s. Block 1 then leaves at 2.2 s.
    // The read of block 0 at 2.0 s happens at 2.2 s: there since 1.3 s.
    const trace = traceOf([[0.5, "r", 3], [2, "r", 0]]); // prettier-ignore
    const { row, series } = await migrate(trace, {
      ...{ ...small(4), link, model: "post-copy", postOrder: linear(), record: ["blocks"] },
    });
    expect(row).toMatchObject({ downtimeS: 0.2, delayedRequests: 1, extraBytes: 0, sentBytes: 4 * UNIT, reads: 2 });
    expect(row.delayMeanMs).toBeCloseTo(1600, 6);
    expect(row.degradedS).toBeCloseTo(2.3 - 0.2, 9);
    expect(row.totalS).toBeCloseTo(0.2 + 4 + 0.1, 9);
    const sent = toRows(series.blocks!).map(({ lastSendS }) => lastSendS);
    [0.2, 2.2, 3.2, 1.2].forEach((at, block) => {
      expect(sent[block]).toBeCloseTo(at, 9);
    });
  });

  it("a block that is written over as a whole is not sent, and what was written can be read at once", async () => {
    // With blocks of two units. 0.1 s (happens at 0.3 s): block 3 whole. 0.2 s: first half of block 2; 0.3 s: it is read again:
    // at once. 0.4 s: the other half is read: missing.
    const trace = traceOf([[0.1, "w", 6, 2], [0.2, "w", 4, 1], [0.3, "r", 4, 1], [0.4, "r", 5, 1]]); // prettier-ignore
    const { row } = await migrate(trace, {
      ...{ ...small(8), blockBytes: 2 * UNIT, link, model: "post-copy", postOrder: linear() },
    });
    expect(row).toMatchObject({ overwrittenBytes: 2 * UNIT, sentBytes: 6 * UNIT, delayedRequests: 1 });
  });

  it("a block of zeros is there at once", async () => {
    const { row } = await migrate(traceOf([[0.1, "r", 3]]), {
      ...{ ...small(4), link, model: "post-copy", postOrder: linear(), zeroBlocks: Uint8Array.of(0, 0, 0, 1) },
    });
    expect(row).toMatchObject({ sentBytes: 3 * UNIT, zeroBytes: UNIT, delayedRequests: 0 });
  });

  it("of two pieces written apart the longer one can be read at once, of two that meet both", async () => {
    // One block of eight units. Written: units 0 and 1, then 4 to 6, apart: 4 to 6 are known. Read 5 and 6: at once; read 0: missing. Unit 3
    // meets 4 to 6: 3 to 6 can be read.
    const written = [[0.1, "w", 0, 2], [0.2, "w", 4, 3], [0.3, "r", 5, 2], [0.4, "w", 3, 1], [0.5, "r", 3, 4], [0.6, "r", 0]] as const; // prettier-ignore
    const { row } = await migrate(traceOf(written), {
      ...{ ...small(8), blockBytes: 8 * UNIT, link, model: "post-copy", postOrder: linear() },
    });
    expect(row).toMatchObject({ reads: 3, delayedRequests: 1, overwrittenBytes: 0 });
  });

  it("sectors that are written in part are not known", async () => {
    // Half a sector at the block's beginning and the rest from the middle of that sector: the first sector must come.
    const [flush] = traceOf([]);
    const trace = { timeNs: Float64Array.of(1e8, 2e8), op: Uint8Array.of(1, 0), offsetBytes: Float64Array.of(256, 256), sizeBytes: Float64Array.of(1024, 512) }; // prettier-ignore
    const { row } = await migrate([trace, flush!], { ...small(2), link, model: "post-copy", postOrder: linear() });
    expect(row.delayedRequests).toBe(1);
  });

  it("reads of one block are answered when it comes, whatever else they wait for", async () => {
    // Pushed from 0.2 s: 0, asked for at 0.4 s: 2 and 3 (one read), 2 (another), both known at 0.5 s: 2 leaves at 1.2, 3 at 2.2 s; there at
    // 2.3 and 3.3 s. The third read, at 2.4 s of the trace (2.6 s), waits for 1 and 2: 2 is there, 1 leaves at 3.2 s and is there at 4.3 s.
    const trace = traceOf([[0.2, "r", 2, 2], [0.2, "r", 2], [2.4, "r", 1, 2]]); // prettier-ignore
    const { row, series } = await migrate(trace, {
      ...{ ...small(4), link, model: "post-copy", postOrder: linear(), record: ["timeline"], sampleS: 1 },
    });
    expect(row.delayedRequests).toBe(3);
    expect(row.delayMeanMs).toBeCloseTo((2900 + 1900 + 1700) / 3, 6);
    expect(row.delayMaxMs).toBeCloseTo(2900, 6);
    // At 1, 2, 3 and 4 s.
    expect(toRows(series.timeline!).map(({ delayedRequests }) => delayedRequests)).toEqual([0, 0, 1, 1]);
  });

  it("after a bulk pass only dirty blocks follow, what is read most first", async () => {
    // Bulk 0 to 4 s; blocks 1 and 2 are dirty, and block 2 was read. 4.0 to 4.2 s the machine moves. Block 2 leaves at 4.2, block 1
    // at 5.2 s. The read of block 1 at 4.1 s of the trace happens at 4.3 s and is known at 4.4 s; block 1 leaves at 5.2 and is there at
    // 6.3 s: 2 s.
    const trace = traceOf([[2.5, "w", 1], [3, "r", 2], [3.5, "w", 2], [4.1, "r", 1]]); // prettier-ignore
    const { row, series } = await migrate(trace, {
      ...{ ...small(4), link, model: "pre+post-copy", postOrder: popularFirst(), record: ["timeline"], sampleS: 1 },
    });
    expect(row).toMatchObject({
      bulkS: 4,
      dirtyAtBulkEnd: 2,
      extraBytes: 2 * UNIT,
      sentBytes: 6 * UNIT,
      delayedRequests: 1,
    });
    expect(row.delayMaxMs).toBeCloseTo(2000, 6);
    // At 1 to 6 s: block 1 since 2.5, block 2 since 3.5 s; they leave at 5.2 and 4.2 s.
    expect(toRows(series.timeline!).map(({ dirtyBlocks }) => dirtyBlocks)).toEqual([0, 0, 1, 2, 1, 0]);
  });
});

it("mirroring: what is written behind the copy goes over the link once more, the rest does not", async () => {
  // 0.5 s: block 2 ahead of the copy: no matter. 1.5 s: block 0, behind: mirrored after block 1, from 2 to 3 s: 1.5 s. Block 2 from
  // 3 to 4 s. 3.5 s: blocks 1 to 3, of which 1 and 2 have been sent: 2 units, from 4 to 6 s: 2.5 s. Block 3 from 6 to 7 s.
  const trace = traceOf([[0.5, "w", 2], [1.5, "w", 0], [3.5, "w", 1, 3]]); // prettier-ignore
  const { row } = await migrate(trace, { ...small(4), model: "mirroring" });
  expect(row).toMatchObject({ extraBytes: 3 * UNIT, sentBytes: 7 * UNIT, totalS: 7, delayedRequests: 2, downtimeS: 0 });
  expect(row.delayMeanMs).toBe(2000);
  // With a round trip of half a second, each waits for it as well, and so does the move;
  const link = { ...blockPerS, rttMs: 500 };
  const far = await migrate(trace, { ...small(4), link, model: "mirroring" });
  expect(far.row).toMatchObject({ delayMeanMs: 2500, totalS: 7.5, downtimeS: 0.5, latencyMeanMs: null });
  // A disk of a second a block: the write of one block at 0.5 s is done there at 2 s, behind block 0's second, and at the other side at 2.5 s
  // (from 1 to 2 s, and the round trip): 2 s. The write of three blocks at 0.6 s has sent one of them by then (2 to 3 s, 3.5 s), and is done
  // here at 5 s: 4.4 s.
  const disk = { label: "", accessMs: 0, sequentialMBps: UNIT / 1e6, latencyMs: 0 };
  const both = traceOf([[0.5, "w", 0], [0.6, "w", 0, 3]]); // prettier-ignore
  const slow = await migrate(both, { ...small(4), link, model: "mirroring", disk });
  expect(slow.row.delayMeanMs).toBeCloseTo((2000 + 2900) / 2, 6);
  expect(slow.row.latencyMeanMs).toBeCloseTo((2000 + 4400) / 2, 6);
});

it("two machines share the link, and the longer one has all of it at the end", async () => {
  // 2 and 4 blocks at half a block a second each: the first is done at 4 s, when the second has 2 left: 6 s.
  const machine = (label: string, blocks: number) => ({ label, trace: traceOf([]), diskBytes: UNIT * blocks });
  const { link, blockBytes } = small(1);
  const [first, second] = await migrateTogether([machine("a", 2), machine("b", 4)], {
    ...{ link, blockBytes, model: "pre-copy" },
  });
  expect(first!.row).toMatchObject({ vm: "a", totalS: 4 });
  expect(second!.row).toMatchObject({ vm: "b", totalS: 6 });
});

it("a faster link does not make the disk faster", async () => {
  // Disks of 4 s a block. The second machine is done after a block and a half, at 6 s; the first one's second block, begun at 4 s, would have left over
  // the half link at 6 s: its disk needs until 8 s.
  const disk = { label: "", accessMs: 0, sequentialMBps: UNIT / 4e6, latencyMs: 0 };
  const machine = (label: string, blocks: number) => ({ label, trace: traceOf([]), diskBytes: UNIT * blocks });
  const { link, blockBytes } = small(1);
  const [first, second] = await migrateTogether([machine("a", 2), machine("b", 1.5)], {
    ...{ link, blockBytes, model: "pre-copy", disk },
  });
  expect(second!.row.totalS).toBe(6);
  expect(first!.row.totalS).toBe(8);
});

it("the virtual machine's requests queue behind the migration's reads at its disk", async () => {
  // Disk: 100 ms a seek and a block in 0.0512 s, a link of one block a second. Blocks are read at 0, 1, 2, 3 s; each read but the first
  // goes on where the one before ended. A request at 0.01 s waits until 0.1512 s (seek and transfer of block 0), then takes 0.1512 s: 0.2924 s.
  // Undisturbed: 0.1512 s. At 1 s block 1 is no longer sequential: it occupies the disk until 1.1512 s.
  const disk = { label: "", accessMs: 100, sequentialMBps: UNIT / 51_200, latencyMs: 0 };
  const { row } = await migrate(traceOf([[0.01, "r", 3]]), { ...small(4), model: "pre-copy", disk });
  expect(row.latencyMeanMs).toBeCloseTo(292.4, 6);
  expect(row.baselineMeanMs).toBeCloseTo(151.2, 6);
  expect(row.totalS).toBe(4);
});

it("machines on one disk wait for each other, those on disks of their own do not", async () => {
  // A request takes the disk 100 ms, a block as well. At 0 s both migrations read a block; the second machine's request at 0.01 s: on a disk of its
  // own until 0.2 s; on one disk behind both blocks until 0.3 s.
  const disk = { label: "", accessMs: 100, sequentialMBps: 1e12, latencyMs: 0 };
  const machine = (label: string, trace: ReturnType<typeof traceOf>) => ({ label, trace, diskBytes: 4 * UNIT });
  const { link, blockBytes } = small(1);
  for (const [sharedDisk, expected] of [
    [false, 190],
    [true, 290],
  ] as const) {
    // prettier-ignore
    const [, second] = await migrateTogether(
      [machine("a", traceOf([])), machine("b", traceOf([[0.01, "r", 3]]))],
      { link, blockBytes, model: "pre-copy", disk, sharedDisk }, // prettier-ignore
    );
    expect(second!.row.latencyMeanMs).toBeCloseTo(expected, 6);
  }
});

it("a stream is read no further than the migration goes, and is closed", async () => {
  const seen = { batches: 0, closed: false };
  function* batches() {
    try {
      for (let second = 0; second < 100; second++) {
        seen.batches++;
        yield traceOf([[second, "r", 0]], second + 0.5)[0]!;
      }
    } finally {
      seen.closed = true;
    }
  }
  await migrate(batches(), { ...small(4), model: "pre-copy" });
  // It ends at 4 s: the batch of 4 s and 4.5 s is the fifth.
  expect(seen).toEqual({ batches: 5, closed: true });
  seen.closed = false;
  await expect(migrate(batches(), { ...small(4), diskBytes: UNIT / 2, model: "pre-copy" })).rejects.toThrow("beyond");
  expect(seen.closed).toBe(true);
});

describe("errors", () => {
  const good = { ...small(4), model: "pre-copy" } as const;
  it("a trace that ends too early", async () => {
    await expect(migrate(traceOf([[1, "w", 0]], 2), good)).rejects.toThrow("the trace ends at 2 s, when 3 blocks");
    await expect(migrate(traceOf([], 2), { ...good, startS: 5 })).rejects.toThrow("before the migration starts at 5 s");
  });
  it("a request beyond the disk", async () => {
    await expect(migrate(traceOf([[1, "w", 4]]), good)).rejects.toThrow("beyond the disk's 32000000");
  });
  it("pre-copy that does not converge", async () => {
    const trace = traceOf(Array.from({ length: 4000 }, (_, i) => [i / 2, "w", i % 4] as const));
    await expect(migrate(trace, good)).rejects.toThrow("does not converge");
  });
  it("options out of range", async () => {
    await expect(migrate(traceOf([]), { ...good, maxDowntimeMs: -1 })).rejects.toThrow("maxDowntimeMs: expected");
    await expect(migrate(traceOf([]), { ...good, blockBytes: 1000 })).rejects.toThrow(
      "blockBytes: expected a multiple",
    );
    await expect(migrate(traceOf([]), { ...good, model: "copy" as "pre-copy" })).rejects.toThrow("model: expected one");
    await expect(migrate(traceOf([]), { ...good, model: "mirroring", throttle: true })).rejects.toThrow(
      "throttle: exp",
    );
    await expect(migrate(traceOf([]), { ...good, postOrder: oracle() })).rejects.toThrow(
      "postOrder: expected an order",
    );
    await expect(migrate(traceOf([]), { ...good, bandwidth: 1 } as never)).rejects.toThrow('got "bandwidth"');
  });
});
