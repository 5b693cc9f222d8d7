import { makeVector, Table, Uint64, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TypedCache } from "../../bench/reference/typed-cache.ts";
import { random } from "../../core/random.ts";
import { Cache } from "../cache.ts";
import { blockWorkload, cacheMisses, memoryReferences, reuseDistances } from "../index.ts";

/** The simplest LRU or FIFO there is: a Map keeps its keys in the order in which they were put. */
function naiveMisses(keys: Iterable<bigint>, entries: number, policy: "LRU" | "FIFO"): number {
  const held = new Map<bigint, true>();
  let misses = 0;
  for (const key of keys) {
    const hit = held.has(key);
    if (hit && policy === "LRU") held.delete(key);
    if (!hit) {
      misses++;
      if (held.size === entries) held.delete(held.keys().next().value!);
    }
    if (!held.has(key)) held.set(key, true);
  }
  return misses;
}

const missesOf = (keys: BigUint64Array, entries: number, policy: "LRU" | "FIFO"): number => {
  const cache = new Cache(entries, policy);
  cache.use(keys);
  return cache.misses;
};

const objects = (...keys: number[]): Table => new Table({ object: makeVector(BigUint64Array.from(keys, BigInt)) });

/** An oracleGeneral trace of these objects. */
function oracleGeneral(keys: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(24 * keys.length);
  const view = new DataView(bytes.buffer);
  for (const [at, key] of keys.entries()) {
    view.setUint32(24 * at, at >> 4, true);
    view.setBigUint64(24 * at + 4, key, true);
    view.setUint32(24 * at + 12, 1 + (at % 7), true);
    view.setBigInt64(24 * at + 16, -1n, true);
  }
  return bytes;
}

