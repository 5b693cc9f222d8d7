import { type CodeCache, codeCache } from "./code-cache.ts";
import type { MachineParts } from "./machine-parts.ts";
import { INSTRUCTION_BYTES } from "./places.ts";
import { lowest } from "./pmu.ts";
import type { Vcpu } from "./vcpu.ts";

/** The code cache lies far from guest code, as any address of the host does. */
const CACHE_BASE = 0x7f00_0000_0000;

/** What the handlers of the PMU's interrupts record. */
export class Sampler {
  /** Samples, by counter and place. */
  readonly samples: Float64Array;
  /** Interrupts of the PMU that were handled; one may bring samples of several counters. */
  interrupts = 0;
  readonly #parts: MachineParts;
  readonly #placeCount: number;
  readonly #cache: CodeCache = codeCache(CACHE_BASE);

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#placeCount = parts.places.all.length;
    this.samples = new Float64Array(parts.pmu.count * this.#placeCount);
  }

  /** A sample of the guest, where it is or where it left. */
  guest(now: number, vcpu: Vcpu, counters: number): void {
    const { places, profiler } = this.#parts;
    const { base, instructions } = places.all[vcpu.place]!;
    const pc = base + INSTRUCTION_BYTES * (Math.floor(vcpu.done / profiler.expansion) % instructions);
    switch (profiler.guestSample) {
      case "function":
        if (profiler.translated) {
          const guestPc = this.#cache.toGuest(this.#cachePc(vcpu, pc));
          this.record(now, counters, places.at(guestPc), guestPc);
        } else this.record(now, counters, vcpu.place, pc);
        return;
      case "guest":
        this.record(now, counters, places.unresolved[vcpu.guest]!, pc);
        return;
      case "entry":
        this.record(now, counters, places.entry, places.all[places.entry]!.base);
        return;
      case "code cache":
        this.record(now, counters, places.codeCache, this.#cachePc(vcpu, pc));
    }
  }

  /** Where the processor is in the code cache while a guest is at an instruction; its function is translated when it is first met. */
  #cachePc(vcpu: Vcpu, guestPc: number): number {
    const { places, profiler } = this.#parts;
    const { base, instructions } = places.all[vcpu.place]!;
    if (this.#cache.toCache(base) === undefined) {
      const lengths = Array.from({ length: instructions }, () => INSTRUCTION_BYTES);
      this.#cache.translate(
        base,
        lengths,
        lengths.map((length) => length * profiler.expansion),
      );
    }
    return this.#cache.toCache(guestPc)! + INSTRUCTION_BYTES * (vcpu.done % profiler.expansion);
  }

  /** A sample of these counters at a place, by the address of an instruction. */
  record(now: number, counters: number, place: number, pc: number): void {
    const { log } = this.#parts;
    this.interrupts += 1;
    for (let left = counters; left !== 0; left &= left - 1) {
      const counter = lowest(left);
      this.samples[counter * this.#placeCount + place]! += 1;
      log?.add(now, counter, place, pc);
    }
  }
}
