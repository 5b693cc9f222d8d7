import type * as arrow from "apache-arrow";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { pageBytes } from "../../formats/page.ts";
import { type Batches, writeArrow } from "../../write/arrow.ts";
import type { Provenance } from "../capture.ts";
import { makeFifo, readFifo } from "../fifo.ts";
import { codeTable } from "./access-records.ts";
import { AccessRecorder } from "./access-recorder.ts";
import { findAccelerator } from "./accelerator.ts";
import { counterRows } from "./counters.ts";
import { GuestClock } from "./guest-clock.ts";
import { guestImage } from "./image.ts";
import { type Accelerator, type Machine, withMachine } from "./machine.ts";
import { nvmeEvents, readNvmeTrace } from "./nvme-trace.ts";
import { hashBlocks, pageTables, scanPages } from "./page-scan.ts";
import { StoreRecorder } from "./store-recorder.ts";
import { entryTables, type PageTableEntry, registersOf, walkPageTables } from "./page-tables.ts";
import { preparation, workloads } from "./workloads.ts";

/**
 * What can be captured of a guest, each a file of that name.
 *
 * @example
 * ```ts
 * import { guestTables } from "veelab/datasets";
 *
 * console.log(guestTables.includes("blocks")); // true
 * ```
 */
export const guestTables = [
  "blocks",
  "pages",
  "stores",
  "counters",
  "page-tables",
  "memory",
  "accesses",
  "code-pages",
] as const;

/** One of {@link guestTables}. */
export type GuestTable = (typeof guestTables)[number];

/** A capture of a guest. */
export interface GuestCaptureOptions {
  /** What the guest does: compile, sqlite, fileserver, webserver or idle. */
  readonly workload: string;
  /** The folder for the files: `blocks.arrow.gz` and the like; made where there is none. */
  readonly out: string;
  /** What to capture; blocks, pages, counters and page tables when not given. */
  readonly tables?: readonly GuestTable[];
  /** How often the workload's round is done; its own default when not given. */
  readonly rounds?: number;
  /** What the workload's random choices depend on; 1 when not given. */
  readonly seed?: number;
  /** The guest's memory in MiB, 64 to 2048; 256 when not given. */
  readonly memoryMegabytes?: number;
  /** Dumps of the memory; 1 when not given. */
  readonly dumps?: number;
  /** Seconds from the workload's start to the first dump, and between dumps; 4 when not given. */
  readonly intervalSeconds?: number;
  /** Accesses to memory (and blocks of instructions) until the recording ends; 100 million when not given. */
  readonly limit?: number;
  /** Of these, those that go to `accesses` as they are; 1 million when not given, at most 50 million. */
  readonly rawLimit?: number;
  /** KVM, QEMU's translator, or whichever works; `auto` when not given. */
  readonly accelerator?: Accelerator | "auto";
  /** Is told what is being done. */
  readonly progress?: (step: string) => void;
  /** Ends the guest; the capture then rejects and leaves no file. */
  readonly signal?: AbortSignal;
}

/**
 * Boots a Debian guest in QEMU, lets it do one workload, and writes what was asked for as Arrow files:
 *
 * - `blocks`: the requests to its NVMe disk, with the guest's pages (and `block-pages`: every page of each request);
 * - `pages`: dumps of its memory, a row for each page: class, hash, Linux's own flags, and the equal block of its disk;
 * - `stores`: when the processor last wrote to each page, at each dump, from the boot on;
 * - `counters`: /proc/meminfo, /proc/vmstat and QEMU's dirty rate at each dump;
 * - `page-tables`: the page tables of the running process at each dump;
 * - `memory`: all references to memory, the kernel's too, as runs on virtual and physical pages (see {@link PageRuns});
 * - `accesses`: the first references one by one, with virtual and physical address;
 * - `code-pages`: the physical pages that were executed.
 *
 * The stores need QEMU's translator and slow it down to a third or so. The last three need it, too, and are recorded at about 8 million records a second (two cores, measured); a
 * block of instructions counts as executed when it is entered, and an access that crosses a page as one to its first.
 *
 * The files say what was run; times are nanoseconds since QEMU's start, without those in
 * which it was stopped for a dump. No content of a page or file is kept. Needs Linux, QEMU and
 * apt; the guest is built in the user's cache folder at the first call. Gives the provenance of the files.
 *
 * Throws OptionError for an option out of range, for KVM where no guest boots with it, for a program that is missing, and when the guest fails.
 *
 * @example
 * ```ts
 * import { captureGuest } from "veelab/datasets";
 *
 * // Needs QEMU: call it where that is installed.
 * export const captureSqlite = () => captureGuest({ workload: "sqlite", out: "sqlite-guest", tables: ["blocks"] });
 * ```
 */
