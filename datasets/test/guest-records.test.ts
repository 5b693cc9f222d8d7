import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessRecords } from "../capture/guest/access-records.ts";
import { readNvmeTrace } from "../capture/guest/nvme-trace.ts";
import { scanPages } from "../capture/guest/page-scan.ts";
import { pageBytes, pageHash } from "../formats/page.ts";
import { type PageTableEntry, walkPageTables } from "../capture/guest/page-tables.ts";
import { mapOf } from "./page-map.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

describe("page tables", () => {
  /** Builds the tables of some 4 KiB pages, in frames from 1 on, as a processor would read them. */
  function tablesOf(pages: ReadonlyMap<number, number>): Map<number, Uint8Array> {
    const memory = new Map<number, Uint8Array>([[1, new Uint8Array(pageBytes)]]);
    for (const [page, frame] of pages) {
      let table = 1;
      for (const level of [4, 3, 2, 1]) {
        const at = Math.floor(page / 512 ** (level - 1)) % 512;
        const view = new DataView(memory.get(table)!.buffer);
        const entry = view.getBigUint64(at * 8, true);
        if (level === 1) view.setBigUint64(at * 8, (BigInt(frame) << 12n) | 0x8000_0000_0000_0067n, true);
        else if (entry === 0n) {
          table = memory.size + 1;
          memory.set(table, new Uint8Array(pageBytes));
          view.setBigUint64(at * 8, (BigInt(table) << 12n) | 0x67n, true);
        } else table = Number((entry >> 12n) & 0xff_ffff_ffffn);
      }
    }
    return memory;
  }

  it("give back every page that they were built of", async () => {
    const pages = fc.uniqueArray(
      fc.tuple(fc.integer({ min: 0, max: 2 ** 36 - 1 }), fc.integer({ min: 0, max: 2 ** 28 })),
      { selector: ([page]) => page, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(pages, async (list) => {
        const memory = tablesOf(new Map(list));
        const entries: PageTableEntry[] = [];
        for await (const entry of walkPageTables(0x1000n, (frame) => Promise.resolve(memory.get(frame)!)))
          entries.push(entry);
        expect(mapOf(entries)).toEqual(new Map([...list].sort(([a], [b]) => a - b)));
        for (const { leaf, flags } of entries) expect(flags).toBe(leaf ? 0x1067 : 0x67);
      }),
      { numRuns: 50 },
    );
  });

  it("a large page is one entry, its address without the PAT bit", async () => {
    const root = new Uint8Array(pageBytes);
    const second = new Uint8Array(pageBytes);
    new DataView(root.buffer).setBigUint64(256 * 8, 0x2067n, true);
    new DataView(second.buffer).setBigUint64(8, 0x4000_1000n | 0x80n | 1n, true);
    const entries: PageTableEntry[] = [];
    for await (const entry of walkPageTables(0x1000n, (frame) => Promise.resolve(frame === 1 ? root : second)))
      entries.push(entry);
    expect(entries[1]).toEqual({
      level: 3,
      virtualAddress: 0xffff_8000_4000_0000n,
      frame: 0x40000,
      leaf: true,
      flags: 0x81,
    });
  });
});

describe("QEMU's NVMe log", () => {
  const line = (micros: number, event: string) => `7@100.${String(micros).padStart(6, "0")}:pci_nvme_${event}\n`;

  it("by hand: two requests at once, one of them on three pages", async () => {
    const log = folder.write(
      "nvme.log",
      [
        line(10, "io_cmd cid 5 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'"),
        line(11, "read cid 5 nsid 1 nlb 20 count 10240 lba 0x10"),
        line(12, "map_addr addr 0x5800 len 2048"),
        line(12, "map_addr addr 0x9000 len 8192"),
        line(13, "io_cmd cid 6 nsid 0x1 sqid 1 opc 0x0 opname 'NVME_NVM_CMD_FLUSH'"),
        line(14, "map_addr addr 0x1000 len 4096"),
        line(20, "enqueue_req_completion cid 5 cqid 1 dw0 0x0 dw1 0x0 status 0x0"),
      ].join(""),
    );
    const { requests, pages } = await readNvmeTrace(log, (micros) => (micros - 100_000_000) * 1000);
    expect(requests.toArray().map((row) => (row as { toJSON(): unknown }).toJSON())).toEqual([
      { timeNs: 10_000, op: "read", offsetBytes: 8192, sizeBytes: 10_240, durationNs: 10_000, guestPage: 5 },
      { timeNs: 13_000, op: "flush", offsetBytes: 0, sizeBytes: 0, durationNs: null, guestPage: null },
    ]);
    expect(pages.toArray().map((row) => (row as { toJSON(): unknown }).toJSON())).toEqual([
      { request: 0, offsetBytes: 8192, guestPage: 5 },
      { request: 0, offsetBytes: 10_240, guestPage: 9 },
      { request: 0, offsetBytes: 14_336, guestPage: 10 },
    ]);
  });

  it("an event without its field is refused with its line", async () => {
    const log = folder.write("bad.log", line(1, "io_cmd cid 5 nsid 0x1 sqid 1"));
    await expect(readNvmeTrace(log, Number)).rejects.toThrow('QEMU\'s log, line 1, field "opc": expected');
  });
});

describe("a memory image", () => {
  it("is classified and hashed in chunks of any size", async () => {
    const pages = [new Uint8Array(pageBytes), new Uint8Array(pageBytes).fill(7), new Uint8Array(pageBytes)];
    pages[2]![pageBytes - 1] = 1;
    const image = Buffer.concat(pages);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 * pageBytes }), async (size) => {
        const chunks = async function* () {
          await Promise.resolve();
          for (let at = 0; at < image.length; at += size) yield image.subarray(at, at + size);
        };
        const { classes, hashes } = await scanPages(chunks(), 3);
        expect([...classes]).toEqual([0, 1, 2]);
        expect([...hashes]).toEqual(pages.map(pageHash));
      }),
      { numRuns: 20 },
    );
    // The SHA-1 of 4096 zero bytes begins so: printf by dd and sha1sum.
    expect(pageHash(pages[0]!).toString(16)).toBe("1ceaf73df40e531d");
  });
});

