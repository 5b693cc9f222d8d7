import type * as arrow from "apache-arrow";
import fc from "fast-check";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { tool } from "../../kernel/test/tool.ts";
import { guestTableTexts, radioFields, swapFields } from "../build/guest-tables.ts";
import type { Provenance } from "../capture/capture.ts";
import { capture } from "../capture/capture-command.ts";
import { AccessRecords } from "../capture/guest/access-records.ts";
import { captureGuest } from "../capture/guest/capture-guest.ts";
import { readNvmeTrace } from "../capture/guest/nvme-trace.ts";
import { scanPages } from "../capture/guest/page-scan.ts";
import { pageHash } from "../formats/page.ts";
import { type PageTableEntry, walkPageTables } from "../capture/guest/page-tables.ts";
import { captureNoise } from "../capture/noise/capture-noise.ts";
import { captureRadio } from "../capture/radio/capture-radio.ts";
import { captureSwap } from "../capture/swap/capture-swap.ts";
import { open } from "../open.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
// Other tests boot guests at the same time: what this one leaves is looked for in a temporary folder of its own.
process.env["TMPDIR"] = folder.path("");
const compiler = tool("cc", ["--version"], "gcc");
const able =
  compiler &&
  tool("qemu-system-x86_64", ["--version"], "qemu-system-x86") &&
  tool("apt-get", ["--version"], "apt") &&
  tool("mkfs.ext4", ["-V"], "e2fsprogs");

const pageBytes = 4096;

const numbers = (table: arrow.Table, name: string): number[] => [...(table.getChild(name)! as Iterable<number>)];
const longs = (table: arrow.Table, name: string): bigint[] => [...(table.getChild(name)! as Iterable<bigint>)];
const words = (table: arrow.Table, name: string): string[] => [...(table.getChild(name)! as Iterable<string>)];

/** Memory pages that page tables map: physical by virtual page, the latter as bits 12 to 47 of an address. */
function mapOf(entries: Iterable<Omit<PageTableEntry, "flags">>): Map<number, number> {
  const map = new Map<number, number>();
  for (const { level, virtualAddress, frame, leaf } of entries)
    for (let at = 0; leaf && at < 512 ** (level - 1); at += 1)
      map.set(Number((virtualAddress >> 12n) & 0xf_ffff_ffffn) + at, frame + at);
  return map;
}

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

