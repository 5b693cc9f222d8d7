/**
 * The reference of lib/assembly/lru.ts in plain TypeScript: the same hash table and list in typed arrays, for keys of 64 bits as pairs
 * of 32. Node 0 is the list's head; in the table 0 stands for none.
 */
export class TypedCache {
  misses = 0;
  readonly #entries: number;
  readonly #toFront: boolean;
  readonly #table: Uint32Array;
  readonly #shift: number;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #previous: Uint32Array;
  readonly #next: Uint32Array;
  #size = 0;

  constructor(entries: number, policy: "LRU" | "FIFO") {
    const bits = Math.max(3, Math.ceil(Math.log2(2 * entries)));
    this.#entries = entries;
    this.#toFront = policy === "LRU";
    this.#table = new Uint32Array(2 ** bits);
    this.#shift = 32 - bits;
    [this.#low, this.#high, this.#previous, this.#next] = [0, 1, 2, 3].map(() => new Uint32Array(entries + 1)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ];
  }

  use(keys: BigUint64Array): void {
    const halves = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length);
    for (let at = 0; at < halves.length; at += 2) this.#use(halves[at]!, halves[at + 1]!);
  }

  #home(low: number, high: number): number {
    return Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> this.#shift;
  }

  #use(low: number, high: number): void {
    const table = this.#table;
    const next = this.#next;
    const previous = this.#previous;
    const mask = table.length - 1;
    let at = this.#home(low, high);
    let node = table[at]!;
    while (node !== 0 && !(this.#low[node] === low && this.#high[node] === high)) {
      at = (at + 1) & mask;
      node = table[at]!;
    }
    if (node !== 0) {
      if (!this.#toFront || next[0] === node) return;
      const before = previous[node]!;
      const after = next[node]!;
      next[before] = after;
      previous[after] = before;
    } else {
      this.misses++;
      if (this.#size < this.#entries) node = ++this.#size;
      else {
        node = previous[0]!;
        const before = previous[node]!;
        previous[0] = before;
        next[before] = 0;
        this.#remove(node);
        at = this.#home(low, high);
        while (table[at] !== 0) at = (at + 1) & mask;
      }
      this.#low[node] = low;
      this.#high[node] = high;
      table[at] = node;
    }
    const first = next[0]!;
    previous[node] = 0;
    next[node] = first;
    previous[first] = node;
    next[0] = node;
  }

  #remove(node: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let at = this.#home(this.#low[node]!, this.#high[node]!);
    while (table[at] !== node) at = (at + 1) & mask;
    for (let from = at; ;) {
      from = (from + 1) & mask;
      const moved = table[from]!;
      if (moved === 0) break;
      const wanted = this.#home(this.#low[moved]!, this.#high[moved]!);
      if (((from - wanted) & mask) < ((from - at) & mask)) continue;
      table[at] = moved;
      at = from;
    }
    table[at] = 0;
  }
}