describe("the plugin's records", () => {
  it("give the same tables wherever the pipe is cut", () => {
    const record = fc.record({
      page: fc.integer({ min: 0, max: 5 }),
      physical: fc.integer({ min: 0, max: 3 }),
      kind: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (list, size) => {
        const bytes = Buffer.alloc(list.length * 16);
        for (const [at, { page, physical, kind }] of list.entries()) {
          const address = 0xffff_8000_0000n + (BigInt(page) << 12n);
          bytes.writeBigUInt64LE(address | (BigInt(kind) << 48n) | (8n << 51n), at * 16);
          bytes.writeBigUInt64LE((BigInt(physical) << 12n) | ((kind === 0 ? 3n : 0n) << 48n), at * 16 + 8);
        }
        const records = new AccessRecords(100);
        for (let at = 0; at < bytes.length; at += size)
          expect([...records.add(bytes.subarray(at, at + size))]).toEqual([]);
        const runs = records.end();
        const kinds = ["fetch", "read", "write"];
        const counts = (of: number) => list.filter(({ kind }) => kind === of).length;
        expect(records.totals()).toEqual({
          instructions: 3 * counts(0),
          reads: counts(1),
          writes: counts(2),
          deviceAccesses: 0,
        });
        expect(
          records
            .raw()
            .toArray()
            .map((row) => (row as { toJSON(): unknown }).toJSON()),
        ).toEqual(
          list.map(({ page, physical, kind }) => ({
            kind: kinds[kind],
            address: 0xffff_ffff_8000_0000n + (BigInt(page) << 12n),
            sizeBytes: 8,
            physicalAddress: BigInt(physical) << 12n,
            instructions: kind === 0 ? 3 : null,
          })),
        );
        const pairs = new Set(list.map(({ page, physical }) => `${0xf_fff8_0000 + page} ${physical}`));
        const rows = (runs?.toArray() ?? []) as unknown as { page: number; physicalPage: number; count: number }[];
        expect(new Set(rows.map((row) => `${row.page} ${row.physicalPage}`))).toEqual(pairs);
      }),
      { numRuns: 100 },
    );
  });
});