describe.skipIf(!able)("a guest", { timeout: 240_000 }, () => {
  const out = folder.path("guest");
  let provenance: Provenance = {};
  const table = (name: string) => open(`${out}/${name}.arrow.gz`);

  beforeAll(async () => {
    provenance = await captureGuest({
      workload: "sqlite",
      out,
      rounds: 1,
      accelerator: "tcg",
      tables: ["blocks", "pages", "counters", "page-tables", "memory", "accesses", "code-pages"],
      limit: 4_000_000,
      rawLimit: 10_000,
      intervalSeconds: 1.5,
    });
  }, 240_000);

  it("every table has the columns that the catalogue describes", async () => {
    for (const [name, { fields }] of Object.entries(guestTableTexts)) {
      // Two plugins at once are refused; lib/checkpointing captures the stores.
      if (name === "stores") continue;
      const schema = Object.fromEntries(fields.map(({ name: field, arrowType }) => [field, arrowType]));
      const { numRows } = await open(`${out}/${name}.arrow.gz`, { schema });
      expect(numRows, name).toBeGreaterThan(0);
    }
    expect((await table("pages")).schema.metadata.get("workload")).toBe(provenance["workload"]);
  });

  it("the disk's requests are those that QEMU has counted, and their pages hold all their bytes", async () => {
    const blocks = await table("blocks");
    const operations = words(blocks, "op");
    const sizes = numbers(blocks, "sizeBytes");
    const count = (op: string) => operations.filter((each) => each === op).length;
    const bytes = (op: string) => sizes.filter((_, row) => operations[row] === op).reduce((sum, size) => sum + size, 0);
    expect([count("read"), count("write"), bytes("read"), bytes("write")].map(String)).toEqual([
      provenance["reads"],
      provenance["writes"],
      provenance["readBytes"],
      provenance["writtenBytes"],
    ]);
    expect(count("flush")).toBeGreaterThan(50);
    const pieces = new Map<number, number>();
    for (const request of numbers(await table("block-pages"), "request"))
      pieces.set(request, (pieces.get(request) ?? 0) + 1);
    for (const [row, op] of operations.entries())
      if (op === "read" || op === "write")
        expect(pieces.get(row)).toBeGreaterThanOrEqual(Math.ceil(sizes[row]! / pageBytes));
  });

  it("pages that were read and not written since hold what their blocks hold", async () => {
    const blocks = await table("blocks");
    const [operations, times] = [words(blocks, "op"), numbers(blocks, "timeNs")];
    const pages = await table("pages");
    const dumped = numbers(pages, "timeNs")[0]!;
    const found = [...(pages.getChild("diskBlock")! as Iterable<number | null>)];
    const traffic = await table("block-pages");
    const requests = numbers(traffic, "request");
    const blockOf = new Map<number, number>();
    for (const [row, page] of numbers(traffic, "guestPage").entries())
      if (operations[requests[row]!] === "read" && times[requests[row]!]! < dumped)
        blockOf.set(page, numbers(traffic, "offsetBytes")[row]! / pageBytes);
    const flags = longs(pages, "flags");
    // Still in the page cache: on an LRU list (bit 5), not anonymous (bit 12). A block may have an equal one before it.
    const cached = [...blockOf].filter(([page]) => (flags[page]! & 0x1020n) === 0x20n);
    expect(cached.length).toBeGreaterThan(300);
    const same = cached.filter(([page, block]) => found[page] !== null && found[page]! <= block);
    expect(same.length / cached.length).toBeGreaterThan(0.9);
  });

  it("the guest's own counters agree: free pages by their flags, cached ones by their equal blocks", async () => {
    const counters = await table("counters");
    const [events, values] = [words(counters, "event"), numbers(counters, "value")];
    const pagesOf = (event: string) => values[events.indexOf(`meminfo.${event}`)]! / 4;
    const pages = await table("pages");
    // Bit 10: in a free block. The guest has read its flags and its counters one after the other, with the workload frozen.
    const free = longs(pages, "flags").filter((flags) => (flags & 0x400n) !== 0n).length;
    expect(Math.abs(free - pagesOf("MemFree"))).toBeLessThan(0.01 * pagesOf("MemFree"));
    // Pages of the cache that are not written back yet have no block, and a program's own copy of a file's page has one.
    const onDisk = [...(pages.getChild("diskBlock")! as Iterable<number | null>)].filter(
      (block) => block !== null,
    ).length;
    const cached = pagesOf("Cached") + pagesOf("Buffers");
    expect(Math.abs(onDisk - cached)).toBeLessThan(0.15 * cached);
    // A guest that was just booted has used little of its memory: most free pages were never written.
    expect(words(pages, "class").filter((of) => of === "zero").length).toBeGreaterThan(0.9 * free);
    expect(events).toContain("vmstat.pgfault");
    expect(events).toContain("qemu.dirtyRate");
  });

  it("the page tables translate as the emulated processor did", async () => {
    const tables = await table("page-tables");
    const [levels, addresses, frames] = [
      numbers(tables, "level"),
      longs(tables, "virtualAddress"),
      numbers(tables, "frame"),
    ];
    const leaves = [...(tables.getChild("leaf")! as Iterable<boolean>)];
    const map = mapOf(
      addresses.map((virtualAddress, row) => ({
        level: levels[row] as 1,
        virtualAddress,
        frame: frames[row]!,
        leaf: leaves[row]!,
      })),
    );
    const memory = await table("memory");
    const pages = numbers(memory, "page");
    const physical = numbers(memory, "physicalPage");
    const kinds = words(memory, "kind");
    // The kernel's half is the same in every process; its mappings for a moment (vmalloc, fixmap) may have changed since.
    const seen = new Set<string>();
    let [agree, differ] = [0, 0];
    for (const [row, page] of pages.entries()) {
      const key = `${page} ${physical[row]!} ${kinds[row]!}`;
      if (page < 2 ** 35 || seen.has(key)) continue;
      seen.add(key);
      if (map.get(page) === physical[row]) agree += 1;
      else differ += 1;
    }
    expect(agree).toBeGreaterThan(500);
    expect(differ / agree).toBeLessThan(0.02);
    // Both of fetches, whose physical page is from QEMU's memory map, and of data, whose is the processor's.
    for (const kind of ["fetch", "read", "write"]) expect([...seen].some((key) => key.endsWith(kind))).toBe(true);
  });

  it("no process and no file is left", () => {
    const left = readdirSync(tmpdir()).filter((name) => /^veelab-(guest|plugin)-/.test(name));
    expect(left).toEqual([]);
  });
});

