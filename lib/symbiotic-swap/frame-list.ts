/**
 * A list of frames (or slots), newest first: every operation is constant time. A frame's two links, to the next one and to the one before, lie
 * side by side, at twice its number and after it, and are such places themselves; the head is at twice `frames`.
 */
export class FrameList {
  readonly #links: Int32Array;
  readonly #head: number;
  size = 0;

  constructor(frames: number) {
    this.#head = 2 * frames;
    this.#links = new Int32Array(this.#head + 2).fill(this.#head, this.#head);
  }

  get newest(): number {
    return this.#links[this.#head]! / 2;
  }

  get oldest(): number {
    return this.#links[this.#head + 1]! / 2;
  }

  push(frame: number): void {
    const links = this.#links;
    const at = 2 * frame;
    const newest = links[this.#head]!;
    links[at] = newest;
    links[at + 1] = this.#head;
    links[newest + 1] = at;
    links[this.#head] = at;
    this.size++;
  }

  remove(frame: number): void {
    const links = this.#links;
    const next = links[2 * frame]!;
    const before = links[2 * frame + 1]!;
    links[before] = next;
    links[next + 1] = before;
    this.size--;
  }
}
