import type { ProfilingCosts } from "./costs.ts";
import type { Profiler } from "./profiler.ts";

/** What a profiler's steps take on a machine, in whole cycles. The first five are the machine's own, the rest is the profiler's. */
export interface Prices {
  readonly exit: number;
  readonly enter: number;
  readonly interrupt: number;
  readonly switch: number;
  readonly exitExchange: number;
  readonly enterExchange: number;
  readonly switchExchange: number;
  /** A sample by an interrupt in the guest, one that waited for its entry, and one in the VMM. */
  readonly guestSample: number;
  readonly heldSample: number;
  readonly vmmSample: number;
  readonly rotation: number;
}

/** Registers for n counters: saving reads each counter and stops them all; loading writes counters, selectors and the control. */
const saved = (counters: number): number => counters + 1;
const loaded = (counters: number): number => 2 * counters + 1;

/** Prices for so many counters in the hardware. */
export function pricesOf(profiler: Profiler, costs: ProfilingCosts, counters: number): Prices {
  const { exchange, exchanged, virtual, translated, trapped, handler } = profiler;
  const whole = virtual && !translated ? Math.round(costs.roundTripCycles) : 0;
  const register = costs.registerCycles;
  const access = trapped ? costs.roundTripCycles + costs.trapCycles : register;
  // The control alone is loaded by the processor as a part of the round trip.
  const save = exchanged === "registers" ? saved(counters) * register : 0;
  const load = exchanged === "registers" ? loaded(counters) * register : 0;
  const perExit = exchange === "exit" ? 1 : 0;
  const handling = costs.handlerCycles + costs.accessesPerSample * access;
  const byGuest = virtual && handler === "guest";
  const mapping = translated && profiler.guestSample === "function" ? costs.mapBackCycles : 0;
  const held = handling + mapping + (byGuest ? costs.injectCycles : 0);
  const rotation = (saved(counters) + loaded(counters)) * access;
  return {
    exit: Math.floor(whole / 2),
    enter: Math.ceil(whole / 2),
    interrupt: Math.round(costs.interruptCycles),
    switch: Math.round(costs.switchCycles),
    exitExchange: Math.round(perExit * save),
    enterExchange: Math.round(perExit * load),
    switchExchange: exchange === "switch" ? Math.round(save + load) : 0,
    guestSample: Math.round(whole + perExit * (save + load) + held),
    heldSample: Math.round(held),
    vmmSample: Math.round(costs.handlerCycles + costs.accessesPerSample * register),
    rotation: Math.round(rotation),
  };
}
