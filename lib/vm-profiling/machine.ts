import type { MachineParts } from "./machine-parts.ts";
import { Pcpu } from "./pcpu.ts";
import { Sampler } from "./sampler.ts";
import { pricesOf, type Prices } from "./prices.ts";
import { ENTERING, EXITING, GUEST, HANDLING, type Vcpu } from "./vcpu.ts";

/** What ends a stretch of execution in which nothing changes; the number is a plan's `kind`. */
const END = 0;
const SLICE_END = 1;
const OVERFLOW = 2;
const DELIVERY = 3;
const ROTATION = 4;
const NEED = 5;

/** Processors that execute virtual CPUs, event after event. */
export class Machine {
  /** Cycles, by place. */
  readonly cycles: Float64Array;
  readonly sampler: Sampler;
  profilerCycles = 0;
  exits = 0;
  switches = 0;
  rotations = 0;
  /** Changes of state, of whatever kind. */
  events = 0;
  readonly prices: Prices;
  readonly #parts: MachineParts;
  readonly #pcpus: readonly Pcpu[];
  readonly #ready: Vcpu[] = [];
  readonly #perVcpu: boolean;
  #alive: number;
  /** When the last one ended that has ended. */
  #ended = 0;
  #wakeAt = Infinity;
  #now = 0;

  constructor(parts: MachineParts) {
    const { places, vcpus, pmu, profiler, costs } = parts;
    this.#parts = parts;
    this.cycles = new Float64Array(places.all.length);
    this.sampler = new Sampler(parts);
    this.prices = pricesOf(profiler, costs, pmu.active);
    this.#perVcpu = profiler.counters === "vcpu";
    this.#alive = vcpus.length;
    this.#pcpus = Array.from({ length: parts.pcpus }, (_, index) => new Pcpu(index));
    vcpus.forEach((vcpu, index) => {
      const pcpu = this.#pcpus[index];
      if (pcpu === undefined) this.#ready.push(vcpu);
      else pcpu.vcpu = vcpu;
    });
    for (const pcpu of this.#pcpus) {
      this.#startSlice(pcpu);
      this.#plan(pcpu);
    }
  }

