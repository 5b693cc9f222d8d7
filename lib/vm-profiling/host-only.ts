import type { Profiler } from "./profiler.ts";

/**
 * The host's profiler alone, as if there were no guests: a sample of a guest is a sample of the instruction that enters it, so all of its
 * work is one function, `vmx_vcpu_run`.
 *
 * @example
 * ```ts
 * import { hostOnly } from "veelab/vm-profiling";
 *
 * console.log(hostOnly().guestSample); // entry
 * ```
 */
export function hostOnly(): Profiler {
  return {
    label: "host only",
    params: {},
    virtual: true,
    counts: { guest: true, vmm: true, other: true },
    counters: "pcpu",
    exchange: "never",
    exchanged: "registers",
    delivery: "at once",
    handler: "host",
    trapped: false,
    guestSample: "entry",
    translated: false,
    expansion: 1,
  };
}
