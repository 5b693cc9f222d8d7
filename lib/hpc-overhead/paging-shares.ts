import { random } from "../core/random.ts";
import { checkGuest, type Guest } from "./guests.ts";
import { checkHypervisor, type Hypervisor } from "./hypervisors.ts";
import { measurePaging, type PagingRow } from "./measure-paging.ts";

/**
 * What paging costs beyond the native walks, as a share of native time.
 *
 * @example
 * ```ts
 * import type { PagingShares } from "veelab/hpc-overhead";
 * const best = ({ shadow, nested }: PagingShares): number => Math.min(shadow, nested);
 * console.log(best({ shadow: 0.1, nested: 0.02, crossoverLoadsPerS: 20 })); // 0.02
 * ```
 */
export interface PagingShares {
  /** Shadow paging that throws its tables away at each load of CR3. */
  readonly shadow: number;
  /** Nested paging. */
  readonly nested: number;
  /** Loads of CR3 a second at which both cost the same, all else equal; 0 where shadow paging never is the cheaper. */
  readonly crossoverLoadsPerS: number;
}

/**
 * What a guest's paging costs under a hypervisor, from what a walk costs on its processor ({@link measurePaging}, random pages of a
 * table of 16,384 small or 4096 large pages) and the guest's rates. Constant time, 20,000 simulated references.
 *
 * @throws OptionError for a guest or a hypervisor out of range
 *
 * @example
 * ```ts
 * import { catamount, cnl, pagingShares, palacios2009 } from "veelab/hpc-overhead";
 * for (const guest of [catamount, cnl]) {
 *   const { shadow, nested } = pagingShares(guest, palacios2009);
 *   console.log(guest.label, shadow < nested ? "shadow" : "nested"); // shadow for the first, nested for the second
 * }
 * ```
 */
export function pagingShares(guest: Guest, hypervisor: Hypervisor): PagingShares {
  checkGuest(guest);
  checkHypervisor(hypervisor);
  const { nativeWalkCycles, nestedWalkCycles, hiddenFaultCycles, loadCycles } = walksOf(guest, hypervisor);
  const { exits, processor } = hypervisor;
  const { loadsPerS, pagesPerLoad, missesPerS, tableWritesPerS } = guest;
  const loadAndRefill = loadCycles + pagesPerLoad * hiddenFaultCycles;
  const writes = tableWritesPerS * (exits.roundTripCycles + exits.handlingCycles.tableWrite);
  const nested = missesPerS * (nestedWalkCycles - nativeWalkCycles);
  return {
    shadow: (loadsPerS * loadAndRefill + writes) / processor.clockHz,
    nested: nested / processor.clockHz,
    crossoverLoadsPerS: Math.max(0, (nested - writes) / loadAndRefill),
  };
}

function walksOf({ pageSize }: Guest, { processor, exits }: Hypervisor): PagingRow {
  const [unit, tablePages] = pageSize === "4K" ? [1, 16_384] : [512, 4096];
  const stream = random("walks");
  const pages = Uint32Array.from({ length: 20_000 }, () => stream.int(tablePages) * unit);
  return measurePaging(pages, { processor, exits, pageSize, referencesPerLoad: Infinity });
}
