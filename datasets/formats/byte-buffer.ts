/** Bytes that are gathered, as for a text that goes over several lines; it grows and is used again. */
export class ByteBuffer {
  bytes: Uint8Array = new Uint8Array(1024);
  length = 0;

  /** Forgets the bytes. */
  clear(): void {
    this.length = 0;
  }

  /** Adds `from[start, end)`. */
  add(from: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    const { bytes } = this;
    let to = this.length;
    // Short pieces: a loop is faster than a view of them.
    for (let at = start; at < end; at += 1) bytes[to++] = from[at]!;
    this.length = to;
  }

  /** Adds one byte. */
  push(byte: number): void {
    this.#makeRoom(1);
    this.bytes[this.length++] = byte;
  }

  #makeRoom(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.length + more, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
