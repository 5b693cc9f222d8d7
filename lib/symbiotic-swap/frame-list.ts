/** A list of frames (or slots), newest first, in two typed arrays: every operation is constant time. The number `frames` is the head. */
export class FrameList {
  readonly #next: Int32Array;
  readonly #before: Int32Array;
  readonly #head: number;
  size = 0;

  constructor(frames: number) {
    this.#next = new Int32Array(frames + 1);
    this.#before = new Int32Array(frames + 1);
    this.#head = frames;
    this.#next[frames] = frames;
    this.#before[frames] = frames;
  }

  get newest(): number {
    return this.#next[this.#head]!;
  }

  get oldest(): number {
    return this.#before[this.#head]!;
  }

  push(frame: number): void {
    const newest = this.#next[this.#head]!;
    this.#next[frame] = newest;
    this.#before[frame] = this.#head;
    this.#before[newest] = frame;
    this.#next[this.#head] = frame;
    this.size++;
  }

  remove(frame: number): void {
    const next = this.#next[frame]!;
    const before = this.#before[frame]!;
    this.#next[before] = next;
    this.#before[next] = before;
    this.size--;
  }
}
