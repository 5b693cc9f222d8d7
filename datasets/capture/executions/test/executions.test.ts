import type * as arrow from "apache-arrow";
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { tool } from "../../../../kernel/test/tool.ts";
import { catalogue } from "../../../catalogue.ts";
import { open } from "../../../open.ts";
import { temporaryFolder } from "../../../test/temporary.ts";
import { buildKernels, captureExecution } from "../capture-execution.ts";
import { ExecutionRecords } from "../execution-records.ts";

const folder = temporaryFolder();
const emulator = tool("qemu-x86_64", ["--version"], "qemu-user");
const compiler = tool("cc", ["--version"], "gcc libc6-dev");
const able = emulator && compiler;

const [fetch, read, write] = [0, 1, 2];
const locks = { lock: [0x2000, 0x2020], taken: 0x2008, unlock: 0x3000 } as const;
const mutex = 0x9000;

/** A record of the plugin: thread, kind, address, then of a block its instructions, of an access its instruction and bytes. */
type Made = readonly [thread: number, kind: number, address: number, second: number, bytes?: number];

function rowsOf(made: readonly Made[], piece = 1 << 20): { rows: number[][]; records: ExecutionRecords } {
  const bytes = Buffer.alloc(16 * made.length);
  for (const [at, [thread, kind, address, second, size = 8]] of made.entries()) {
    const shift = kind === fetch ? 0 : Math.log2(size);
    bytes.writeBigUInt64LE(BigInt(address) | (BigInt(kind) << 48n) | (BigInt(shift) << 52n), 16 * at);
    bytes.writeBigUInt64LE(BigInt(second) | (BigInt(thread) << 48n), 16 * at + 8);
  }
  const records = new ExecutionRecords(locks);
  const batches: arrow.RecordBatch[] = [];
  for (let at = 0; at < bytes.length; at += piece) batches.push(...records.add(bytes.subarray(at, at + piece)));
  batches.push(...records.end());
  const rows = batches.flatMap((batch) =>
    Array.from({ length: batch.numRows }, (_, row) =>
      batch.schema.names.map((_, column) => Number(batch.getChildAt(column)!.get(row))),
    ),
  );
  return { rows, records };
}

describe("the rows of an execution", () => {
  const made: readonly Made[] = [
    [0, fetch, 0x1000, 3], // a block that calls the lock function
    [0, write, 0x7000, 0x1004], // the call pushes
    [0, fetch, 0x2000, 2],
    [0, read, mutex + 16, 0x2004, 4],
    [1, fetch, 0x1100, 1], // another thread between
    [0, fetch, 0x2006, 3],
    [0, read, mutex, 0x2008, 1], // held
    [0, read, 0x7000, 0x2009],
    [0, fetch, 0x1009, 4], // the caller goes on: the lock stands here
    [0, read, 0x8000, 0x1009], // a vector's halves
    [0, read, 0x8008, 0x1009],
    [0, write, 0x8010, 0x100f],
    [0, write, 0x7000, 0x1014], // the call of unlock
    [0, fetch, 0x3000, 2],
    [0, read, mutex, 0x3000, 1],
    [0, fetch, 0x1019, 1],
  ];
  const expected = [
    [0, 0, 0x1000, 0, 3],
    [0, 2, 0x1004, 0x7000, 8],
    [0, 0, 0x2000, 0, 2],
    [0, 1, 0x2004, mutex + 16, 4],
    [1, 0, 0x1100, 0, 1],
    [0, 0, 0x2006, 0, 3],
    [0, 1, 0x2008, mutex, 1],
    [0, 1, 0x2009, 0x7000, 8],
    [0, 3, 0x1004, mutex, 0],
    [0, 0, 0x1009, 0, 4],
    [0, 1, 0x1009, 0x8000, 16],
    [0, 2, 0x100f, 0x8010, 8],
    [0, 2, 0x1014, 0x7000, 8],
    [0, 4, 0x1014, mutex, 0],
    [0, 0, 0x3000, 0, 2],
    [0, 1, 0x3000, mutex, 1],
    [0, 0, 0x1019, 0, 1],
  ];

  it("by hand: a lock stands where its caller goes on, an unlock where it is called; a vector's halves are one row", () => {
    const { rows, records } = rowsOf(made);
    expect(rows).toEqual(expected);
    expect(records.totals()).toEqual({
      ...{ rows: 17, threads: 2, instructions: 16, blocks: 7, reads: 5, writes: 3, criticalSections: 1 },
    });
  });

  it("are the same wherever the pipe is cut", () => {
    for (const piece of [1, 7, 16, 100]) expect(rowsOf(made, piece).rows).toEqual(expected);
  });

  it("a string instruction longer than a row can say has several; a cut record is refused", () => {
    const clear = Array.from({ length: 10_000 }, (_, at): Made => [0, write, 0x8000 + 8 * at, 0x1000]);
    expect(rowsOf([[0, fetch, 0x1000, 1], ...clear]).rows.map((row) => row[4])).toEqual([1, 65_528, 14_472]);
    expect(() => {
      const records = new ExecutionRecords(locks);
      return [...records.add(new Uint8Array(17)), ...records.end()];
    }).toThrow("execution: expected records of 16 bytes, got 1 at the end");
  });
});