describe.skipIf(!able)("a guest that is interrupted", { timeout: 120_000 }, () => {
  it("ends with QEMU, writes nothing and leaves no folder", async () => {
    const abort = new AbortController();
    const out = folder.path("interrupted");
    const capturing = captureGuest({
      workload: "idle",
      out,
      rounds: 1000,
      accelerator: "tcg",
      tables: ["blocks"],
      signal: abort.signal,
      progress: (step) => {
        if (step.startsWith("running")) abort.abort();
      },
    });
    await expect(capturing).rejects.toThrow("abort");
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith("veelab-guest-"));
    expect(left).toEqual([]);
    const list = spawn("ps", ["-A", "-o", "args"], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    list.stdout.on("data", (chunk: Buffer) => (text += String(chunk)));
    await once(list, "close");
    expect(text.split("\n").filter((line) => line.includes("qemu-system") && line.includes(tmpdir()))).toEqual([]);
  });
});

describe.skipIf(!compiler)("noise", () => {
  it("is measured: intervals in order, longer than the threshold, their sum the time taken", async () => {
    const out = folder.path("noise.arrow.gz");
    const provenance = await captureNoise({ out, seconds: 0.5, thresholdNs: 500 });
    const table = await open(out, { schema: { startNs: "float64", durationNs: "float64" } });
    const [starts, durations] = [numbers(table, "startNs"), numbers(table, "durationNs")];
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(durations.every((duration) => duration > 500)).toBe(true);
    expect(String(durations.reduce((sum, duration) => sum + duration, 0))).toBe(provenance["takenNs"]);
    for (let row = 1; row < starts.length; row += 1)
      expect(starts[row]).toBeGreaterThanOrEqual(starts[row - 1]! + durations[row - 1]!);
  });

  it("a processor that is not there is one sentence", async () => {
    await expect(captureNoise({ out: folder.path("none.arrow"), processor: 1023 })).rejects.toThrow(
      /^processor: expected one of this machine's \d+ processors, got 1023$/,
    );
  });
});

