import type { Profiler } from "./profiler.ts";

/**
 * The programs without a virtual machine under a profiler of the operating system: what the others are compared with.
 *
 * @example
 * ```ts
 * import { native } from "veelab/vm-profiling";
 *
 * console.log(native().virtual); // false
 * ```
 */
export function native(): Profiler {
  return {
    label: "native",
    params: {},
    virtual: false,
    counts: { guest: true, vmm: false, other: false },
    counters: "pcpu",
    exchange: "never",
    exchanged: "registers",
    delivery: "at once",
    handler: "host",
    trapped: false,
    guestSample: "function",
    translated: false,
    expansion: 1,
  };
}
