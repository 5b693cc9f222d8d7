import type * as arrow from "apache-arrow";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pageBytes } from "../../formats/page.ts";
import { makeFifo, readFifo } from "../fifo.ts";
import { counterRows } from "./counters.ts";
import { GuestClock } from "./guest-clock.ts";
import type { Machine } from "./machine.ts";
import { hashBlocks, pageTables, scanPages } from "./page-scan.ts";
import { StoreRecorder } from "./store-recorder.ts";
import { entryTables, type PageTableEntry, registersOf, walkPageTables } from "./page-tables.ts";
import type { GuestTable } from "./guest-options.ts";

/** Takes dumps and keeps their tables. */
export class DumpRecorder {
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