  /** Runs until a virtual CPU needs segments, which it gives, or all have ended. */
  run(): Vcpu | undefined {
    while (this.#alive > 0) {
      let pcpu = this.#pcpus[0]!;
      let horizon = this.#wakeAt;
      for (let i = 1; i < this.#pcpus.length; i += 1) {
        const other = this.#pcpus[i]!;
        if (other.next < pcpu.next) {
          horizon = Math.min(horizon, pcpu.next);
          pcpu = other;
        } else horizon = Math.min(horizon, other.next);
      }
      if (this.#wakeAt <= pcpu.next) {
        this.#wake();
        continue;
      }
      // As long as nothing else comes before, the same processor goes on without a search.
      do {
        if (pcpu.kind === NEED && !pcpu.vcpu!.ended) {
          const vcpu = pcpu.vcpu!;
          if (!vcpu.take()) return vcpu;
        } else if (this.#commit(pcpu)) break;
        this.#plan(pcpu);
      } while (pcpu.next < horizon);
    }
    return undefined;
  }

  /** Brings all processors to the time when the last virtual CPU ended, and drops interrupts that are still on their way. */
  finish(): number {
    const endCycles = this.#ended;
    // No processor has anything to do before: the earliest always goes on first. A handler of a sample that was taken before the end may go on
    // beyond it.
    for (const pcpu of this.#pcpus) this.#elapse(pcpu, Math.max(0, endCycles - pcpu.now));
    const { pmu } = this.#parts;
    for (const waiting of [pmu.held, pmu.skidding]) for (const counters of waiting) pmu.lost += bits(counters);
    return endCycles;
  }

  /** Finds what ends the execution that a processor is in. */
  #plan(pcpu: Pcpu): void {
    const { places, pmu, profiler } = this.#parts;
    const { counts } = profiler;
    const vcpu = pcpu.vcpu;
    let counting = counts.other;
    let kind = END;
    let cycles: number;
    if (vcpu === undefined) {
      pcpu.place = places.idle;
      cycles = Infinity;
      counting &&= places.polls;
    } else if (pcpu.switching >= 0) {
      pcpu.place = places.scheduler;
      cycles = pcpu.switching;
    } else if (vcpu.phase === GUEST) {
      if (vcpu.due && !vcpu.take()) {
        pcpu.kind = NEED;
        pcpu.set = -1;
        pcpu.cycles = 0;
        pcpu.next = pcpu.now;
        return;
      }
      pcpu.place = vcpu.place;
      cycles = vcpu.left;
      counting = counts.guest;
      if (this.#ready.length > 0) {
        const slice = Math.max(pcpu.sliceEnd, this.#now) - pcpu.now;
        if (slice < cycles) {
          cycles = Math.max(0, slice);
          kind = SLICE_END;
        }
      }
    } else {
      pcpu.place = vcpu.vmmPlace;
      cycles = vcpu.vmmLeft;
      counting = counts.vmm;
    }
    pcpu.set = -1;
    if (counting) {
      const set = this.#perVcpu ? vcpu!.index : pcpu.index;
      pcpu.set = set;
      const overflow = pmu.untilOverflow(set, pcpu.place, cycles);
      if (overflow <= cycles) {
        cycles = overflow;
        kind = OVERFLOW;
      }
      if (pmu.skidLeft[set]! < cycles) {
        cycles = pmu.skidLeft[set]!;
        kind = DELIVERY;
      }
      if (pmu.rotateLeft[set]! < cycles) {
        cycles = pmu.rotateLeft[set]!;
        kind = ROTATION;
      }
    }
    pcpu.kind = kind;
    pcpu.cycles = cycles;
    pcpu.next = pcpu.now + cycles;
  }

  /** Lets a processor execute what it is in for so long. */
  #elapse(pcpu: Pcpu, cycles: number): void {
    const { place, set, vcpu } = pcpu;
    this.cycles[place]! += cycles;
    pcpu.now += cycles;
    if (vcpu !== undefined) {
      if (pcpu.switching >= 0) pcpu.switching -= cycles;
      else if (vcpu.phase === GUEST) {
        vcpu.left -= cycles;
        vcpu.done += cycles;
      } else vcpu.vmmLeft -= cycles;
    }
    if (set < 0) return;
    const overflowed = this.#parts.pmu.advance(set, place, cycles);
    if (overflowed !== 0) this.#overflow(pcpu, overflowed);
  }

  /** Does what was planned; true where other processors' plans may have changed. */
  #commit(pcpu: Pcpu): boolean {
    this.events += 1;
    this.#now = pcpu.next;
    const { kind, set } = pcpu;
    if (kind !== NEED) this.#elapse(pcpu, pcpu.cycles);
    const vcpu = pcpu.vcpu;
    if (kind === OVERFLOW) return false;
    if (kind === DELIVERY) {
      this.#deliverSkidding(pcpu);
      return false;
    }
    if (kind === ROTATION) {
      this.#parts.pmu.rotate(set);
      this.rotations += 1;
      this.#spend(pcpu, this.prices.rotation);
      return false;
    }
    if (kind === NEED) {
      this.#alive -= 1;
      this.#ended = pcpu.now;
      return this.#pick(pcpu);
    }
    if (kind === SLICE_END) return this.#preempt(pcpu, vcpu!);
    if (pcpu.switching >= 0) {
      pcpu.switching = -1;
      if (vcpu!.phase === GUEST) this.#startSlice(pcpu);
      return false;
    }
    return this.#step(pcpu, vcpu!);
  }

