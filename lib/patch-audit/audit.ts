import type { Table } from "apache-arrow";
import { OptionError, SimulationError, TraceExhaustedError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions, positive } from "../core/options.ts";
import { Candidates, type Module } from "./candidates.ts";
import { type AuditCosts, checkCosts } from "./costs.ts";
import type { Database } from "./database.ts";
import { batchesOf, type EventBatch, eventKinds, type Events, none } from "./events.ts";
import { findingsTable, usesTable } from "./findings.ts";
import { GuestPages, Rights, unknownCode } from "./page-states.ts";
import { type FileUse, Uses } from "./uses.ts";

/**
 * Options of {@link audit}.
 *
 * @example
 * ```ts
 * import { audit2011, type AuditOptions } from "veelab/patch-audit";
 * const options: AuditOptions = { costs: audit2011, refreshS: 10, flow: { copies: 0 }, record: ["findings"] };
 * console.log(options.refreshS); // 10
 * ```
 */
export interface AuditOptions {
  /** The prices, see {@link audit2011}. */
  readonly costs: AuditCosts;
  /**
   * Whose right it is to execute a page: the guest `page`'s, as with nested paging, where the second address space that executes a
   * shared page causes no fault; or a page's in one address `space`, as with shadow paging. `page` when not given.
   */
  readonly rights?: "page" | "space";
  /** How often executable pages are made NX again, to learn what still executes, s; never when not given. */
  readonly refreshS?: number;
  /**
   * Follows the data of outdated files without code: reads of the pages that the disk filled, and of copies of these, up
   * to `copies` away (0: none). Not followed when not given.
   */
  readonly flow?: {
    /** How many copies away data is followed. */
    readonly copies: number;
  };
  /** Series to keep. */
  readonly record?: readonly ("findings" | "uses")[];
}

/**
 * What an audit took and found.
 *
 * @example
 * ```ts
 * import type { AuditRow } from "veelab/patch-audit";
 * const isBelow = ({ overheadPct }: AuditRow): boolean => overheadPct < 4;
 * console.log(typeof isBelow);
 * ```
 */
export type AuditRow = {
  /** The costs' label. */
  readonly costs: string;
  /** Events. */
  readonly events: number;
  /** From the first event to the last, s. */
  readonly seconds: number;
  /** Faults of pages that were executed unidentified or dirty: each hashes the page and looks it up. */
  readonly execFaults: number;
  /** Of these, those whose page was not in the database. */
  readonly unknownFaults: number;
  /** Faults of an address space that executes a page which another one has executed: with rights of address spaces; nothing is hashed. */
  readonly sharedFaults: number;
  /** Faults of writes to executable pages. */
  readonly writeFaults: number;
  /** Faults of pages that execute again after a refresh. */
  readonly refreshFaults: number;
  /** Blocks of files without code that came from the disk and were hashed. */
  readonly loads: number;
  /** Faults of reads of followed data. */
  readonly flowReads: number;
  /** Time of all this, s. */
  readonly auditS: number;
  /** The same as a share of the guest's time, %. */
  readonly overheadPct: number;
  /** Programs and libraries found to execute, an address space each. */
  readonly modules: number;
  /** Of these, those with one candidate left. */
  readonly identified: number;
  /** Of the modules, those of which all candidates are outdated. */
  readonly unpatched: number;
  /** Of the modules, those with outdated candidates and others. */
  readonly ambiguous: number;
  /** Outdated files without code that a program read for which they matter, an address space each. */
  readonly vulnerableUses: number;
};

/**
 * The result of {@link audit}.
 *
 * @example
 * ```ts
 * import type { AuditResult } from "veelab/patch-audit";
 * const rows = ({ series }: AuditResult): number => series.findings?.numRows ?? 0;
 * console.log(typeof rows);
 * ```
 */
export interface AuditResult {
  /** The summary. */
  readonly row: AuditRow;
  /** What executes. */
  readonly modules: readonly Module[];
  /** Who has read which outdated file without code. */
  readonly uses: readonly FileUse[];
  /** The series asked for with `record`. */
  readonly series: {
    /** A row a module: `space`, `verdict`, `package`, `version`, `file` (null where candidates differ), `candidates`, `pages`, `firstNs`, `lastNs`, `identifiedNs`, `unpatchedNs`. */
    readonly findings?: Table;
    /** A row a file and space: `space`, `package`, `version`, `file`, `vulnerable`, `reads`, `copies`, `firstNs`. */
    readonly uses?: Table;
  };
}

const [exec, write, load, read] = ["exec", "write", "load", "read"].map((name) =>
  eventKinds.indexOf(name as (typeof eventKinds)[number]),
) as [number, number, number, number];

