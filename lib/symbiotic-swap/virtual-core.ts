import { checkCosts, type Costs } from "./costs.ts";

/**
 * A guest's processor as its hypervisor sees it: what makes it leave the guest and enter it again. Made by {@link virtualCore}.
 *
 * @example
 * ```ts
 * import { costs2011, virtualCore, type VirtualCore } from "veelab/symbiotic-swap";
 * const core: VirtualCore = virtualCore(costs2011);
 * console.log(core.cycles); // 0
 * ```
 */
export interface VirtualCore {
  /** Time passed. */
  readonly cycles: number;
  /** Entries to the guest. */
  readonly entries: number;
  /** Exits from it. */
  readonly exits: number;
  /** Whether the guest takes symcalls: it has written the five registers that say where its handler is. */
  enabled: boolean;
  /** Whether a symcall is under way. */
  readonly active: boolean;
  /** How long each delivered interrupt had waited, cycles. */
  readonly waitedCycles: readonly number[];
  /** The guest computes. */
  readonly run: (cycles: number) => void;
  /** The guest exits, the hypervisor handles that, and enters it again; `handler` runs in the hypervisor. */
  readonly exit: (handlingCycles: number, handler?: () => void) => void;
  /** A device interrupts the guest: at once, or, while a symcall is active, after that. */
  readonly interrupt: () => void;
  /**
   * A synchronous call of the guest by the hypervisor, from an exit's handler: one entry and one exit more, besides the exits of the
   * guest's handler. Gives false, and does nothing, where the guest takes none or one is under way.
   */
  readonly symcall: (guestHandler: () => void) => boolean;
}

/**
 * An idle core at those prices. Everything is constant time.
 *
 * @throws OptionError for a price out of range
 *
 * @example
 * ```ts
 * import { costs2011, virtualCore } from "veelab/symbiotic-swap";
 * const core = virtualCore(costs2011);
 * core.exit(0, () => {
 *   core.symcall(() => {
 *     core.run(1500);
 *     core.interrupt();
 *   });
 * });
 * console.log(core.exits, core.entries, core.waitedCycles.length); // 2 2 1
 * ```
 */
export function virtualCore(costs: Costs): VirtualCore {
  checkCosts(costs);
  return new Core(costs);
}

class Core implements VirtualCore {
  cycles = 0;
  entries = 0;
  exits = 0;
  enabled = true;
  active = false;
  readonly waitedCycles: number[] = [];
  readonly #costs: Costs;
  readonly #raised: number[] = [];

  constructor(costs: Costs) {
    this.#costs = costs;
  }

  readonly run = (cycles: number): void => {
    this.cycles += cycles;
  };

  readonly exit = (handlingCycles: number, handler?: () => void): void => {
    this.exits++;
    this.cycles += this.#costs.exits.roundTripCycles + handlingCycles;
    handler?.();
    this.entries++;
    this.#deliver();
  };

  readonly interrupt = (): void => {
    this.#raised.push(this.cycles);
    this.#deliver();
  };

  readonly symcall = (guestHandler: () => void): boolean => {
    if (!this.enabled || this.active) return false;
    this.active = true;
    this.entries++;
    this.cycles += this.#costs.symcallCycles;
    guestHandler();
    // The guest returns by a hypercall.
    this.exits++;
    this.cycles += this.#costs.exits.roundTripCycles;
    this.active = false;
    this.#deliver();
    return true;
  };

  #deliver(): void {
    if (this.active) return;
    for (const at of this.#raised.splice(0)) this.waitedCycles.push(this.cycles - at);
  }
}
