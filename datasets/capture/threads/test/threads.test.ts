import type * as arrow from "apache-arrow";
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { tool } from "../../../../kernel/test/tool.ts";
import { catalogue } from "../../../catalogue.ts";
import { open, stream } from "../../../open.ts";
import { temporaryFolder } from "../../../test/temporary.ts";
import { capture } from "../../capture-command.ts";
import { captureThreads } from "../capture-threads.ts";
import { threadEvents, ThreadRecords } from "../thread-records.ts";

const folder = temporaryFolder();
const emulator = tool("qemu-x86_64", ["--version"], "qemu-user");
const compiler = tool("cc", ["--version"], "gcc libc6-dev");
const able = emulator && compiler;

interface Row {
  readonly thread: number;
  readonly kind: string;
  readonly pc: number | null;
  readonly address: number | null;
  readonly sizeBytes: number | null;
  readonly count: number;
  readonly stack: boolean;
  readonly other: number | null;
}

const number = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);

function rowsOf(batches: Iterable<arrow.RecordBatch>): Row[] {
  const rows: Row[] = [];
  for (const batch of batches)
    for (const row of batch.toArray() as { toJSON(): object }[])
      rows.push(
        Object.fromEntries(Object.entries(row.toJSON()).map(([name, value]) => [name, number(value)])) as never,
      );
  return rows;
}

/** A record of the plugin; what its fields mean is said in plugin.c. */
interface Made {
  readonly thread: number;
  readonly kind: string;
  readonly address: number;
  readonly bytes?: number;
  readonly pc?: number;
  readonly instructions?: number;
  readonly stack?: boolean;
}

function bytesOf(records: readonly Made[]): Buffer {
  const bytes = Buffer.alloc(records.length * 16);
  for (const [at, { thread, kind, address, bytes: size = 8, pc = 0, instructions = 1, stack }] of records.entries()) {
    const shift = kind === "read" || kind === "write" ? BigInt(Math.log2(size)) : 0n;
    const first =
      BigInt(address) |
      (BigInt(threadEvents.indexOf(kind)) << 48n) |
      (shift << 52n) |
      (stack === true ? 1n << 56n : 0n);
    const second = kind === "fetch" ? BigInt(instructions) | (BigInt(size) << 16n) : BigInt(pc);
    bytes.writeBigUInt64LE(first, at * 16);
    bytes.writeBigUInt64LE(second | (BigInt(thread) << 48n), at * 16 + 8);
  }
  return bytes;
}

function reduced(records: readonly Made[], chunk = 1 << 20): { rows: Row[]; records: ThreadRecords } {
  const bytes = bytesOf(records);
  const reducer = new ThreadRecords();
  const batches: arrow.RecordBatch[] = [];
  for (let at = 0; at < bytes.length; at += chunk) batches.push(...reducer.add(bytes.subarray(at, at + chunk)));
  batches.push(...reducer.end());
  return { rows: rowsOf(batches), records: reducer };
}

const empty = { pc: null, address: null, sizeBytes: null, count: 1, stack: false, other: null };