class Auditor {
  events = 0;
  firstNs = NaN;
  lastNs = NaN;
  execFaults = 0;
  unknownFaults = 0;
  sharedFaults = 0;
  writeFaults = 0;
  refreshFaults = 0;
  loads = 0;
  flowReads = 0;
  readonly candidates: Candidates;
  readonly uses: Uses;
  readonly #database: Database;
  readonly #pages = new GuestPages();
  readonly #rights: Rights;
  readonly #refreshNs: number;
  readonly #mostCopies: number;
  #epoch = 0;
  #nextRefreshNs = Infinity;

  constructor(database: Database, { rights = "page", refreshS, flow }: AuditOptions) {
    this.#database = database;
    this.#rights = new Rights(rights);
    this.candidates = new Candidates(database);
    this.uses = new Uses(database);
    this.#refreshNs = refreshS === undefined ? Infinity : refreshS * 1e9;
    this.#mostCopies = flow?.copies ?? -1;
  }

  run({ timeNs, kind, space, page: pages, virtualPage, hash, to, file }: EventBatch): void {
    const rows = timeNs.length;
    if (rows === 0) return;
    if (this.events === 0) {
      this.firstNs = this.lastNs = timeNs[0]!;
      this.#nextRefreshNs = this.firstNs + this.#refreshNs;
    }
    const known = this.#pages;
    const rights = this.#rights;
    let highest = 0;
    for (let row = 0; row < rows; row += 1) if (pages[row]! > highest) highest = pages[row]!;
    known.reach(highest);
    for (let row = 0; row < rows; row += 1) {
      const now = timeNs[row]!;
      if (!(now >= this.lastNs)) throw this.#fault(row, `expected times in order, got ${now} after ${this.lastNs}`);
      this.lastNs = now;
      if (now >= this.#nextRefreshNs) this.#refresh(now);
      const page = pages[row]!;
      const of = kind[row]!;
      if (of === exec) {
        const place = rights.place(page, space[row]!);
        // The common case: nothing that the hypervisor sees.
        if (rights.version[place] === known.version[page] && rights.epoch[place] === this.#epoch) continue;
        this.#execute(page, place, space[row]!, virtualPage[row]!, hash[2 * row]!, hash[2 * row + 1]!, now);
      } else if (of === write) {
        if (known.isExecutable[page] === 0) continue;
        this.writeFaults += 1;
        this.#forget(page);
      } else if (of === load) this.#load(page, file[row]!, row);
      else if (of === read) {
        if (known.taint[page] !== 0) this.#read(page, space[row]!, to[row]!, now);
      } else throw this.#fault(row, `expected a kind from 0 to ${eventKinds.length - 1}, got ${of}`);
    }
    this.events += rows;
  }

  #execute(
    page: number,
    place: number,
    space: number,
    virtualPage: number,
    low: number,
    high: number,
    now: number,
  ): void {
    const known = this.#pages;
    const { version, epoch, module } = this.#rights;
    epoch[place] = this.#epoch;
    if (version[place] === known.version[page]) {
      // Write-protected all the time: the same content.
      this.refreshFaults += 1;
      const of = module[place]!;
      if (of !== unknownCode) this.candidates.modules[of]!.lastNs = now;
      return;
    }
    version[place] = known.version[page]!;
    if (known.isExecutable[page] === 1) this.sharedFaults += 1;
    else {
      this.execFaults += 1;
      known.isExecutable[page] = 1;
      const id = this.#database.pageId(low, high);
      if (id < 0) this.unknownFaults += 1;
      known.id[page] = id < 0 ? unknownCode : id;
    }
    const id = known.id[page]!;
    module[place] = id === unknownCode ? unknownCode : this.candidates.observe(space, virtualPage, id, now);
  }

  #forget(page: number): void {
    this.#pages.isExecutable[page] = 0;
    this.#pages.version[page]! += 1;
  }