describe("cacheMisses", () => {
  it("by hand: three entries, LRU and FIFO", async () => {
    // Uses      1 2 3 1 4 1 2
    // LRU       m m m h m h m   4 takes the place of 2, and 2 then that of 3
    // FIFO      m m m h m m m   4 takes the place of 1, 1 that of 2, 2 that of 3
    const trace = objects(1, 2, 3, 1, 4, 1, 2);
    const lru = await cacheMisses(trace, { entries: [3, 1] });
    expect([lru.uses, ...lru.misses]).toEqual([7, 5, 7]);
    expect((await cacheMisses(trace, { entries: 3, policy: "FIFO" })).misses).toEqual([6]);
    expect(lru.table.toArray().map((row) => ({ ...(row as object) }))).toEqual([
      { entries: 3, uses: 7, misses: 5, missRatio: 5 / 7 },
      { entries: 1, uses: 7, misses: 7, missRatio: 1 },
    ]);
  });

  it("is what the same in TypeScript is, and what a Map is, for any keys, sizes and batches", () => {
    const anyKey = fc.oneof(
      { weight: 8, arbitrary: fc.bigInt({ min: 0n, max: 40n }) },
      { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 64n - 20n, max: 2n ** 64n - 1n }) },
      // Alike in one half, so that the hash of a half would meet itself.
      { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 20n }).map((high) => high << 32n) },
    );
    const anyKeys = fc.array(anyKey, { maxLength: 500 });
    fc.assert(
      fc.property(
        anyKeys,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("LRU" as const, "FIFO" as const),
        fc.nat({ max: 500 }),
        (keys, entries, policy, split) => {
          const bits = BigUint64Array.from(keys);
          const [ours, typed] = [new Cache(entries, policy), new TypedCache(entries, policy)];
          for (const cache of [ours, typed]) {
            cache.use(bits.subarray(0, split));
            cache.use(bits.subarray(split));
          }
          const expected = naiveMisses(keys, entries, policy);
          expect([ours.misses, typed.misses]).toEqual([expected, expected]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is what the same in TypeScript is over many batches and evictions", () => {
    const stream = random("cache");
    const keys = BigUint64Array.from({ length: 300_000 }, () => BigInt(Math.floor(stream.exponential(5000))) << 30n);
    for (const entries of [1, 2, 1000, 4096, 100_000])
      for (const policy of ["LRU", "FIFO"] as const) {
        const typed = new TypedCache(entries, policy);
        typed.use(keys);
        expect(missesOf(keys, entries, policy)).toBe(typed.misses);
      }
  });

  it("analytic: uniform uses miss as often as the cache is too small, and a scan that is larger than the cache always", () => {
    // Each use finds its key among the last used with probability entries / keys, whatever was used before. Over 1.9 million
    // uses the share's standard error is below 0.0004: five of them.
    const stream = random("uniform");
    const keys = BigUint64Array.from({ length: 2_000_000 }, () => BigInt(stream.int(1000)));
    for (const entries of [100, 500, 900])
      for (const policy of ["LRU", "FIFO"] as const) {
        const warm = missesOf(keys.subarray(0, 100_000), entries, policy);
        const misses = missesOf(keys, entries, policy) - warm;
        expect(Math.abs(misses / 1_900_000 - (1 - entries / 1000))).toBeLessThan(0.002);
      }
    const scan = BigUint64Array.from({ length: 10_000 }, (_, at) => BigInt(at % 1000));
    expect([999, 1000].map((entries) => missesOf(scan, entries, "LRU"))).toEqual([10_000, 1000]);
  });

  it("differential: LRU misses as the reuse distances say, of blocks and of pages", async () => {
    const traces = [
      blockWorkload({ requests: 20_000, diskBytes: 2 ** 26, seed: 3 }),
      memoryReferences({ references: 50_000, pages: 700, seed: 4 }),
    ];
    for (const batches of traces) {
      const trace = [...batches];
      const { table, exact } = await reuseDistances(trace);
      expect(exact).toBe(true);
      const entries = [1, 16, 64, 128, 512, 4096];
      const { misses, uses } = await cacheMisses(trace, { entries });
      const [sizes, ratios] = ["entries", "missRatio"].map((name) => table.getChild(name)!.toArray() as Float64Array);
      for (const [at, size] of entries.entries()) {
        const ratio = ratios![sizes!.findLastIndex((one) => one <= size)]!;
        expect(misses[at]! / uses).toBeCloseTo(ratio, 12);
      }
    }
  });

  it("golden: libCacheSim's own counts of a trace with 64-bit objects, from a file as from a table", async () => {
    const stream = random("golden");
    const keys = Array.from({ length: 200_000 }, () => BigInt(Math.floor(stream.exponential(20_000))) * 0x100000001n);
    const folder = await mkdtemp(join(tmpdir(), "veelab-cache-"));
    try {
      const file = join(folder, "trace.oracleGeneral.bin");
      await writeFile(file, oracleGeneral(keys));
      const entries = [100, 5000, 20_000];
      const options = { entries, unit: "object" } as const;
      const fromFile = await cacheMisses(file, { entries });
      const batch = new Table({ object: makeVector(BigUint64Array.from(keys)) }).batches[0]!;
      expect((await cacheMisses([batch], options)).misses).toEqual(fromFile.misses);
      expect(fromFile.uses).toBe(200_000);
      // Counted by lib/bench/reference/libcachesim.c with libCacheSim aa0fc40.
      expect(fromFile.misses).toEqual([199_464, 175_875, 115_348]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leaves rows without an object out, and says what it cannot use", async () => {
    const table = new Table({ object: vectorFromArray([1n, null, 1n, 2n], new Uint64()) });
    const { uses, misses } = await cacheMisses(table, { entries: 2 });
    expect([uses, ...misses]).toEqual([3, 2]);
    await expect(cacheMisses(table, { entries: 0 })).rejects.toThrow("entries: expected");
    await expect(cacheMisses(table, { entries: [] })).rejects.toThrow(
      "entries: expected at least one number of entries",
    );
    await expect(cacheMisses(table, { entries: 1, policy: "CLOCK" as never })).rejects.toThrow("policy: expected");
    await expect(cacheMisses(table, { entries: 1, unit: "block" })).rejects.toThrow("trace: expected");
    await expect(cacheMisses(objects(), { entries: 1 })).rejects.toThrow("trace: expected at least one row");
  });
});