  /** The end of a segment, or of a step of an exit. */
  #step(pcpu: Pcpu, vcpu: Vcpu): boolean {
    const { places, profiler, blockCycles, handlingCycles } = this.#parts;
    const { phase, reason } = vcpu;
    if (phase === GUEST) {
      vcpu.due = true;
      if (vcpu.exit === 0) return false;
      vcpu.reason = vcpu.exit - 1;
      if (profiler.virtual) {
        this.#leave(pcpu, vcpu);
        return false;
      }
      return blockCycles[vcpu.reason]! > 0 && this.#block(pcpu, vcpu);
    }
    if (phase === EXITING) {
      vcpu.phase = HANDLING;
      vcpu.vmmPlace = reason < 0 ? places.preemption : places.ofExit[reason]!;
      vcpu.vmmLeft = reason < 0 ? this.prices.interrupt : handlingCycles[reason]!;
      return false;
    }
    if (phase === HANDLING) {
      vcpu.phase = ENTERING;
      vcpu.vmmPlace = places.entry;
      vcpu.vmmLeft = this.prices.enter;
      if (reason >= 0 && blockCycles[reason]! > 0) return this.#block(pcpu, vcpu);
      if (this.#ready.length > 0 && pcpu.now >= pcpu.sliceEnd) {
        this.#ready.push(vcpu);
        return this.#pick(pcpu);
      }
      return false;
    }
    vcpu.phase = GUEST;
    this.#spend(pcpu, this.prices.enterExchange);
    this.#deliverHeld(pcpu, vcpu);
    if (pcpu.fresh) this.#startSlice(pcpu);
    return false;
  }

  #startSlice(pcpu: Pcpu): void {
    pcpu.fresh = false;
    pcpu.sliceEnd = pcpu.now + this.#parts.sliceCycles;
  }

  /** A virtual CPU leaves its guest. */
  #leave(pcpu: Pcpu, vcpu: Vcpu): void {
    this.exits += 1;
    vcpu.phase = EXITING;
    vcpu.vmmPlace = this.#parts.places.entry;
    vcpu.vmmLeft = this.prices.exit;
    this.#spend(pcpu, this.prices.exitExchange);
    if (this.#perVcpu) this.#parts.pmu.hold(vcpu.index);
  }

  #preempt(pcpu: Pcpu, vcpu: Vcpu): boolean {
    if (this.#parts.profiler.virtual) {
      vcpu.reason = -1;
      this.#leave(pcpu, vcpu);
      return false;
    }
    this.#ready.push(vcpu);
    return this.#pick(pcpu);
  }

  #block(pcpu: Pcpu, vcpu: Vcpu): boolean {
    vcpu.wakeAt = pcpu.now + this.#parts.blockCycles[vcpu.reason]!;
    this.#wakeAt = Math.min(this.#wakeAt, vcpu.wakeAt);
    return this.#pick(pcpu);
  }

  /** A processor takes up the next virtual CPU that is ready, or idles. */
  #pick(pcpu: Pcpu): boolean {
    pcpu.last = pcpu.vcpu;
    pcpu.vcpu = undefined;
    const next = this.#ready.shift();
    if (next !== undefined) this.#take(pcpu, next);
    this.#plan(pcpu);
    // Another may be ready now, or none: slices of other processors end, or do not.
    for (const other of this.#pcpus) if (other !== pcpu && other.kind !== NEED) this.#plan(other);
    return true;
  }

  #take(pcpu: Pcpu, vcpu: Vcpu): void {
    pcpu.vcpu = vcpu;
    pcpu.fresh = true;
    if (pcpu.last !== vcpu) {
      this.switches += 1;
      pcpu.switching = this.prices.switch;
      this.#spend(pcpu, this.prices.switchExchange);
    } else if (vcpu.phase === GUEST) this.#startSlice(pcpu);
  }

  /** Wakes the virtual CPU that waits for now. */
  #wake(): void {
    const { vcpus } = this.#parts;
    const at = this.#wakeAt;
    this.events += 1;
    this.#now = at;
    const vcpu = vcpus.find(({ wakeAt }) => wakeAt === at)!;
    vcpu.wakeAt = Infinity;
    this.#wakeAt = Infinity;
    for (const { wakeAt } of vcpus) this.#wakeAt = Math.min(this.#wakeAt, wakeAt);
    const idle = this.#pcpus.filter((pcpu) => pcpu.vcpu === undefined);
    const pcpu = idle.find(({ last }) => last === vcpu) ?? idle[0];
    if (pcpu === undefined) this.#ready.push(vcpu);
    else {
      // Profiling may have taken an idle processor beyond this time.
      this.#elapse(pcpu, Math.max(0, at - pcpu.now));
      this.#take(pcpu, vcpu);
    }
    for (const other of this.#pcpus) if (other.kind !== NEED) this.#plan(other);
  }

  #spend(pcpu: Pcpu, cycles: number): void {
    this.profilerCycles += cycles;
    pcpu.now += cycles;
  }

  #overflow(pcpu: Pcpu, overflowed: number): void {
    const { pmu, profiler, skidCycles } = this.#parts;
    const { set, vcpu } = pcpu;
    const served = pcpu.switching < 0 ? vcpu : undefined;
    const fresh = pmu.overflow(set, overflowed, served === undefined ? 0 : pmu.held[served.index]!);
    if (fresh === 0) return;
    if (served !== undefined && (served.phase === GUEST ? profiler.delivery === "next entry" : this.#perVcpu)) {
      pmu.held[served.index]! |= fresh;
      return;
    }
    if (pmu.skidding[set] === 0) pmu.skidLeft[set] = skidCycles;
    pmu.skidding[set]! |= fresh;
    if (skidCycles === 0) this.#deliverSkidding(pcpu);
  }

  /** The interrupt of an overflow comes, in whatever the processor is in. */
  #deliverSkidding(pcpu: Pcpu): void {
    const { pmu } = this.#parts;
    const { set, vcpu, place } = pcpu;
    const counters = pmu.skidding[set]!;
    pmu.skidding[set] = 0;
    pmu.skidLeft[set] = Infinity;
    if (vcpu !== undefined && pcpu.switching < 0 && vcpu.phase === GUEST) {
      this.sampler.guest(pcpu.now, vcpu, counters);
      this.#spend(pcpu, this.prices.guestSample);
    } else {
      this.sampler.record(pcpu.now, counters, place, this.#parts.places.all[place]!.base);
      this.#spend(pcpu, this.prices.vmmSample);
    }
  }

  /** Interrupts that waited for the guest come as it enters. */
  #deliverHeld(pcpu: Pcpu, vcpu: Vcpu): void {
    const { pmu } = this.#parts;
    const counters = pmu.held[vcpu.index]!;
    if (counters === 0) return;
    pmu.held[vcpu.index] = 0;
    this.sampler.guest(pcpu.now, vcpu, counters);
    this.#spend(pcpu, this.prices.heldSample);
  }
}

function bits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count += 1;
  return count;
}
