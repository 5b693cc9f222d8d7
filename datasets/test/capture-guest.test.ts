import type * as arrow from "apache-arrow";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { tool } from "../../kernel/test/tool.ts";
import { guestTableTexts, radioFields, swapFields } from "../build/guest-tables.ts";
import type { Provenance } from "../capture/capture.ts";
import { captureGuest } from "../capture/guest/capture-guest.ts";
import { captureRadio } from "../capture/radio/capture-radio.ts";
import { captureSwap } from "../capture/swap/capture-swap.ts";
import { open } from "../open.ts";
import { pageBytes } from "../formats/page.ts";
import { mapOf } from "./page-map.ts";
import { numbers } from "./reading.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

// Other tests boot guests at the same time: what this one leaves is looked for in a temporary folder of its own.
process.env["TMPDIR"] = folder.path("");
const able =
  tool("cc", ["--version"], "gcc") &&
  tool("qemu-system-x86_64", ["--version"], "qemu-system-x86") &&
  tool("apt-get", ["--version"], "apt") &&
  tool("mkfs.ext4", ["-V"], "e2fsprogs");
const longs = (table: arrow.Table, name: string): bigint[] => [...(table.getChild(name)! as Iterable<bigint>)];
const words = (table: arrow.Table, name: string): string[] => [...(table.getChild(name)! as Iterable<string>)];

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
      // 5 %, as in the comparison with the simulator. How many are still in the cache is the disk's speed, which a busy machine lowers (14 % was seen).
      expect(into[row]! / pages).toBeLessThan(1.05);
      expect(into[row]! / pages).toBeGreaterThan(0.5);
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
