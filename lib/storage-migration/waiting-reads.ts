const NONE = -1;

/** Is told of a read whose last block has come: when it was issued, where, how much, and the time. */
export type Served = (atNs: number, offsetBytes: number, sizeBytes: number, nowNs: number) => void;

/**
 * Reads that wait for blocks, as a list for each block in the order of waiting. A list's nodes are places in arrays that grow
 * by doubling and are used again; the node of a read's first block holds what is known of the read.
 */
export class WaitingReads {
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #served: Served;
  #next = new Int32Array(0);
  #read = new Int32Array(0);
  #missing = new Int32Array(0);
  #atNs = new Float64Array(0);
  #offsetBytes = new Float64Array(0);
  #sizeBytes = new Float64Array(0);
  #free = NONE;

  constructor(blocks: number, served: Served) {
    this.#first = new Int32Array(blocks).fill(NONE);
    this.#last = new Int32Array(blocks).fill(NONE);
    this.#served = served;
  }

  /** A new read, which waits for nothing yet. */
  open(atNs: number, offsetBytes: number, sizeBytes: number): number {
    const read = this.#take();
    this.#read[read] = NONE; // the node is in no list yet
    this.#missing[read] = 0;
    this.#atNs[read] = atNs;
    this.#offsetBytes[read] = offsetBytes;
    this.#sizeBytes[read] = sizeBytes;
    return read;
  }

  /** Lets a read wait for a block. */
  wait(read: number, block: number): void {
    const node = this.#read[read] === NONE ? read : this.#take();
    this.#read[node] = read;
    this.#next[node] = NONE;
    this.#missing[read]!++;
    if (this.#first[block] === NONE) this.#first[block] = node;
    else this.#next[this.#last[block]!] = node;
    this.#last[block] = node;
  }

  /** A block has come. */
  arrived(block: number, nowNs: number): void {
    let node = this.#first[block]!;
    this.#first[block] = NONE;
    while (node !== NONE) {
      const next = this.#next[node]!;
      const read = this.#read[node]!;
      this.#missing[read]!--;
      if (node !== read) this.#release(node);
      if (this.#missing[read] === 0) {
        this.#served(this.#atNs[read]!, this.#offsetBytes[read]!, this.#sizeBytes[read]!, nowNs);
        this.#release(read);
      }
      node = next;
    }
  }

  #take(): number {
    if (this.#free === NONE) this.#grow();
    const node = this.#free;
    this.#free = this.#next[node]!;
    return node;
  }

  #release(node: number): void {
    this.#next[node] = this.#free;
    this.#free = node;
  }

  #grow(): void {
    const from = this.#next.length;
    const to = Math.max(16, 2 * from);
    this.#next = longer(this.#next, to);
    this.#read = longer(this.#read, to);
    this.#missing = longer(this.#missing, to);
    this.#atNs = longer(this.#atNs, to);
    this.#offsetBytes = longer(this.#offsetBytes, to);
    this.#sizeBytes = longer(this.#sizeBytes, to);
    for (let node = to - 1; node >= from; node--) this.#release(node);
  }
}

function longer<T extends Int32Array | Float64Array>(values: T, length: number): T {
  const grown = new (values.constructor as new (length: number) => T)(length);
  grown.set(values);
  return grown;
}
