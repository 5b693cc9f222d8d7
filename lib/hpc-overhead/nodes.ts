import { oneOf } from "../core/options.ts";
import { checkGuest, type Guest } from "./guests.ts";
import { checkHypervisor, type Hypervisor } from "./hypervisors.ts";
import { nativeNode, type NodeCosts } from "./node.ts";
import { type Noise, quiet } from "./noise.ts";
import { apart, noiseLog } from "./noise-log.ts";
import { overlay } from "./overlay.ts";
import { pagingShares } from "./paging-shares.ts";

/**
 * How a guest's memory is virtualised; `"selected"`: by what costs it less, as the paper does by workload.
 *
 * @example
 * ```ts
 * import type { PagingChoice } from "veelab/hpc-overhead";
 * const choice: PagingChoice = "selected";
 * console.log(choice);
 * ```
 */
export type PagingChoice = "shadow" | "nested" | "selected";

/**
 * A node whose guest runs without a hypervisor: the guest's timer is its noise.
 *
 * @throws OptionError for a guest out of range
 *
 * @example
 * ```ts
 * import { catamount, nativeGuest } from "veelab/hpc-overhead";
 * console.log(nativeGuest(catamount).noise.label); // no noise
 * ```
 */
export function nativeGuest(guest: Guest): NodeCosts {
  checkGuest(guest);
  const noise = timers([{ hz: guest.tickHz, durationNs: guest.tickNs }]);
  return { ...nativeNode, label: `${guest.label}, native`, noise };
}

/**
 * A node whose guest runs on a hypervisor: exits of messages, paging, an exit more for each of the guest's ticks, the host's ticks and
 * its slices. Nodes are not synchronised, unless `coScheduled`.
 *
 * @throws OptionError for a guest or a hypervisor out of range
 *
 * @example
 * ```ts
 * import { catamount, palacios2009, virtualGuest } from "veelab/hpc-overhead";
 * const { computeFactor, receiveNs } = virtualGuest(catamount, palacios2009, "selected");
 * console.log(computeFactor < 1.01, receiveNs.toFixed(0)); // true 1818: 4000 cycles at 2.2 GHz
 * ```
 */
export function virtualGuest(
  guest: Guest,
  hypervisor: Hypervisor,
  paging: PagingChoice,
  coScheduled = false,
): NodeCosts {
  checkGuest(guest);
  checkHypervisor(hypervisor);
  oneOf("paging", paging, ["shadow", "nested", "selected"]);
  const { shadow, nested } = pagingShares(guest, hypervisor);
  const share = paging === "selected" ? Math.min(shadow, nested) : { shadow, nested }[paging];
  const { device, exits, interruptCycles, tickHz, tickCycles, sliceHz, sliceCycles } = hypervisor;
  const nsOf = (cycles: number): number => (cycles / hypervisor.processor.clockHz) * 1e9;
  const exitNs = nsOf(exits.roundTripCycles + interruptCycles);
  return {
    label: `${guest.label}, ${hypervisor.label}, ${paging}`,
    computeFactor: 1 + share,
    sendNs: device.exitsPerSend * exitNs,
    receiveNs: device.exitsPerReceive * exitNs,
    byteNs: device.copyNsPerByte,
    noise: timers(
      [
        { hz: guest.tickHz, durationNs: guest.tickNs + exitNs },
        { hz: tickHz, durationNs: nsOf(tickCycles) },
        { hz: sliceHz, durationNs: nsOf(sliceCycles) },
      ],
      coScheduled,
    ),
  };
}

function timers(list: Parameters<typeof overlay>[0], coScheduled = false): Noise {
  const log = overlay(list);
  if (log.startNs.length === 0) return quiet();
  // A second, or a little more where the last interruption ends after it.
  const spanNs = Math.max(1e9, apart(log).ends.at(-1)!);
  return noiseLog(log, { label: "timers", spanNs, coScheduled });
}
