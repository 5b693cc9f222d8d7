import { SimulationError } from "../core/errors.ts";

/** A guest's swap slots: a free one is looked for from the last one on, as Linux does. */
export class SwapSlots {
  /** The page that has each slot, -1 where it is free. */
  readonly owner: Int32Array;
  used = 0;
  #next = 0;

  constructor(slots: number) {
    this.owner = new Int32Array(slots).fill(-1);
  }

  /** Gives a free slot; where there is none, the first whose page `spares` it. O(slots) at worst. */
  take(page: number, spares: (page: number) => boolean): number {
    const { owner } = this;
    const full = this.used === owner.length;
    for (let left = owner.length; left > 0; left--) {
      const slot = this.#next;
      this.#next = slot + 1 === owner.length ? 0 : slot + 1;
      const before = owner[slot]!;
      if (full ? !spares(before) : before >= 0) continue;
      if (before < 0) this.used++;
      owner[slot] = page;
      return slot;
    }
    throw new SimulationError(
      "symbiotic-swap",
      `out of memory: every frame and all ${owner.length} swap slots are in use`,
    );
  }

  free(slot: number): void {
    this.owner[slot] = -1;
    this.used--;
  }
}
