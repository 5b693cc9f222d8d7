import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { drmemtrace } from "../memory/drmemtrace.ts";
import { openRows } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";

/** Records of 12 bytes: type, size, address. */
function records(...list: readonly (readonly [number, number, bigint | number])[]): Uint8Array {
  const bytes = new Uint8Array(12 * list.length);
  const view = new DataView(bytes.buffer);
  for (const [at, [type, size, address]] of list.entries()) {
    view.setUint16(12 * at, type, true);
    view.setUint16(12 * at + 2, size, true);
    view.setBigUint64(12 * at + 4, BigInt.asUintN(64, BigInt(address)), true);
  }
  return bytes;
}

const beginning = [
  [25, 0, 5],
  [28, 12, 5],
  [28, 9, 0xe40],
  [22, 4, 101],
  [24, 4, 100],
  [28, 10, 64],
  [28, 18, 4096],
  [28, 2, 0x2f5fef2a443e89n],
  [28, 3, 1],
] as const;

const trace = records(
  ...beginning,
  [47, 2, 0xed31],
  [10, 2, 0x402460],
  [16, 1, 0x402462],
  [0, 8, 0x7ffd90c148b0n],
  // A store that a `rep` repeats: the second turn is no fetch.
  [10, 2, 0x402470],
  [1, 8, 0x7ffd90c148a8n],
  [29, 2, 0x402470],
  [1, 8, 0x7ffd90c148b0n],
  [6, 1, 0x5000],
  // Five seconds later, elsewhere; another thread, whose process is not known, on an unknown processor.
  [28, 2, 0x2f5fef2a443e89n + 5_000_000n],
  [28, 3, 3],
  [1, 4, 0xffff_ffff_ffff_fff8n],
  [22, 4, 102],
  [28, 3, -1n],
  [49, 6, 0x500],
  // A bundle of two instructions of 3 and 5 bytes behind it.
  [17, 2, 0x0503],
  [20, 0, 0x10000],
  [21, 0, 0x30000],
  [23, 4, 101],
  [26, 0, 0],
);

conforms(drmemtrace, { "two threads": { content: trace, rows: 12 } });

describe("a drmemtrace", () => {
  const folder = temporaryFolder();

  it("has these references", async () => {
    const table = await open(folder.write("a.trace", trace));
    const rows = table.toArray().map((row: object) => Object.values({ ...row }));
    const known = [101, 100, 1, 0];
    expect(rows).toEqual([
      ["fetch", 0x402460n, 2, "instr", 0x402460n, ...known],
      ["fetch", 0x402462n, 1, "instr_return", 0x402462n, ...known],
      ["read", 0x7ffd90c148b0n, 8, "read", 0x402462n, ...known],
      ["fetch", 0x402470n, 2, "instr", 0x402470n, ...known],
      ["write", 0x7ffd90c148a8n, 8, "write", 0x402470n, ...known],
      ["write", 0x7ffd90c148b0n, 8, "write", 0x402470n, ...known],
      ["read", 0x5000n, 1, "prefetchnta", 0x402470n, ...known],
      ["write", 0xffff_ffff_ffff_fff8n, 4, "write", 0x402470n, 101, 100, 3, 5e9],
      ["fetch", 0x500n, 6, "instr_untaken_jump", 0x500n, 102, null, null, 5e9],
      ["fetch", 0x506n, 3, "instr", 0x506n, 102, null, null, 5e9],
      ["fetch", 0x509n, 5, "instr", 0x509n, 102, null, null, 5e9],
      ["read", 0x10000n, 0x20000, "data_flush", 0x509n, 102, null, null, 5e9],
    ]);
    expect(Object.fromEntries(table.schema.metadata)).toMatchObject({
      "drmemtrace.version": "5",
      "drmemtrace.fileType": "3648",
      "drmemtrace.pageBytes": "4096",
      "veelab.origin": "13334804716338825",
      "veelab.tickNs": "1000",
    });
  });

  it("of an unknown type of record is refused, with the place", async () => {
    const file = folder.write("b.trace", records(...beginning, [50, 0, 0], [10, 1, 5]));
    await expect(open(file)).rejects.toThrow(
      'b.trace, offset 108, field "type": expected a record\'s type from 0 to 49, got 50',
    );
    expect(await openRows(file, { skipBad: 1 })).toHaveLength(1);
  });

  const real = realSample("drmemtrace/drmemtrace.threadsig.2765553.6441.trace.zip");
  it.skipIf(real === undefined)("of a real program has these counts", async () => {
    const table = await open(real!);
    const counts = new Map<string, number>();
    for (const kind of table.getChild("type")!) counts.set(String(kind), (counts.get(String(kind)) ?? 0) + 1);
    expect(basename(real!)).toContain("2765553");
    expect(Object.fromEntries(counts)).toEqual({
      read: 760_090,
      write: 870_069,
      instr: 660_234,
      instr_direct_jump: 10_006,
      instr_indirect_jump: 10_000,
      instr_direct_call: 10_009,
      instr_indirect_call: 2,
      instr_return: 10_012,
      instr_taken_jump: 40_010,
      instr_untaken_jump: 50_028,
    });
    expect(table.getChild("thread")!.get(0)).toBe(0x2a32f1);
  });
});