  #load(page: number, file: number, row: number): void {
    // The hypervisor does the transfer: no fault, and the page's old content is gone.
    const { isExecutable, taint, copies } = this.#pages;
    if (isExecutable[page] === 1) this.#forget(page);
    if (this.#mostCopies < 0) return;
    if (file !== none && file >= this.#database.files.length)
      throw this.#fault(row, `expected a file of the database's ${this.#database.files.length}, got ${file}`);
    this.loads += 1;
    taint[page] = file !== none && this.#database.files[file]!.outdated ? file + 1 : 0;
    copies[page] = 0;
  }

  #read(page: number, space: number, to: number, now: number): void {
    const pages = this.#pages;
    const file = pages.taint[page]! - 1;
    const away = pages.copies[page]!;
    this.flowReads += 1;
    this.uses.add(space, file, away, now);
    if (to === none || away >= this.#mostCopies) return;
    pages.reach(to);
    pages.taint[to] = file + 1;
    pages.copies[to] = away + 1;
  }

  #refresh(now: number): void {
    const periods = Math.floor((now - this.#nextRefreshNs) / this.#refreshNs) + 1;
    this.#nextRefreshNs += periods * this.#refreshNs;
    // Pages of an earlier epoch are NX: no page is visited.
    this.#epoch += 1;
  }

  #fault(row: number, problem: string): SimulationError {
    return new SimulationError("patch-audit", `event ${this.events + row}: ${problem}`);
  }
}

/**
 * Audits a guest from what its hypervisor can see, as P2 does (Litty and Lie, VEE'11; states after Patagonix, USENIX Security'08): a page that
 * executes for the first time, or again after it was written, is hashed and looked up; it is then executable and
 * write-protected, and costs nothing until it is written or a refresh makes it NX again. Binaries are identified by
 * candidate sets, so an audit may begin in the middle of a guest's life.
 *
 * The events' times are the guest's without an auditor. Deterministic. Constant time for an event that does not fault; memory
 * for a few small numbers a guest page (and, with rights of address spaces, a page in each). A stream of events may be larger than memory.
 *
 * @param events - what the guest does, in order of time
 * @param database - what is looked up, see `database`
 * @throws OptionError for an option out of range
 * @throws SimulationError for events out of order, of an unknown kind or file
 * @throws TraceExhaustedError for events that span no time, whose overhead would be a division by zero
 *
 * @example
 * ```ts
 * import { audit, audit2011, database, generateEvents } from "veelab/patch-audit";
 * const of = { package: "libdemo", file: "usr/lib/libdemo.so", addressPages: [1, 2] };
 * const known = database([
 *   { ...of, version: "1.0-1", release: "old", hashes: [0x11n, 0x22n] },
 *   { ...of, version: "1.0-2", release: "new", hashes: [0x11n, 0x33n] },
 * ]);
 * const { row } = await audit(generateEvents(known, { seed: 1, spaces: 1, modulesPerSpace: 1, outdatedShare: 1 }), known, { costs: audit2011 });
 * console.log(row.unpatched); // 1
 * ```
 */
export async function audit(events: Events, database: Database, options: AuditOptions): Promise<AuditResult> {
  onlyOptions(options, ["costs", "rights", "refreshS", "flow", "record"]);
  const { costs, rights, refreshS, flow, record = [] } = options;
  checkCosts(costs);
  if (rights !== undefined) oneOf("rights", rights, ["page", "space"]);
  if (refreshS !== undefined) positive("refreshS", refreshS);
  if (flow !== undefined) {
    onlyOptions(flow, ["copies"], "flow");
    integer("flow.copies", flow.copies, { min: 0, max: 255 });
  }
  for (const name of record as readonly string[])
    if (name !== "findings" && name !== "uses") throw new OptionError("record", "some of findings, uses", name);
  const auditor = new Auditor(database, options);
  for await (const batch of batchesOf(events)) auditor.run(batch);
  const { execFaults, unknownFaults, sharedFaults, writeFaults, refreshFaults, loads, flowReads, candidates } = auditor;
  const seconds = (auditor.lastNs - auditor.firstNs) * 1e-9;
  if (!(seconds > 0))
    throw new TraceExhaustedError("patch-audit", `expected events that span some time, got ${auditor.events} events`);
  const { exitUs, hashUs, lookupUs, rehashUs } = costs;
  const auditS =
    1e-6 *
    (execFaults * (exitUs + hashUs + lookupUs) +
      sharedFaults * (exitUs + lookupUs) +
      writeFaults * exitUs +
      refreshFaults * (exitUs + rehashUs) +
      loads * (hashUs + lookupUs) +
      flowReads * (exitUs + lookupUs));
  const { modules } = candidates;
  const uses = auditor.uses.end(candidates);
  const outdated = (binary: number): boolean => database.binaries[binary]!.outdated;
  const unpatched = modules.filter(({ unpatchedNs }) => !Number.isNaN(unpatchedNs)).length;
  return {
    row: {
      costs: costs.label,
      events: auditor.events,
      seconds,
      ...{ execFaults, unknownFaults, sharedFaults, writeFaults, refreshFaults, loads, flowReads, auditS },
      overheadPct: (100 * auditS) / seconds,
      modules: modules.length,
      identified: modules.filter(({ binaries }) => binaries.length === 1).length,
      unpatched,
      ambiguous: modules.filter(({ binaries }) => binaries.some(outdated)).length - unpatched,
      vulnerableUses: uses.filter(({ vulnerable }) => vulnerable).length,
    },
    modules,
    uses,
    series: {
      ...(record.includes("findings") ? { findings: findingsTable(modules, database) } : {}),
      ...(record.includes("uses") ? { uses: usesTable(uses, database) } : {}),
    },
  };
}
