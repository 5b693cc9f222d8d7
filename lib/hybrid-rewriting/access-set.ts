import { grown } from "./grow.ts";

/**
 * The read and the write set of a transaction: different granules, each read, written, or both. A hash table that is emptied in
 * constant time, by a new epoch.
 */
export class AccessSet {
  /** The granules, in the order of their first accesses. */
  granules: Int32Array = new Int32Array(64);
  /** Of each 1 when it was read, 2 when it was written, 3 when both. */
  kinds: Uint8Array = new Uint8Array(64);
  size = 0;
  reads = 0;
  writes = 0;
  #places = new Int32Array(128);
  #epochs = new Int32Array(128);
  #epoch = 1;

  clear(): void {
    this.size = this.reads = this.writes = 0;
    this.#epoch++;
  }

  add(granule: number, isWrite: boolean): void {
    const mask = this.#places.length - 1;
    let slot = Math.imul(granule, 0x9e3779b1) >>> 7;
    for (slot &= mask; this.#epochs[slot] === this.#epoch; slot = (slot + 1) & mask)
      if (this.granules[this.#places[slot]!] === granule) {
        this.#note(this.#places[slot]!, isWrite);
        return;
      }
    this.granules = grown(this.granules, this.size + 1);
    this.kinds = grown(this.kinds, this.size + 1);
    this.granules[this.size] = granule;
    this.kinds[this.size] = 0;
    this.#places[slot] = this.size;
    this.#epochs[slot] = this.#epoch;
    this.#note(this.size++, isWrite);
    if (2 * this.size > this.#places.length) this.#grow();
  }

  #note(place: number, isWrite: boolean): void {
    const kind = isWrite ? 2 : 1;
    if ((this.kinds[place]! & kind) !== 0) return;
    this.kinds[place]! |= kind;
    if (isWrite) this.writes++;
    else this.reads++;
  }

  #grow(): void {
    const length = 2 * this.#places.length;
    this.#places = new Int32Array(length);
    this.#epochs = new Int32Array(length);
    this.#epoch = 1;
    for (let place = 0; place < this.size; place++) {
      let slot = (Math.imul(this.granules[place]!, 0x9e3779b1) >>> 7) & (length - 1);
      while (this.#epochs[slot] === 1) slot = (slot + 1) & (length - 1);
      this.#places[slot] = place;
      this.#epochs[slot] = 1;
    }
  }
}
