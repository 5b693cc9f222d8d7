/**
 * Text from the thread of user code to the thread of the sockets, through shared memory: it arrives while the writer
 * is inside a synchronous loop, costs less than a microsecond a line, and stops the writer when the reader falls
 * behind, so that a cell that prints without end uses no more memory than the ring.
 *
 * One writer, one reader. A record is a word with its kind and length, a word with its tag, and its bytes, padded to
 * words. Positions grow without wrapping (modulo 2³²); the ring's capacity is a power of two.
 */

/** What a record holds. Padding fills the end of the ring where the next record would not fit in one piece. */
export type RecordKind = "stdout" | "stderr" | "mark";
const kinds: readonly (RecordKind | "padding")[] = ["padding", "stdout", "stderr", "mark"];

const writeAt = 0;
const readAt = 1;
const bellAt = 2;
const headBytes = 8;
const controlBytes = 16;

/** Strings are cut here, so that a record stays far below the ring's capacity (3 bytes a UTF-16 unit at most). */
const maxUnits = 16_384;

/** The memory of a ring, for both threads. `capacity` in bytes, a power of two, at least 256 KiB. */
export function createRingMemory(capacity: number = 4 << 20): SharedArrayBuffer {
  return new SharedArrayBuffer(controlBytes + capacity);
}

class RingView {
  protected readonly control: Int32Array;
  protected readonly words: Int32Array;
  protected readonly bytes: Buffer;
  protected readonly mask: number;

  constructor(memory: SharedArrayBuffer) {
    const capacity = memory.byteLength - controlBytes;
    this.control = new Int32Array(memory, 0, 3);
    this.words = new Int32Array(memory, controlBytes);
    this.bytes = Buffer.from(memory, controlBytes, capacity);
    this.mask = capacity - 1;
  }

  protected get capacity(): number {
    return this.mask + 1;
  }
}

/** The writer's end. A record becomes visible with one atomic store, so a writer that is terminated midway leaves nothing. */
export class RingWriter extends RingView {
  readonly #ring: (urgent: boolean) => void;

  /** `ring` wakes the reader; `urgent` when the writer is about to wait for it, or the reader perhaps for a mark whose message it has. */
  constructor(memory: SharedArrayBuffer, ring: (urgent: boolean) => void) {
    super(memory);
    this.#ring = ring;
  }

  /** Writes text under a tag (the cell's number). Waits while the ring is full. */
  text(kind: "stdout" | "stderr", tag: number, text: string): void {
    if (text.length <= maxUnits) {
      this.#write(kind, tag, text);
      return;
    }
    for (let start = 0; start < text.length;) {
      let end = Math.min(start + maxUnits, text.length);
      // A surrogate pair stays in one record.
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end -= 1;
      this.#write(kind, tag, text.slice(start, end));
      start = end;
    }
  }

  /**
   * Marks the place of a message that travels by another way: the reader stops here until it has that message.
   *
   * @param weight - so many bytes of the ring are taken until then, so that there is no end of messages on their way
   */
  mark(tag: number, weight = 0): void {
    this.#write("mark", tag, "", Math.min(weight, this.capacity >> 3));
  }

  #write(kind: RecordKind, tag: number, text: string, weight = 0): void {
    const { control, words, bytes, mask } = this;
    const most = headBytes + ((text.length * 3 + weight + 3) & ~3);
    let position = Atomics.load(control, writeAt) >>> 0;
    const toEnd = this.capacity - (position & mask);
    const padding = toEnd < most ? toEnd : 0;
    this.#waitFor(position, padding + most);
    if (padding > 0) {
      words[(position & mask) >> 2] = padding;
      position = (position + padding) >>> 0;
    }
    const at = position & mask;
    const length = text === "" ? weight : bytes.write(text, at + headBytes);
    words[at >> 2] = (kinds.indexOf(kind) << 28) | length;
    words[(at >> 2) + 1] = tag;
    Atomics.store(control, writeAt, (position + headBytes + ((length + 3) & ~3)) | 0);
    if (Atomics.exchange(control, bellAt, 1) === 0) this.#ring(kind === "mark");
  }

  #waitFor(position: number, needed: number): void {
    for (;;) {
      const read = Atomics.load(this.control, readAt);
      if (((position - read) >>> 0) + needed <= this.capacity) return;
      this.#ring(true);
      Atomics.wait(this.control, readAt, read, 1000);
    }
  }
}

/** The reader's end. */
export class RingReader extends RingView {
  /**
   * Hands over every record up to the writer's position, oldest first, until `take` returns false: that record stays.
   * Returns whether the ring is empty now.
   */
  drain(take: (kind: RecordKind, tag: number, text: string) => boolean): boolean {
    const { control, words, bytes, mask } = this;
    Atomics.store(control, bellAt, 0);
    const end = Atomics.load(control, writeAt) >>> 0;
    let position = Atomics.load(control, readAt) >>> 0;
    while (position !== end) {
      const at = position & mask;
      const head = words[at >> 2] ?? 0;
      const kind = kinds[head >>> 28];
      const length = head & 0xfff_ffff;
      if (kind === undefined || kind === "padding") {
        position = (position + length) >>> 0;
        continue;
      }
      const start = at + headBytes;
      const text = length === 0 || kind === "mark" ? "" : bytes.toString("utf8", start, start + length);
      if (!take(kind, words[(at >> 2) + 1] ?? 0, text)) break;
      position = (position + headBytes + ((length + 3) & ~3)) >>> 0;
    }
    Atomics.store(control, readAt, position | 0);
    Atomics.notify(control, readAt);
    return position === end;
  }
}
