import type { Table } from "apache-arrow";
import { TraceExhaustedError } from "../core/errors.ts";
import { fromRows } from "../core/table.ts";
import type { ReferenceBatch } from "../hardware/index.ts";
import type { Mode } from "./mode.ts";
import { type IntervalRow, priced } from "./structural-counts.ts";
import { Guest } from "./structural-guest.ts";
import type { Hardware } from "./structural-hardware.ts";
import { type Settings, settle, type StructuralOptions } from "./structural-options.ts";
import { betterPlans, extended, intervalsOf, nothing, type Plan } from "./structural-plan.ts";
import { batchesOf, Feed, type MemoryTrace, type Receiver } from "./structural-trace.ts";

/**
 * The summary of a structural simulation. The parts of `cycles` (`baseCycles`, `laterHitCycles`, `walkCycles`,
 * `guestFaultCycles`, `exitCycles`, `hypervisorCycles`, `switchCycles`) are disjoint and complete.
 *
 * @example
 * ```ts
 * import type { StructuralRow } from "veelab/selective-paging";
 * const overheadPct = (row: StructuralRow): number => (row.cycles / row.baseCycles - 1) * 100;
 * ```
 */
export interface StructuralRow extends IntervalRow {
  readonly [column: string]: number | string;
  /** The policy's label, or how the guest was run throughout. */
  readonly paging: string;
  /** The hardware's label. */
  readonly hardware: string;
  /** Intervals, a last incomplete one included. */
  readonly intervals: number;
  /** Time at the processor's clock frequency, s. */
  readonly seconds: number;
  /** Changes of mode. */
  readonly switches: number;
  /** Their fixed cost; what an emptied shadow costs later is in the exits. */
  readonly switchCycles: number;
  /** Share of the cycles in SP, %. */
  readonly spTimePct: number;
  /** TLB misses per 1000 instructions. */
  readonly ftlb: number;
  /** Guest page faults per 1000 instructions. */
  readonly fpf: number;
}

/**
 * The result of {@link page}.
 *
 * @example
 * ```ts
 * import type { StructuralResult } from "veelab/selective-paging";
 * const rows = (result: StructuralResult): number => result.series.intervals?.numRows ?? 0;
 * ```
 */
export interface StructuralResult {
  /** The summary. */
  readonly row: StructuralRow;
  /** The series asked for with `record`. */
  readonly series: {
    /** A row an interval: `interval`, `mode`, `switchCycles`, the counts and cycles of the summary, `ftlb`, `fpf`. */
    readonly intervals?: Table;
  };
}

