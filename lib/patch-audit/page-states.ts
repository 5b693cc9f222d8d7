import { HashIndex } from "./hash-index.ts";

/** Of a module: the page's content is not in the database. */
export const unknownCode = -1;

type Numbers = Uint8Array | Int32Array | Uint32Array;

/** The same numbers with room for more. */
function grown<A extends Numbers>(array: A, make: new (length: number) => A, length: number): A {
  const larger = new make(length);
  larger.set(array);
  return larger;
}

const lengthFor = (least: number): number => 2 ** Math.ceil(Math.log2(least + 1));

/**
 * What the hypervisor knows of a guest's physical pages, in arrays that grow with the highest page's number. A page is
 * write-protected while someone may execute it; a write takes that from all, and makes it a new version.
 */
export class GuestPages {
  /** 1 where the page is write-protected and has been looked up. */
  isExecutable: Uint8Array = new Uint8Array(1024);
  /** How often an executable page was written, from 1 on. */
  version: Uint32Array = new Uint32Array(1024).fill(1);
  /** What the look-up of an executable page gave: its id in the database, or {@link unknownCode}. */
  id: Int32Array = new Int32Array(1024);
  /** The file whose data the page has, by its place plus 1; 0 for none. */
  taint: Uint32Array = new Uint32Array(1024);
  /** How many copies the data is away from the disk. */
  copies: Uint8Array = new Uint8Array(1024);

  /** Makes room for a page. */
  reach(page: number): void {
    const old = this.version.length;
    if (page < old) return;
    const length = lengthFor(page);
    this.isExecutable = grown(this.isExecutable, Uint8Array, length);
    this.version = grown(this.version, Uint32Array, length).fill(1, old);
    this.id = grown(this.id, Int32Array, length);
    this.taint = grown(this.taint, Uint32Array, length);
    this.copies = grown(this.copies, Uint8Array, length);
  }
}

/** Who may execute pages: a place is a page, or a page in an address space. */
export class Rights {
  /** The version of the page that may be executed here; 0 for none. */
  version: Uint32Array = new Uint32Array(1024);
  /** The refresh since which it has been executed: after the next one it faults again. */
  epoch: Uint32Array = new Uint32Array(1024);
  /** The module that it belongs to, or {@link unknownCode}. */
  module: Int32Array = new Int32Array(1024);
  readonly #places: HashIndex | undefined;

  constructor(of: "page" | "space") {
    this.#places = of === "space" ? new HashIndex() : undefined;
  }

  /** The place of a page in an address space. Constant time. */
  place(page: number, space: number): number {
    const place = this.#places === undefined ? page : this.#places.add(page, space);
    if (place >= this.version.length) {
      const length = lengthFor(place);
      this.version = grown(this.version, Uint32Array, length);
      this.epoch = grown(this.epoch, Uint32Array, length);
      this.module = grown(this.module, Int32Array, length);
    }
    return place;
  }
}
