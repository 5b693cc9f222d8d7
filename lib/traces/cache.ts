import { type Assembly, assembly } from "../core/assembly.ts";
import { SimulationError } from "../core/errors.ts";

interface Functions {
  /** Room for so many entries and for so many keys at a time; gives where the keys go, 0 where there is no such memory. */
  create(entries: number, keys: number, movesToFront: number): number;
  /** Uses of the first keys; gives how many missed. */
  use(count: number): number;
}

/** How many keys are handed over at once. */
const batch = 8192;

/** The most entries: the entries and their table, 24 to 32 bytes each, have to fit in a memory of 4 GiB. */
export const mostEntries: number = 2 ** 26;

/**
 * A fully associative cache of 64-bit keys that are used by the batch; its loop is WebAssembly (lib/assembly/lru.ts). LRU: the key
 * unused for longest gives way; FIFO: the one that came first.
 */
export class Cache {
  misses = 0;
  readonly #functions: Assembly & Functions;
  readonly #keys: BigUint64Array;

  constructor(entries: number, policy: "LRU" | "FIFO") {
    this.#functions = assembly("lru") as Assembly & Functions;
    const at = this.#functions.create(entries, batch, policy === "LRU" ? 1 : 0);
    if (at === 0) throw new SimulationError("cache", `no memory for ${entries} entries`);
    this.#keys = new BigUint64Array(this.#functions.memory.buffer, at, batch);
  }

  /** Uses of keys in order: numbers, or whole numbers as doubles, whose bits are the keys. Constant time a key. */
  use(keys: BigUint64Array | Float64Array): void {
    const bits = keys instanceof BigUint64Array ? keys : new BigUint64Array(keys.buffer, keys.byteOffset, keys.length);
    for (let at = 0; at < bits.length; at += batch) {
      const part = bits.subarray(at, at + batch);
      this.#keys.set(part);
      this.misses += this.#functions.use(part.length);
    }
  }
}
