/**
 * What one thread has still to do, and what it may have to do again: a ring of events. From `first` on they are kept, from `next` on they
 * are to come; a transaction that is aborted goes back to `first`. Grows by doubling.
 */
export class ThreadQueue {
  event: Uint8Array = new Uint8Array(64);
  code: Int32Array = new Int32Array(64);
  address: Float64Array = new Float64Array(64);
  size: Uint32Array = new Uint32Array(64);
  mask = 63;
  first = 0;
  next = 0;
  #last = 0;

  get isEmpty(): boolean {
    return this.next === this.#last;
  }

  push(event: number, code: number, address: number, size: number): void {
    if (this.#last - this.first === this.event.length) this.#double();
    const at = this.#last++ & this.mask;
    this.event[at] = event;
    this.code[at] = code;
    this.address[at] = address;
    this.size[at] = size;
  }

  #double(): void {
    const { length } = this.event;
    // The oldest event comes to the place 0, where the numbers are counted from.
    const split = this.first & this.mask;
    const unrolled = <T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(ring: T): T => {
      const larger = new (ring.constructor as new (length: number) => T)(2 * length);
      larger.set(ring.subarray(split));
      larger.set(ring.subarray(0, split), length - split);
      return larger;
    };
    this.event = unrolled(this.event);
    this.code = unrolled(this.code);
    this.address = unrolled(this.address);
    this.size = unrolled(this.size);
    this.mask = 2 * length - 1;
    this.next -= this.first;
    this.#last -= this.first;
    this.first = 0;
  }
}