/** An execution's totals, and that a mutex is held by one at a time. */
async function totalsOf(path: string): Promise<Record<string, number>> {
  const totals = { rows: 0, threads: 0, instructions: 0, blocks: 0, reads: 0, writes: 0, criticalSections: 0 };
  const holders = new Map<number, number>();
  for (const batch of (await open(path)).batches) {
    const column = (name: string) => batch.getChild(name)!.data[0]!.values as Float64Array;
    const thread = column("thread");
    const event = column("event");
    const address = column("address");
    const size = column("size");
    for (let row = 0; row < batch.numRows; row += 1) {
      totals.rows += 1;
      totals.threads = Math.max(totals.threads, thread[row]! + 1);
      if (event[row] === 0) {
        totals.blocks += 1;
        totals.instructions += size[row]!;
      } else if (event[row] === 1) totals.reads += 1;
      else if (event[row] === 2) totals.writes += 1;
      else if (event[row] === 3) {
        expect(holders.has(address[row]!)).toBe(false);
        holders.set(address[row]!, thread[row]!);
        totals.criticalSections += 1;
      } else {
        expect(holders.get(address[row]!)).toBe(thread[row]);
        holders.delete(address[row]!);
      }
    }
  }
  expect(holders.size).toBe(0);
  return totals;
}

describe("the shipped executions", () => {
  it.each(["reservations", "clusters", "packets", "transfers"])("%s says what its provenance says", async (name) => {
    const entry = (await catalogue()).entries.find((one) => one.name === `executions/${name}`)!;
    const totals = await totalsOf(`executions/${name}`);
    expect(entry.provenance).toMatchObject(
      Object.fromEntries(Object.entries(totals).map(([field, total]) => [field, String(total)])),
    );
  });
});

describe.skipIf(!able)("capturing an execution", { timeout: 120_000 }, () => {
  it("builds the kernels, which give the same result natively for any order, and records every section", async () => {
    const program = folder.path("kernels");
    await buildKernels(program);
    const run = (...args: string[]): string => spawnSync(program, args, { encoding: "utf8" }).stdout;
    for (const kernel of ["clusters", "transfers"])
      expect(run(kernel, "3", "200", "5")).toBe(run(kernel, "3", "200", "5"));
    const out = folder.path("packets.arrow.gz");
    const provenance = await captureExecution({ program, args: ["packets", "3", "40", "2"], out });
    // Two sections an operation, and two of the C library's own when the program starts and ends.
    expect(provenance).toMatchObject({ command: "kernels packets 3 40 2", threads: "4", criticalSections: "242" });
    expect(String((await totalsOf(out))["rows"])).toBe(provenance["rows"]);
  });

  it("refuses a program that has none of the lock functions, and one that does not end in time", async () => {
    const out = folder.path("none.arrow");
    await expect(captureExecution({ program: "/bin/true", args: [], out })).rejects.toThrow(/^(program|nm): expected/);
    const program = folder.path("kernels");
    await expect(captureExecution({ program, args: ["packets", "1", "40", "2"], out, limit: 1000 })).rejects.toThrow(
      'limit: expected kernels to end within 1000 blocks and accesses, got "more"',
    );
  });
});
