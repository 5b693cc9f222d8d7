import type { Costs } from "./costs.ts";
import { diskPageS } from "./costs.ts";
import type { SwapCounts } from "./counts.ts";
import type { TimeParts } from "./mechanism.ts";

/** A guest that swaps to a device: what the hypervisor's cache answers costs the same exits as the disk. */
export function guestSwapParts(counts: SwapCounts, costs: Costs): TimeParts {
  const { exits } = costs;
  const x = exits.roundTripCycles;
  const seconds = (cycles: number): number => cycles / costs.clockHz;
  const requests = counts.pagesIn + counts.pagesOut;
  return {
    ...sharedParts(counts, costs),
    guestS: seconds(
      counts.minorFaults * (x + exits.handlingCycles.guestFault + costs.minorFaultCycles) +
        counts.majorFaults * (x + exits.handlingCycles.guestFault + costs.majorFaultCycles) +
        (counts.pagesOut + counts.cleanEvictions) * costs.reclaimCycles,
    ),
    transferS: seconds(requests * (costs.requestExits * (x + costs.requestExitCycles) + costs.copyCycles)),
    symcallS: seconds(counts.symcalls * symcallCycles(costs) + counts.bypassed * bypassCycles(costs)),
  };
}

/** What does not depend on who swaps. */
export function sharedParts(counts: SwapCounts, costs: Costs): Pick<TimeParts, "computeS" | "shadowS" | "diskS"> {
  const { exits } = costs;
  const x = exits.roundTripCycles;
  return {
    computeS: counts.references * costs.referenceNs * 1e-9,
    shadowS:
      (counts.hiddenFaults * (x + exits.handlingCycles.hiddenFault) +
        counts.dirtyFaults * (x + exits.handlingCycles.dirtyFault) +
        counts.rootLoads * (x + exits.handlingCycles.rootLoad) +
        counts.invalidations * (x + costs.invalidateCycles)) /
      costs.clockHz,
    diskS: (counts.diskReads + counts.diskWrites) * diskPageS(costs.disk),
  };
}

/** A symcall: an entry and an exit more, what its handler does, and its own exits. */
export const symcallCycles = ({ exits, symcallCycles: own, lookUpCycles, lookUpExits }: Costs): number =>
  exits.roundTripCycles * (1 + lookUpExits) + own + lookUpCycles;

/** Around the symcall of a page that is mapped: the fault's exit, the walk that it takes, the note. */
export const bypassCycles = ({ exits, noteCycles }: Costs): number =>
  exits.roundTripCycles + exits.handlingCycles.hiddenFault + noteCycles;
