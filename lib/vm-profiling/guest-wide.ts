import { oneOf, onlyOptions } from "../core/options.ts";
import type { Profiler } from "./profiler.ts";

/**
 * Choices of {@link guestWide}.
 *
 * @example
 * ```ts
 * import { guestWide, type GuestWideOptions } from "veelab/vm-profiling";
 *
 * const emulated: GuestWideOptions = { accounting: "CPU switch", registers: "trapped" };
 * console.log(guestWide(emulated).trapped); // true
 * ```
 */
export interface GuestWideOptions {
  /**
   * `CPU switch`: counters stop at each exit and go on at the entry, so only guest code counts. `domain switch`: they go with the virtual
   * CPU, so what the VMM does for the guest counts, and its samples land on the instruction at which the guest left.
   */
  readonly accounting: "CPU switch" | "domain switch";
  /**
   * `direct`: the guest writes PMU registers itself (KVM's mediated vPMU). `trapped`: each access exits (its emulated vPMU). `direct`
   * when not given.
   */
  readonly registers?: "direct" | "trapped";
  /**
   * What a CPU switch exchanges: all `registers`, or the `control` alone, which the processor loads with the VM's control structure
   * and which is enough when the VMM does not count. `registers` when not given.
   */
  readonly exchanged?: "registers" | "control";
}

/**
 * A profiler in a guest, with a virtual PMU; the VMM needs no profiler.
 *
 * @example
 * ```ts
 * import { guestWide } from "veelab/vm-profiling";
 *
 * console.log(guestWide({ accounting: "domain switch" }).counts.vmm); // true
 * ```
 */
export function guestWide(options: GuestWideOptions): Profiler {
  onlyOptions(options, ["accounting", "registers", "exchanged"]);
  const accounting = oneOf("accounting", options.accounting, ["CPU switch", "domain switch"]);
  const registers = oneOf("registers", options.registers ?? "direct", ["direct", "trapped"]);
  const exchanged = oneOf("exchanged", options.exchanged ?? "registers", ["registers", "control"]);
  return {
    label: `guest-wide, ${accounting}`,
    params: { registers, exchanged },
    virtual: true,
    counts: { guest: true, vmm: accounting === "domain switch", other: false },
    counters: "vcpu",
    exchange: accounting === "CPU switch" ? "exit" : "switch",
    exchanged,
    delivery: "at once",
    handler: "guest",
    trapped: registers === "trapped",
    guestSample: "function",
    translated: false,
    expansion: 1,
  };
}
