import type { Vcpu } from "./vcpu.ts";

/** A processor, and what it will do next. */
export class Pcpu {
  readonly index: number;
  now = 0;
  vcpu: Vcpu | undefined;
  last: Vcpu | undefined;
  /** Cycles that are left of taking up the virtual CPU; −1 when it has been taken up. */
  switching = -1;
  /** Whether the slice begins when the guest does. */
  fresh = true;
  sliceEnd = 0;
  /** The plan: where it executes, in which set it counts (−1: in none), for how long, and what then. */
  place = 0;
  set = -1;
  cycles = 0;
  kind = 0;
  next = 0;

  constructor(index: number) {
    this.index = index;
  }
}