describe.skipIf(!able)("simulated radios", { timeout: 240_000 }, () => {
  it("a station joins and loads pages: what is on the air is what 802.11 asks for", async () => {
    const out = folder.path("air.arrow.gz");
    await captureRadio({ out, rounds: 1 });
    const schema = Object.fromEntries(radioFields.map(({ name, arrowType }) => [name, arrowType]));
    const table = await open(out, { schema });
    const [types, times] = [words(table, "type"), numbers(table, "timeNs")];
    const [from, to] = [[...(table.getChild("transmitter")! as Iterable<string | null>)], words(table, "receiver")];
    // A station asks for authentication, then for association, and only then sends data.
    const first = ["Authentication", "Association Request", "Association Response", "Data"].map((type) =>
      types.findIndex((each) => each.endsWith(type)),
    );
    expect(first.every((row) => row >= 0)).toBe(true);
    expect(first).toEqual([...first].sort((a, b) => a - b));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // An access point sends a beacon each 100 units of 1024 microseconds: the median, as an emulated processor may be late.
    const beacons = times.filter((_, row) => types[row] === "Beacon frame");
    const gaps = beacons.slice(1).map((time, at) => time - beacons[at]!);
    const median = gaps.sort((a, b) => a - b)[gaps.length >> 1]!;
    expect(Math.abs(median / 102.4e6 - 1)).toBeLessThan(0.1);
    // An ack names no transmitter; it goes to the one who has just sent to somebody.
    for (const [row, type] of types.entries())
      if (type === "Acknowledgement") {
        expect(from[row]).toBeNull();
        expect(from.slice(0, row)).toContain(to[row]);
      }
    expect(types.filter((type) => type === "Acknowledgement").length).toBeGreaterThan(50);
    const bytes = numbers(table, "lengthBytes").filter((_, row) => types[row]!.endsWith("Data"));
    // Five pages of 3000, 6000 … 15000 bytes.
    expect(bytes.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(45_000);
    // Only a station that looks for its access point leaves channel 6.
    const channels = numbers(table, "channelMhz");
    const elsewhere = new Set(types.filter((_, row) => channels[row] !== 2437));
    expect([...elsewhere]).toEqual(["Probe Request"]);
  });
});

describe.skipIf(!able)("a guest that swaps", { timeout: 400_000 }, () => {
  it("counts what its swap device does, and a sweep beyond its frames misses every page", async () => {
    const out = folder.path("swap.arrow.gz");
    const [pages, frames, rounds] = [1536, 1024, 2];
    const provenance = await captureSwap({ out, pages, frames, rounds });
    const schema = Object.fromEntries(swapFields.map(({ name, arrowType }) => [name, arrowType]));
    const table = await open(out, { schema });
    const [patterns, kinds, round] = [words(table, "pattern"), words(table, "kind"), numbers(table, "round")];
    const [into, outOf] = [numbers(table, "pagesIn"), numbers(table, "pagesOut")];
    const [faults, major] = [numbers(table, "faults"), numbers(table, "majorFaults")];
    expect(round).toEqual(Array.from({ length: 4 }, () => [0, 1, 2]).flat());
    for (const [row, pattern] of patterns.entries()) {
      expect(numbers(table, "residentPages")[row]).toBeLessThanOrEqual(frames);
      // One page a fault, as nothing is read ahead; and that of the file of counts, which is written to without a fault.
      expect(into[row]! - major[row]!).toBeGreaterThanOrEqual(0);
      expect(into[row]! - major[row]!).toBeLessThanOrEqual(1);
      if (pattern !== "sweep" || round[row] === 0) continue;
      // Each page faults, and is read unless it is still in the swap cache, as one that was written out may be.
      expect(faults[row]).toBeGreaterThanOrEqual(pages);
      if (kinds[row] === "read") expect(into[row]).toBeGreaterThanOrEqual(pages - outOf[row]!);
      // 5 %, as in the comparison with the simulator.
      expect(Math.abs(into[row]! / pages - 1)).toBeLessThan(0.05);
    }
    for (const run of ["sweep-read", "sweep-write", "random-read", "random-write"]) {
      const rows = patterns.flatMap((pattern, row) => (`${pattern}-${kinds[row]!}` === run ? [row] : []));
      const sum = (counts: readonly number[]): number => rows.reduce((total, row) => total + counts[row]!, 0);
      const [reads, writes, whole, wholeOut] = ["deviceReads", "deviceWrites", "pagesIn", "pagesOut"].map((name) =>
        Number(provenance[`${run}.${name}`]),
      );
      // QEMU has seen what Linux counted, and what mkswap and swapon do with the header: two reads and a write.
      expect([reads! - whole!, writes! - wholeOut!]).toEqual([2, 1]);
      // That is of more than the program's rounds.
      expect([whole! >= sum(into), wholeOut! >= sum(outOf)]).toEqual([true, true]);
    }
  });
});

describe("the command", () => {
  async function said(...args: string[]): Promise<[number, string, string]> {
    const texts: [out: string, err: string] = ["", ""];
    const to = (at: 0 | 1) => ({ write: (text: string) => (texts[at] += text) });
    return [await capture(args, { stdout: to(0), stderr: to(1) }), ...texts];
  }

  it.each(["guest", "lackey", "mirror", "noise", "perf", "radio", "swap"])("%s explains itself", async (what) => {
    const [status, out, err] = await said(what, "--help");
    expect([status, out.startsWith(`Usage: veelab capture ${what} `), err]).toEqual([0, true, ""]);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(180);
  });

  it.each([
    [[], "Usage: veelab capture"],
    [
      ["disk"],
      'veelab capture: expected guest, lackey, mirror, noise, perf, radio, swap, tasks or threads, got "disk"',
    ],
    [["guest"], "veelab capture guest: expected --workload compile|sqlite|fileserver|webserver|mixed|idle, got none"],
    [["guest", "--workload", "idle"], "veelab capture guest: expected -o FOLDER, got none"],
    [["guest", "--workload", "x", "-o", "y"], "veelab capture guest: workload: expected one of compile, sqlite"],
    [["guest", "--tables", "blocks,x"], "veelab capture guest: --tables: expected some of blocks,pages"],
    [["guest", "--accel", "xen"], 'veelab capture guest: --accel: expected kvm, tcg or auto, got "xen"'],
    [["lackey", "-o", "x.arrow"], "veelab capture lackey: expected a program after --, got none"],
    [["lackey", "-o", "x.arrow", "--"], "veelab capture lackey: expected a program after --, got none"],
    [
      ["lackey", "-o", "x.arrow", "nice", "--", "ls"],
      "veelab capture lackey: expected -- before the program, got nice (see veelab capture lackey --help)\n",
    ],
    [["threads", "ls", "-o", "x.arrow"], "veelab capture threads: expected -- before the program, got ls (see"],
    [["perf", "ls", "--", "ls"], "veelab capture perf: expected -- before the program, got ls (see"],
    [["perf", "-o", "--", "ls"], "veelab capture perf: option '-o, --out <value>' argument missing (see"],
    [["perf", "--", "ls", "-o", "x.arrow"], "veelab capture perf: expected -o FILE, got none"],
    [["noise", "-o", "x.arrow", "--seconds", "ten"], 'veelab capture noise: --seconds: expected a number, got "ten"'],
    [["lackey", "-o", "x.arrow", "--", ""], "veelab capture lackey: expected a program after --, got none\n"],
    ...["lackey", "noise", "perf", "radio", "swap", "tasks", "threads"].flatMap((what): [string[], string][] => {
      const more = ["lackey", "perf", "threads"].includes(what) ? ["--", "true"] : [];
      return [
        [
          [what, "-o", "x.txt", ...more],
          `veelab capture ${what}: out: expected a file name that ends in .arrow or .arrow.gz, got "x.txt"\n`,
        ],
        [
          [what, "-o", "no-folder/x.arrow", ...more],
          `veelab capture ${what}: out: expected a file in a folder that exists, got "no-folder/x.arrow"\n`,
        ],
      ];
    }),
    [
      ["swap", "-o", "x.arrow", "--frames", "1"],
      "veelab capture swap: frames: expected a whole number from 512 to 32768",
    ],
    [["noise", "--nothing"], "veelab capture noise: unknown option '--nothing' (see veelab capture noise --help)\n"],
    [
      ["noise", "extra", "-o", "x.arrow"],
      "veelab capture noise: expected options alone, got extra (see veelab capture ",
    ],
    [
      ["toString"],
      'veelab capture: expected guest, lackey, mirror, noise, perf, radio, swap, tasks or threads, got "toString"\n',
    ],
    [["constructor"], "veelab capture: expected guest, lackey"],
  ])("%j cannot be used", async (args, sentence) => {
    const [status, out, err] = await said(...args);
    expect([status, out, err.slice(0, sentence.length)]).toEqual([2, "", sentence]);
  });
});
