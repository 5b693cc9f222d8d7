import { oneOf, onlyOptions } from "../core/options.ts";
import type { Profiler } from "./profiler.ts";

/**
 * Choices of {@link systemWide}.
 *
 * @example
 * ```ts
 * import { systemWide, type SystemWideOptions } from "veelab/vm-profiling";
 *
 * const late: SystemWideOptions = { delivery: "next entry" };
 * console.log(systemWide(late).label); // system-wide
 * ```
 */
export interface SystemWideOptions {
  /** `at once`: injected before the guest executes further. `next entry`: the interrupt waits for the virtual CPU's next entry. `at once` when not given. */
  readonly delivery?: "at once" | "next entry";
  /** Whether a guest's profiler interprets its samples; otherwise the VMM knows the guest and no more. True when not given. */
  readonly delegate?: boolean;
}

/**
 * Profilers in the VMM and in the guests: counters run always, an overflow in a guest is injected there, one in the VMM is the VMM's.
 *
 * @example
 * ```ts
 * import { systemWide } from "veelab/vm-profiling";
 *
 * console.log(systemWide({ delegate: false }).guestSample); // guest
 * ```
 */
export function systemWide(options: SystemWideOptions = {}): Profiler {
  onlyOptions(options, ["delivery", "delegate"]);
  const delivery = oneOf("delivery", options.delivery ?? "at once", ["at once", "next entry"]);
  const delegate = oneOf("delegate", options.delegate ?? true, [true, false]);
  return {
    label: "system-wide",
    params: { delivery, delegate },
    virtual: true,
    counts: { guest: true, vmm: true, other: true },
    counters: "pcpu",
    exchange: "never",
    exchanged: "registers",
    delivery,
    handler: delegate ? "guest" : "host",
    trapped: false,
    guestSample: delegate ? "function" : "guest",
    translated: false,
    expansion: 1,
  };
}
