/**
 * A profiler: what its counters count, where their state is kept, and what becomes of an overflow.
 *
 * @example
 * ```ts
 * import { hostOnly, native, type Profiler } from "veelab/vm-profiling";
 *
 * const profilers: readonly Profiler[] = [native(), hostOnly()];
 * console.log(profilers.map(({ label }) => label).join()); // native,host only
 * ```
 */
export interface Profiler {
  /** Name in tables and charts. */
  readonly label: string;
  /** What tells it from others of its label; columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Whether programs run in virtual machines; otherwise exits do not happen. */
  readonly virtual: boolean;
  /** In whose execution the counters run: the guest's, the VMM's for a guest, the host's other work. */
  readonly counts: {
    /** Guest code. */
    readonly guest: boolean;
    /** The VMM's work for a guest. */
    readonly vmm: boolean;
    /** The host's scheduler, and idling that polls. */
    readonly other: boolean;
  };
  /** Whose the counters are: each virtual CPU has its own, or each processor. */
  readonly counters: "vcpu" | "pcpu";
  /** When the counters' registers are exchanged: `exit` at each exit and entry, `switch` when a processor takes up another virtual CPU. */
  readonly exchange: "exit" | "switch" | "never";
  /** Whether the exchange writes all registers, or only the control that stops the counters. */
  readonly exchanged: "registers" | "control";
  /** An overflow in the guest: an interrupt before it executes further (`at once`), or when it next enters. */
  readonly delivery: "at once" | "next entry";
  /** Who handles a sample of guest code: the guest, after an exit and an injection, or the machine's own profiler. */
  readonly handler: "guest" | "host";
  /** Whether the guest's accesses to PMU registers trap. */
  readonly trapped: boolean;
  /** What a sample of guest code is charged to. */
  readonly guestSample: "function" | "guest" | "entry" | "code cache";
  /** Whether guest code runs in the code cache of a binary translator: no processor round trips, and program counters to map. */
  readonly translated: boolean;
  /** By how much translation lengthens guest code, a whole number. */
  readonly expansion: number;
}