/** Runs one guest, asking its policy after each interval. */
class PolicyRun implements Receiver {
  plan: Plan = nothing;
  readonly #settings: Settings;
  readonly #guest: Guest;
  #switched = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#guest = new Guest(settings, settings.start);
  }

  run(batch: ReferenceBatch, from: number, to: number): void {
    this.#guest.run(batch, from, to);
  }

  loadRoot(): void {
    this.#guest.loadRoot();
  }

  closeInterval(instructions: number, references: number): void {
    const { controller, hardware, intervalInstructions, recordIntervals } = this.#settings;
    const { mode } = this.#guest;
    const row = priced(this.#guest.take(instructions, references), this.#settings);
    this.plan = extended(this.plan, { mode, row, switched: this.#switched }, switchCost(hardware), recordIntervals);
    this.#switched = false;
    if (controller === undefined || mode === "native" || instructions < intervalInstructions) return;
    const { clockHz } = hardware.processor;
    const next = controller.next({
      mode,
      seconds: row.cycles / clockHz,
      instructions,
      tlbMisses: row.tlbMisses,
      pageFaults: row.pageFaults,
      walkS: row.walkCycles / clockHz,
      hypervisorS: (row.exitCycles + row.hypervisorCycles) / clockHz,
    });
    if (next === mode) return;
    this.#guest.changeMode(next);
    this.#switched = true;
  }
}

/** Runs the same guest under HAP and under SP, and keeps the cheaper plan. */
class OracleRun implements Receiver {
  readonly #settings: Settings;
  readonly #guests: Readonly<Record<Mode, Guest>>;
  #plans: Readonly<Record<Mode, Plan>> = { HAP: nothing, SP: nothing };

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#guests = { HAP: new Guest(settings, "HAP"), SP: new Guest(settings, "SP") };
  }

  get plan(): Plan {
    const { HAP, SP } = this.#plans;
    return SP.cycles < HAP.cycles ? SP : HAP;
  }

  run(batch: ReferenceBatch, from: number, to: number): void {
    this.#guests.HAP.run(batch, from, to);
    this.#guests.SP.run(batch, from, to);
  }

  loadRoot(): void {
    this.#guests.HAP.loadRoot();
    this.#guests.SP.loadRoot();
  }

  closeInterval(instructions: number, references: number): void {
    const row = (mode: Mode): IntervalRow => priced(this.#guests[mode].take(instructions, references), this.#settings);
    const rows = { HAP: row("HAP"), SP: row("SP") };
    this.#plans = betterPlans(this.#plans, rows, switchCost(this.#settings.hardware), this.#settings.recordIntervals);
  }
}

/**
 * Drives a memory trace through the address translation of a native system or a virtual machine (level B, the
 * structural model): set-associative TLBs, paging-structure caches, native, nested and shadow page walks, guest page
 * faults on first touches, shadow faults and other exits with the TLB flushes they bring, and changes of mode after
 * which the shadow is empty. What level A takes as prices per miss and per fault emerges here.
 *
 * The trace is divided into intervals of equally many instructions; a policy decides after each. The last one, where
 * incomplete, counts but is not judged. The trace is one address space, seen without its kernel: faults cost their
 * handler's cycles, not its references. Memory is that of the page tables touched (plus the series, when recorded),
 * whatever the trace's length; time is linear, 100 million references a second and more where runs are long.
 *
 * With `paging: "oracle"` both modes are simulated at once and the cheapest plan over the intervals is reported. Its
 * shadow is never emptied, so it is a bound.
 *
 * @param trace - see {@link MemoryTrace}
 * @throws OptionError for options out of range, and for rows with a count of 0 or a kind beyond 2
 * @throws TraceFormatError where a column is absent or of another type
 * @throws TraceExhaustedError where the trace ends before its first interval does
 * @throws SimulationError for a page beyond the guest's address space
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { page } from "veelab/selective-paging";
 *
 * // 40 rounds over 1000 pages: more than the TLB of 2011 holds.
 * const pages = Uint32Array.from({ length: 40_000 }, (_, i) => i % 1000);
 * const trace = tableFromArrays({ page: pages });
 * const options = { instructionsFrom: "references", intervalInstructions: 10_000 } as const;
 * const native = await page(trace, { ...options, paging: "native" });
 * const nested = await page(trace, { ...options, paging: "HAP" });
 * if (native.row.pageFaults !== 1000) throw new Error("each page faults at its first touch");
 * if (nested.row.walkCycles <= native.row.walkCycles) throw new Error("a nested walk reads more");
 * ```
 */
export async function page(trace: MemoryTrace, options: StructuralOptions): Promise<StructuralResult> {
  const settings = settle(options);
  const run = settings.oracle ? new OracleRun(settings) : new PolicyRun(settings);
  const feed = new Feed(settings);
  for await (const batch of batchesOf(trace)) feed.push(batch, run);
  checkWhole(feed, run.plan, settings);
  feed.end(run);
  return {
    row: summary(run.plan, settings),
    series: settings.recordIntervals ? { intervals: series(run.plan, settings) } : {},
  };
}

function checkWhole(feed: Feed, plan: Plan, { intervalInstructions }: Settings): void {
  if (plan.intervals > 0 || feed.instructions === intervalInstructions) return;
  const problem =
    feed.references === 0
      ? "the trace is empty"
      : feed.instructions === 0
        ? `the trace has no instruction fetches in ${feed.references} references (instructionsFrom: "references" counts those)`
        : `the trace ends after ${feed.instructions} instructions, the first interval needs ${intervalInstructions} (intervalInstructions sets that)`;
  throw new TraceExhaustedError("selective-paging", problem);
}

function switchCost({ exits }: Hardware): number {
  return exits.roundTripCycles + exits.modeSwitchCycles;
}

function summary(plan: Plan, settings: Settings): StructuralRow {
  const { label, hardware } = settings;
  const { sums } = plan;
  return {
    paging: label,
    hardware: hardware.label,
    intervals: plan.intervals,
    seconds: plan.cycles / hardware.processor.clockHz,
    ...sums,
    cycles: plan.cycles,
    switches: plan.switches,
    switchCycles: plan.switchCycles,
    spTimePct: (plan.shadowCycles / plan.cycles) * 100,
    ftlb: (sums.tlbMisses / sums.instructions) * 1000,
    fpf: (sums.pageFaults / sums.instructions) * 1000,
  };
}

function series(plan: Plan, { hardware }: Settings): Table {
  return fromRows(
    intervalsOf(plan).map(({ mode, row, switched }, interval) => ({
      interval,
      mode,
      switchCycles: switched ? switchCost(hardware) : 0,
      ...row,
      ftlb: row.instructions > 0 ? (row.tlbMisses / row.instructions) * 1000 : null,
      fpf: row.instructions > 0 ? (row.pageFaults / row.instructions) * 1000 : null,
    })),
  );
}