export async function captureGuest(options: GuestCaptureOptions): Promise<Provenance> {
  const { workload, rounds, seed, memoryMegabytes, dumps, intervalSeconds, tables, limit, rawLimit } = checked(options);
  const progress = options.progress ?? (() => undefined);
  const { signal } = options;
  const version = qemuVersion();
  const image = await guestImage(progress);
  const wanted = new Set(tables);
  const recordsAccesses = accessTables.some((name) => wanted.has(name));
  const asked = options.accelerator ?? "auto";
  const recordsStores = wanted.has("stores");
  if ((recordsAccesses || recordsStores) && asked === "kvm")
    throw new OptionError("accelerator", "tcg or auto for stores, memory, accesses and code-pages", asked);
  const accelerator = await findAccelerator(recordsAccesses || recordsStores ? "tcg" : asked, image, signal, progress);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-plugin-"));
  try {
    const accesses = recordsAccesses
      ? await AccessRecorder.make({ records: limit, raw: wanted.has("accesses") ? rawLimit : 0 }, scratch)
      : undefined;
    const pages = (memoryMegabytes << 20) / pageBytes;
    const stores = recordsStores ? await StoreRecorder.make(pages, scratch) : undefined;
    const plugin = accesses ?? stores;
    const clock = new GuestClock();
    progress("booting the guest");
    return await withMachine(
      {
        ...(plugin === undefined ? {} : { more: (folder: string) => plugin.arguments(folder) }),
        image,
        accelerator,
        memoryMegabytes,
        ...(wanted.has("blocks") ? { events: nvmeEvents } : {}),
        ...(signal === undefined ? {} : { signal }),
      },
      async (machine) => {
        await machine.run(preparation(workload.name), rounds, seed);
        await accesses?.start(machine);
        const startNs = clock.now();
        progress(`running ${workload.name}`);
        let ended = false as boolean;
        const running = machine.run(workload.name, rounds, seed).finally(() => (ended = true));
        // It is awaited below; until then its failure must not be taken for one that nobody handles.
        running.catch(() => undefined);
        const recorder = new DumpRecorder(machine, wanted, pages, clock, stores);
        if (recorder.needed)
          for (let dump = 0; dump < dumps && (dump === 0 || !ended); dump += 1) {
            // A workload that ends before does not wait for the timer, nor does this process.
            const pause = sleep(intervalSeconds * 1000, undefined, { ref: false });
            await Promise.race([Promise.all([pause, recorder.dirtyRate()]), running]);
            progress(`dump ${dump + 1}`);
            await recorder.dump(dump);
          }
        if (accesses === undefined || tables.some((name) => !accessTables.includes(name))) await running;
        else await Promise.race([running, full(accesses, () => ended)]);
        const endNs = clock.now();
        if (ended) await machine.sync();
        const last = wanted.has("code-pages") ? await recorder.scan() : undefined;
        await machine.qmp.execute("stop");
        const provenance: Record<string, string> = {
          command: [
            `veelab capture guest --workload ${workload.name} --rounds ${rounds} --seed ${seed} --memory ${memoryMegabytes}`,
            `--tables ${tables.join(",")} --dumps ${dumps} --interval ${intervalSeconds}`,
          ].join(" "),
          workload: `${workload.name}: ${workload.description}`,
          rounds: String(rounds),
          seed: String(seed),
          tool: `${version}, ${accelerator === "tcg" ? "TCG, one emulated processor" : "KVM, one processor"}`,
          guest: image.versions.join(" "),
          guestMemory: `${memoryMegabytes} MiB`,
          workloadStartNs: String(startNs),
          workloadEndNs: String(endNs),
        };
        const [disk] = await machine.qmp.execute("query-blockstats");
        await machine.quit();
        const runs = await accesses?.end();
        if (accesses !== undefined) {
          const { instructions, reads, writes, deviceAccesses } = accesses.records.totals();
          Object.assign(provenance, {
            instructions: String(instructions),
            memoryReads: String(reads),
            memoryWrites: String(writes),
            deviceAccesses: String(deviceAccesses),
          });
        }
        await mkdir(options.out, { recursive: true });
        const write = async (name: string, batches: Batches): Promise<void> => {
          await writeArrow(join(options.out, `${name}.arrow.gz`), batches, { metadata: provenance });
        };
        if (wanted.has("blocks")) {
          const { rd_operations, wr_operations, rd_bytes, wr_bytes } = disk!.stats;
          Object.assign(provenance, {
            reads: String(rd_operations),
            writes: String(wr_operations),
            readBytes: String(rd_bytes),
            writtenBytes: String(wr_bytes),
          });
          const trace = await readNvmeTrace(machine.log, (micros) => clock.guestTime(micros));
          await write("blocks", [trace.requests]);
          await write("block-pages", [trace.pages]);
        }
        for (const [name, batches] of recorder.tables) await write(name, batches);
        if (accesses !== undefined) {
          if (wanted.has("memory")) await write("memory", runs!());
          if (wanted.has("accesses")) await write("accesses", [accesses.records.raw()]);
          if (last !== undefined)
            await write("code-pages", [codeTable(accesses.records.code(), last.memory.hashes, last.blocks)]);
        }
        return provenance;
      },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The tables that come from the plugin. */
const accessTables: readonly GuestTable[] = ["memory", "accesses", "code-pages"];

/** Resolves when the recording has as many accesses as asked for. */
async function full(accesses: AccessRecorder, ended: () => boolean): Promise<void> {
  while (!accesses.full && !ended()) await sleep(50);
}

/** Takes dumps and keeps their tables. */
class DumpRecorder {
  readonly tables: Map<GuestTable, arrow.RecordBatch[]>;
  readonly #machine: Machine;
  readonly #pages: number;
  readonly #clock: GuestClock;
  readonly #stores: StoreRecorder | undefined;
  readonly #pageTable = pageTables();
  readonly #entryTable = entryTables();
  readonly #counterTable = counterRows();
  #dirtyRate: number | undefined;

  constructor(
    machine: Machine,
    wanted: ReadonlySet<GuestTable>,
    pages: number,
    clock: GuestClock,
    stores: StoreRecorder | undefined,
  ) {
    this.#machine = machine;
    this.#pages = pages;
    this.#clock = clock;
    this.#stores = stores;
    this.tables = new Map(
      (["pages", "stores", "counters", "page-tables"] as const)
        .filter((name) => wanted.has(name))
        .map((name) => [name, []]),
    );
  }

  get needed(): boolean {
    return this.tables.size > 0;
  }

  /** Has QEMU measure for a second how fast the guest dirties memory. */
  async dirtyRate(): Promise<void> {
    if (!this.tables.has("counters")) return;
    const { qmp } = this.#machine;
    await qmp.execute("calc-dirty-rate", { "calc-time": 1 });
    for (;;) {
      await sleep(100);
      const { status, "dirty-rate": rate } = await qmp.execute("query-dirty-rate");
      if (status === "measuring") continue;
      this.#dirtyRate = rate;
      return;
    }
  }

  async dump(number: number): Promise<void> {
    await this.#walk(number);
    const pages = this.tables.get("pages");
    const counters = this.tables.get("counters");
    const stores = this.tables.get("stores");
    if (pages === undefined && counters === undefined && stores === undefined) return;
    const timeNs = this.#clock.now();
    let scanned: Awaited<ReturnType<typeof this.scan>> | undefined;
    const sample = await this.#machine.sample(async () => {
      if (pages === undefined && stores === undefined) return;
      scanned = await this.scan(() => {
        if (this.#stores !== undefined) stores?.push(this.#stores.table(number, this.#clock));
      });
    });
    if (pages !== undefined && scanned !== undefined)
      pages.push(this.#pageTable(number, timeNs, scanned.memory, sample.flags, scanned.blocks));
    counters?.push(this.#counterTable(number, timeNs, sample, this.#dirtyRate));
  }

  /** The memory's pages and the disk's blocks of one moment; `stopped` runs in it. */
  async scan(
    stopped?: () => void,
  ): Promise<{ memory: Awaited<ReturnType<typeof scanPages>>; blocks: ReadonlyMap<bigint, number> }> {
    const { qmp, folder, disk } = this.#machine;
    await qmp.execute("stop");
    this.#clock.stop();
    stopped?.();
    const pipe = join(folder, `memory-${this.#clock.now()}`);
    makeFifo(pipe);
    let saved = false;
    const reading = scanPages(
      readFifo(pipe, () => saved),
      this.#pages,
    );
    await qmp
      .execute("pmemsave", { val: 0, size: this.#pages * pageBytes, filename: pipe })
      .finally(() => (saved = true));
    const memory = await reading;
    const blocks = await hashBlocks(disk);
    this.#clock.go();
    await qmp.execute("cont");
    return { memory, blocks };
  }

  /** The page tables of a process, if one can be met: the guest is stopped until it happens to be in user mode. */
  async #walk(number: number): Promise<void> {
    const into = this.tables.get("page-tables");
    if (into === undefined) return;
    const { qmp } = this.#machine;
    for (let attempt = 1; ; attempt += 1) {
      await qmp.execute("stop");
      this.#clock.stop();
      const { cr3, userMode } = registersOf(
        await qmp.execute("human-monitor-command", { "command-line": "info registers" }),
      );
      if (userMode || attempt === walkAttempts) {
        into.push(this.#entryTable(number, await entriesOf(this.#machine, cr3)));
        this.#clock.go();
        await qmp.execute("cont");
        return;
      }
      this.#clock.go();
      await qmp.execute("cont");
      await sleep(7);
    }
  }
}

/** An idle guest is hardly ever in user mode; then the kernel's own tables are taken. */
const walkAttempts = 50;

/** The page tables that a stopped guest's CR3 names. */
async function entriesOf({ qmp, folder }: Machine, cr3: bigint): Promise<PageTableEntry[]> {
  const file = join(folder, "page");
  const readPage = async (frame: number): Promise<Uint8Array> => {
    await qmp.execute("pmemsave", { val: frame * pageBytes, size: pageBytes, filename: file });
    return readFile(file);
  };
  const entries: PageTableEntry[] = [];
  for await (const entry of walkPageTables(cr3, readPage)) entries.push(entry);
  return entries;
}

/** QEMU's version; OptionError when it is not installed. */
export function qemuVersion(): string {
  const { stdout, error, status } = spawnSync("qemu-system-x86_64", ["--version"], { encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new OptionError(
      "qemu",
      "the program qemu-system-x86_64 on the path (Debian: apt-get install qemu-system-x86)",
      "none",
    );
  return /QEMU emulator version [\d.]+/.exec(stdout)?.[0] ?? "QEMU";
}

function checked(options: GuestCaptureOptions): {
  workload: (typeof workloads)[number];
  rounds: number;
  seed: number;
  memoryMegabytes: number;
  dumps: number;
  intervalSeconds: number;
  tables: readonly GuestTable[];
  limit: number;
  rawLimit: number;
} {
  const workload = workloads.find(({ name }) => name === options.workload);
  if (workload === undefined)
    throw new OptionError("workload", `one of ${workloads.map(({ name }) => name).join(", ")}`, options.workload);
  if (typeof options.out !== "string" || options.out === "") throw new OptionError("out", "a folder", options.out);
  const whole = (name: string, value: number, least: number, most: number): number => {
    if (!(Number.isSafeInteger(value) && value >= least && value <= most))
      throw new OptionError(name, `a whole number from ${least} to ${most}`, value);
    return value;
  };
  const tables = options.tables ?? (["blocks", "pages", "counters", "page-tables"] as const);
  for (const table of tables)
    if (!guestTables.includes(table)) throw new OptionError("tables", `some of ${guestTables.join(", ")}`, table);
  if (tables.includes("stores") && tables.some((name) => accessTables.includes(name)))
    throw new OptionError("tables", "stores without memory, accesses and code-pages", tables.join(","));
  if (tables.length === 0) throw new OptionError("tables", `some of ${guestTables.join(", ")}`, "none");
  const intervalSeconds = options.intervalSeconds ?? 4;
  if (!(intervalSeconds > 0 && intervalSeconds <= 3600))
    throw new OptionError("intervalSeconds", "a number of seconds above 0, at most 3600", intervalSeconds);
  return {
    workload,
    rounds: whole("rounds", options.rounds ?? workload.rounds, 1, 1_000_000),
    seed: whole("seed", options.seed ?? 1, 0, 0xffffffff),
    memoryMegabytes: whole("memoryMegabytes", options.memoryMegabytes ?? 256, 64, 2048),
    dumps: whole("dumps", options.dumps ?? 1, 1, 1000),
    intervalSeconds,
    tables,
    limit: whole("limit", options.limit ?? 100_000_000, 1, 1e12),
    rawLimit: whole("rawLimit", options.rawLimit ?? 1_000_000, 1, 50_000_000),
  };
}
