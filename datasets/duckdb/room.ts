/** The arrays that a column's values are kept in. */
export type Values =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/**
 * Memory for a batch's values that grows with them, up to `capacity`, as most results are small; behind a full batch the next one has all of
 * it at once.
 */
export class Room<T extends Values> {
  readonly #make: new (length: number) => T;
  readonly #capacity: number;
  #least = 0;
  #values: T;

  constructor(make: new (length: number) => T, capacity: number) {
    this.#make = make;
    this.#capacity = capacity;
    this.#values = new make(0);
  }

  /** The values, with room for the first `count`; what was not set is 0. */
  upTo(count: number): T {
    const values = this.#values;
    if (count <= values.length) return values;
    const larger = new this.#make(Math.min(this.#capacity, Math.max(count, 2 * values.length, this.#least)));
    larger.set(values as never);
    return (this.#values = larger);
  }

  /** The first values; what follows is another batch. */
  take(count: number): T {
    const taken = this.upTo(count).subarray(0, count) as T;
    this.#least = count;
    this.#values = new this.#make(0);
    return taken;
  }
}
