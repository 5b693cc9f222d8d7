import { OptionError, TraceExhaustedError } from "../core/errors.ts";
import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { checkCosts, type Costs } from "./costs.ts";
import type { SwapCounts } from "./counts.ts";
import { Guest } from "./guest.ts";
import type { Mechanism, TimeParts } from "./mechanism.ts";
import type { ReclaimPolicy } from "./reclaim.ts";
import { symcallCycles } from "./price.ts";
import { batchesOf, type SwapTrace } from "./trace.ts";

/**
 * Options of {@link swap}.
 *
 * @example
 * ```ts
 * import { costs2011, exactLru, swapBypass, type SwapOptions } from "veelab/symbiotic-swap";
 * const options: SwapOptions = {
 *   frames: 64, slots: 256, mechanism: swapBypass({ cachePages: 256 }), reclaim: exactLru(), costs: costs2011,
 * };
 * console.log(options.frames);
 * ```
 */
export interface SwapOptions {
  /** M: frames for the pages of the trace, 4 KiB each. */
  readonly frames: number;
  /** S: slots of the swap device. */
  readonly slots: number;
  /** What stands between them. */
  readonly mechanism: Mechanism;
  /** Which page goes. */
  readonly reclaim: ReclaimPolicy;
  /** The prices, see {@link Costs}. */
  readonly costs: Costs;
  /** The guest loads CR3 after every so many references; never, unless given or the trace says so. */
  readonly referencesPerRootLoad?: number;
  /** Slots of the aligned group that a fault reads; 1 unless given, 8 is Linux's default. */
  readonly readAhead?: number;
  /** Whether a load of CR3 empties the shadow page table (as in Palacios, the default) or it is kept for the next time. */
  readonly shadow?: "emptied" | "kept";
}

/**
 * The result of {@link swap}: what happened and how long it took.
 *
 * @example
 * ```ts
 * import type { SwapRow } from "veelab/symbiotic-swap";
 * const faultRatio = (row: SwapRow): number => row.majorFaults / row.references;
 * console.log(faultRatio);
 * ```
 */
export type SwapRow = Readonly<SwapCounts> &
  TimeParts & {
    /** The mechanism's label. */
    readonly mechanism: string;
    /** The reclaim policy's label. */
    readonly reclaim: string;
    /** The prices' label. */
    readonly costs: string;
    /** The run's time, s. */
    readonly seconds: number;
    /** For how long in all symcalls masked interrupts, s. */
    readonly maskedS: number;
  };

const names = ["frames", "slots", "mechanism", "reclaim", "costs", "referencesPerRootLoad", "readAhead", "shadow"];

/**
 * Runs a memory trace in a guest that has fewer frames than the trace has pages and so swaps, below it a hypervisor with shadow
 * paging and one of the mechanisms, SwapBypass among them (Lange and Dinda, VEE'11, as its source has it). All pages are anonymous; one
 * processor; a transfer is waited for, reads as well as writes.
 *
 * What happens does not depend on the prices. Deterministic; constant time a reference (as the policies say), memory O(pages + slots).
 *
 * @param trace - see {@link SwapTrace}; at least one reference
 * @throws OptionError for an option or a row out of range; SimulationError when neither a frame nor a slot is left;
 *   TraceExhaustedError for a trace without references
 *
 * @example
 * ```ts
 * import { singly } from "veelab/hardware";
 * import { cachedDisk, costs2011, exactLru, swap } from "veelab/symbiotic-swap";
 * const row = await swap([singly([1, 2, 3, 1, 2, 3])], {
 *   frames: 2, slots: 8, mechanism: cachedDisk({ cachePages: 8 }), reclaim: exactLru(), costs: costs2011,
 * });
 * console.log(row.minorFaults, row.majorFaults, row.cacheHits); // 3 3 3
 * ```
 */
export async function swap(trace: SwapTrace, options: SwapOptions): Promise<SwapRow> {
  onlyOptions(options, names);
  const given = integer("frames", options.frames, { min: 1, max: 2 ** 26 });
  const slots = integer("slots", options.slots, { min: 0, max: 2 ** 28 });
  const { mechanism, reclaim, costs } = options;
  policy("mechanism", mechanism, "as swapBypass(…) gives");
  policy("reclaim", reclaim, "as exactLru() gives");
  checkCosts(costs);
  const readAhead = integer("readAhead", options.readAhead ?? 1, { min: 1, max: 512 });
  const every = options.referencesPerRootLoad ?? Infinity;
  if (every !== Infinity) integer("referencesPerRootLoad", every, { min: 1 });
  const emptied = oneOf("shadow", options.shadow ?? "emptied", ["emptied", "kept"]) === "emptied";
  const shape = mechanism.create(given, slots);
  if (readAhead > 1 && shape.frames < 4 * readAhead)
    throw new OptionError("readAhead", `1, or at most a quarter of the ${shape.frames} frames`, readAhead);
  const guest = new Guest({ ...shape, slots, reclaim, readAhead, referencesPerRootLoad: every, emptied });
  for await (const batch of batchesOf(trace)) guest.apply(batch);
  const counts = guest.end();
  if (counts.references === 0) throw new TraceExhaustedError("symbiotic-swap", "the trace has no references");
  const parts = mechanism.price(counts, costs);
  return {
    ...{ mechanism: mechanism.label, reclaim: reclaim.label, costs: costs.label },
    ...counts,
    ...parts,
    seconds: Object.values(parts).reduce((sum, part) => sum + part, 0),
    maskedS: (counts.symcalls * symcallCycles(costs)) / costs.clockHz,
  };
}

function policy(name: string, given: unknown, how: string): void {
  if (typeof given !== "object" || given === null || !("create" in given))
    throw new OptionError(name, `a plain value, ${how}`, given);
}