describe("the reduction of records to rows", () => {
  it("by hand: first touches outside, everything inside, counts where a thread next does something", () => {
    const { rows, records } = reduced([
      { thread: 0, kind: "fetch", address: 0x1000, instructions: 5, bytes: 20 },
      { thread: 0, kind: "write", address: 0x8000, pc: 0x1004 },
      { thread: 0, kind: "write", address: 0x8004, bytes: 4, pc: 0x1008 }, // the same word: counted
      { thread: 0, kind: "read", address: 0x8000, pc: 0x100c }, // its first read
      { thread: 0, kind: "create", address: 1 },
      { thread: 1, kind: "read", address: 0x8002, bytes: 8, pc: 0x2000, stack: true }, // two words, another thread
      { thread: 0, kind: "lock", address: 0x9000 },
      { thread: 0, kind: "fetch", address: 0x1010, instructions: 3, bytes: 9 },
      { thread: 0, kind: "write", address: 0x8000, pc: 0x1010 },
      { thread: 0, kind: "write", address: 0x8000, pc: 0x1010 },
      { thread: 0, kind: "unlock", address: 0x9000 },
      { thread: 0, kind: "fetch", address: 0x1020, instructions: 2, bytes: 4 },
      { thread: 0, kind: "read", address: 0x8000, pc: 0x1020 },
      { thread: 0, kind: "join", address: 1 },
    ]);
    expect(rows).toEqual([
      { ...empty, thread: 0, kind: "write", pc: 0x1004, address: 0x8000, sizeBytes: 8 },
      { ...empty, thread: 0, kind: "read", pc: 0x100c, address: 0x8000, sizeBytes: 8 },
      { ...empty, thread: 0, kind: "fetch", count: 5 },
      { ...empty, thread: 0, kind: "write", count: 1 },
      { ...empty, thread: 0, kind: "create", other: 1 },
      { ...empty, thread: 1, kind: "read", pc: 0x2000, address: 0x8002, sizeBytes: 8, stack: true },
      { ...empty, thread: 0, kind: "lock", address: 0x9000 },
      { ...empty, thread: 0, kind: "fetch", pc: 0x1010, address: 0x1010, sizeBytes: 9, count: 3 },
      { ...empty, thread: 0, kind: "write", pc: 0x1010, address: 0x8000, sizeBytes: 8 },
      { ...empty, thread: 0, kind: "write", pc: 0x1010, address: 0x8000, sizeBytes: 8 },
      { ...empty, thread: 0, kind: "unlock", address: 0x9000 },
      { ...empty, thread: 0, kind: "fetch", count: 2 },
      { ...empty, thread: 0, kind: "read", count: 1 },
      { ...empty, thread: 0, kind: "join", other: 1 },
    ]);
    expect(records.totals()).toEqual({
      threads: 2,
      instructions: 10,
      reads: 3,
      writes: 4,
      criticalSections: 1,
      instructionsInside: 3,
      accessesInside: 2,
      words: 2,
      sharedWords: 1,
      sharedWrittenWords: 1,
      rows: 14,
    });
  });

  it("a string instruction is one row for its reads and one for its writes; a loop is not one", () => {
    const copy = (at: number): Made[] => [
      { thread: 0, kind: "read", address: 0x5000 + at, bytes: 1, pc: 0x1000 },
      { thread: 0, kind: "write", address: 0x6000 + at, bytes: 1, pc: 0x1000 },
    ];
    const { rows } = reduced(Array.from({ length: 20 }, (_, at) => copy(at)).flat());
    expect(rows).toEqual([
      { ...empty, thread: 0, kind: "read", pc: 0x1000, address: 0x5000, sizeBytes: 20, count: 20 },
      { ...empty, thread: 0, kind: "write", pc: 0x1000, address: 0x6000, sizeBytes: 20, count: 20 },
    ]);
    const loop = (at: number): Made[] => [
      { thread: 0, kind: "fetch", address: 0x1000 },
      { thread: 0, kind: "write", address: 0x6000 + 8 * at, pc: 0x1000 },
    ];
    expect(reduced(Array.from({ length: 20 }, (_, at) => loop(at)).flat()).rows).toHaveLength(21);
  });

  it("keeps first touches in order, critical sections and totals, wherever the pipe is cut", () => {
    const record = fc.record({
      thread: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom("fetch", "read", "write", "read", "write", "lock", "unlock"),
      address: fc.integer({ min: 0x1000, max: 0x1080 }),
      bytes: fc.constantFrom(1, 4, 8, 16),
    });
    /** By definition: the order in which threads first read or write words. */
    const touches = (list: readonly { thread: number; kind: string; address: number; bytes: number }[]): string[] => {
      const seen = new Set<string>();
      for (const { thread, kind, address, bytes } of list)
        if (kind === "read" || kind === "write")
          for (let word = Math.floor(address / 8); word <= Math.floor((address + bytes - 1) / 8); word += 1)
            seen.add(`${thread} ${kind} ${word}`);
      return [...seen];
    };
    fc.assert(
      fc.property(fc.array(record, { maxLength: 120 }), fc.integer({ min: 1, max: 200 }), (list, chunk) => {
        // Each access by an instruction of its own, so that none is taken for a string instruction.
        const made = list.map((one, at) => ({ ...one, pc: at }));
        const { rows } = reduced(made, chunk);
        const kept = rows.filter(({ address }) => address !== null);
        expect(touches(kept.map((row) => ({ ...row, address: row.address!, bytes: row.sizeBytes ?? 0 })))).toEqual(
          touches(list),
        );
        for (const thread of [0, 1, 2, 3])
          for (const kind of ["fetch", "read", "write", "lock", "unlock"])
            expect(
              rows.filter((row) => row.thread === thread && row.kind === kind).reduce((sum, row) => sum + row.count, 0),
            ).toBe(list.filter((one) => one.thread === thread && one.kind === kind).length);
        // Inside: what stands between a thread's events, written down without the reducer.
        const held = [0, 0, 0, 0];
        const inside = made.filter(({ thread, kind }) => {
          if (kind === "lock") held[thread]! += 1;
          if (kind === "unlock") held[thread] = Math.max(0, held[thread]! - 1);
          return held[thread]! > 0 && (kind === "read" || kind === "write");
        });
        const pcs = new Set(rows.map(({ pc, kind }) => (kind === "fetch" ? null : pc)));
        expect(inside.filter(({ pc }) => !pcs.has(pc))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("a kind that is none and a cut record are refused", () => {
    const bad = bytesOf([{ thread: 0, kind: "join", address: 1 }]);
    bad[6] = 9;
    expect(() => [...new ThreadRecords().add(bad)]).toThrow("expected a kind from 0 to 7, got 9");
    const cut = new ThreadRecords();
    expect([...cut.add(bad.subarray(0, 7))]).toEqual([]);
    expect(() => [...cut.end()]).toThrow("expected records of 16 bytes, got 7 at the end");
  });
});

describe.skipIf(!able)("capturing a program's threads", { timeout: 120_000 }, () => {
  it("finds what is known of a program: who shares what, under which lock", async () => {
    const program = folder.path("sharing");
    const source = join(import.meta.dirname, "sharing.c");
    expect(spawnSync("cc", ["-O1", "-pthread", "-o", program, source]).status).toBe(0);
    const [out, places] = [folder.path("sharing.arrow.gz"), folder.path("places.json")];
    const provenance = await captureThreads({ program, args: [places], out, programOutput: "ignore" });
    expect(provenance).toMatchObject({ command: "sharing places.json", threads: "4" });
    expect(provenance["modules"]).toMatch(/^sharing [\da-f]+-[\da-f]+, .*libc\.so\.6 /);
    expect(readdirSync(dirname(out)).filter((name) => name.startsWith("sharing.arrow"))).toEqual(["sharing.arrow.gz"]);

    const place = JSON.parse(readFileSync(places, "utf8")) as Record<"own" | "shared" | "mutex" | "ready", number>;
    const rows = rowsOf((await open(out)).batches);
    const workers = [1, 2, 3];
    const events = (kind: string) => rows.filter((row) => row.kind === kind);
    expect(events("create").map(({ thread, other }) => [thread, other])).toEqual(workers.map((other) => [0, other]));
    expect(events("join").map(({ thread, other }) => [thread, other])).toEqual([3, 2, 1].map((other) => [0, other]));

    // The mutex is held by one at a time; 50 sections and one for the end.
    let holder: number | undefined;
    const taken = new Map<number, number>();
    for (const { thread, kind, address } of rows)
      if (address === place.mutex && kind === "lock") {
        expect(holder).toBeUndefined();
        holder = thread;
        taken.set(thread, (taken.get(thread) ?? 0) + 1);
      } else if (address === place.mutex && kind === "unlock") {
        expect(holder).toBe(thread);
        holder = undefined;
      }
    expect(holder).toBeUndefined();
    for (const worker of workers) expect(taken.get(worker)).toBe(51);

    // Each section adds to two words: a read and a write of each, by two instructions of which none refers to the stack.
    const inside = (from: number, until: number) =>
      rows.filter(({ address, pc }) => pc !== null && address !== null && address >= from && address < until);
    for (const word of [0, 64])
      for (const kind of ["read", "write"])
        for (const worker of workers)
          expect(
            inside(place.shared + 8 * word, place.shared + 8 * word + 8)
              .filter((row) => row.thread === worker && row.kind === kind)
              .reduce((sum, { count, stack, sizeBytes }) => {
                expect([stack, sizeBytes]).toEqual([false, 8]);
                return sum + count;
              }, 0),
          ).toBe(50);
    // Besides, only the main thread touches the page, which looks at the result.
    const others = inside(place.shared, place.shared + 4096).filter(({ thread }) => !workers.includes(thread));
    expect(new Set(others.map(({ thread, kind }) => `${thread} ${kind}`))).toEqual(new Set(["0 read"]));

    for (const worker of workers) {
      // A page of its own: 512 words are written first, in order, and later rounds are counted.
      const page = inside(place.own + 4096 * (worker - 1), place.own + 4096 * worker);
      expect(new Set(page.map(({ thread, kind }) => `${thread} ${kind}`))).toEqual(new Set([`${worker} write`]));
      const [clear, ...rest] = page.toSorted((a, b) => b.sizeBytes! - a.sizeBytes!);
      expect(clear).toMatchObject({ sizeBytes: 4096, count: 4096, address: place.own + 4096 * (worker - 1) });
      expect(rest.map(({ address }) => address! - place.own - 4096 * (worker - 1))).toEqual(
        Array.from({ length: 512 }, (_, word) => 8 * word),
      );
      const total = rows
        .filter(({ thread, kind }) => thread === worker && kind === "write")
        .reduce((sum, { count }) => sum + count, 0);
      const known = 20 * 512 + 4096 + 2 * 50;
      expect(total).toBeGreaterThanOrEqual(known);
      // The rest is calls, pthread and the start of a thread.
      expect(total).toBeLessThan(known + 6000);
    }

    // In a section the call of a function is a write to the stack, and no stack is another thread's.
    const stacks = new Map<number, Set<number>>();
    for (const { thread, stack, address } of rows)
      if (stack && thread > 0) stacks.set(thread, (stacks.get(thread) ?? new Set()).add(Math.floor(address! / 4096)));
    expect(new Set(workers.flatMap((worker) => [...stacks.get(worker)!])).size).toBe(
      workers.reduce((sum, worker) => sum + stacks.get(worker)!.size, 0),
    );
  });

  it("ends at a limit", async () => {
    const out = folder.path("limited.arrow");
    const provenance = await captureThreads({
      program: "sleep",
      args: ["600"],
      out,
      limit: 5000,
      programOutput: "ignore",
    });
    expect(provenance["limit"]).toBe("5000");
    expect((await open(out)).numRows).toBe(Number(provenance["rows"]));
  });

  it("a program that fails, is a script or is not there leaves no file", async () => {
    const out = folder.path("none.arrow");
    const run = (program: string) => captureThreads({ program, args: [], out, programOutput: "ignore" });
    await expect(run("false")).rejects.toThrow('program: expected false to end with status 0, got "status 1"');
    await expect(run("/no/such/program")).rejects.toThrow('program: expected a program that can be run, got "program"');
    await expect(run("/usr/bin")).rejects.toThrow('program: expected a program that can be run, got "bin"');
    const script = folder.write("script.sh", "#!/bin/sh\n");
    spawnSync("chmod", ["+x", script]);
    await expect(run(script)).rejects.toThrow("program: expected a program for x86-64 (ELF), not a script");
    expect(existsSync(out)).toBe(false);
  });

  it("an abort ends the program and leaves no file", async () => {
    const abort = new AbortController();
    const out = folder.path("aborted.arrow");
    const run = captureThreads({ program: "sleep", args: ["600"], out, programOutput: "ignore", signal: abort.signal });
    setTimeout(() => {
      abort.abort();
    }, 1500);
    await expect(run).rejects.toThrow();
    expect(existsSync(out)).toBe(false);
  });
});

describe("the command", () => {
  it("has a help text and says what is missing", async () => {
    const said: string[] = [];
    const sink = { write: (text: string) => said.push(text) };
    const to = { stdout: sink, stderr: sink };
    expect(await capture(["threads", "--help"], to)).toBe(0);
    expect(await capture(["threads", "-o", folder.path("x.arrow")], to)).toBe(2);
    expect(said.join("")).toContain("Usage: veelab capture threads -o FILE [options] -- PROGRAM [ARGUMENT...]");
    expect(said.join("")).toContain("veelab capture threads: expected a program after --, got none");
  });
});

describe("the shipped traces", () => {
  it.each(["memory/threads-memcached", "memory/threads-pigz"])("%s has the totals of its provenance", async (name) => {
    const { provenance } = (await catalogue()).get(name);
    const totals = [0, 0, 0, 0, 0, 0, 0, 0];
    const touched = new Map<number, Set<number>>();
    const written = new Set<number>();
    const holders = new Map<bigint, number>();
    let sections = 0;
    const held = new Map<number, number>();
    for await (const batch of stream(name)) {
      const column = (field: string) => batch.getChild(field)!.data[0]!;
      const [thread, kind, count, sizes] = ["thread", "kind", "count", "sizeBytes"].map(
        (field) => column(field).values as Uint32Array,
      ) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
      const addresses = column("address").values as BigUint64Array;
      const known = column("address");
      for (let row = 0; row < batch.numRows; row += 1) {
        const [who, what] = [thread[row]!, threadEvents[kind[row]!]!];
        totals[kind[row]!]! += count[row]!;
        if (what === "lock") {
          // No two threads hold a lock at once.
          expect(holders.get(addresses[row]!) ?? who).toBe(who);
          holders.set(addresses[row]!, who);
          if ((held.get(who) ?? 0) === 0) sections += 1;
          held.set(who, (held.get(who) ?? 0) + 1);
        } else if (what === "unlock") {
          holders.delete(addresses[row]!);
          held.set(who, held.get(who)! - 1);
        } else if ((what === "read" || what === "write") && known.getValid(row)) {
          const from = Number(addresses[row]!);
          for (let word = Math.floor(from / 8); word <= Math.floor((from + sizes[row]! - 1) / 8); word += 1) {
            touched.set(word, (touched.get(word) ?? new Set()).add(who));
            if (what === "write") written.add(word);
          }
        }
      }
    }
    const shared = [...touched].filter(([, threads]) => threads.size > 1).map(([word]) => word);
    const found = {
      instructions: totals[0],
      reads: totals[1],
      writes: totals[2],
      criticalSections: sections,
      words: touched.size,
      sharedWords: shared.length,
      sharedWrittenWords: shared.filter((word) => written.has(word)).length,
    };
    expect(provenance).toMatchObject(
      Object.fromEntries(Object.entries(found).map(([field, total]) => [field, String(total)])),
    );
  });
});
