/**
 * What the hypervisor knows of a guest's physical page:
 *
 * - unidentified: not executable (NX), writable;
 * - executable: executable, write-protected, looked up since it was written last;
 * - dirty: written after it was executable; NX, writable.
 */
export const pageStates = ["unidentified", "executable", "dirty"] as const;

/** Of a page's module: its content is not in the database. */
export const unknownCode = -1;

/** The states of all pages in arrays that grow with the highest page's number. */
export class PageStates {
  /** Places in {@link pageStates}. */
  state: Uint8Array = new Uint8Array(1024);
  /** The module that an executable page belongs to, or {@link unknownCode}. */
  module: Int32Array = new Int32Array(1024);
  /** The refresh after which an executable page was executed last: it is NX again after the next one. */
  epoch: Uint32Array = new Uint32Array(1024);
  /** The file whose data the page has, by its place plus 1; 0 for none. */
  taint: Uint32Array = new Uint32Array(1024);
  /** How many copies the data is away from the disk. */
  copies: Uint8Array = new Uint8Array(1024);

  /** Makes room for a page. */
  reach(page: number): void {
    if (page < this.state.length) return;
    const length = 2 ** Math.ceil(Math.log2(page + 1));
    const grown = <A extends Uint8Array | Int32Array | Uint32Array>(array: A, to: A): A => {
      to.set(array);
      return to;
    };
    this.state = grown(this.state, new Uint8Array(length));
    this.module = grown(this.module, new Int32Array(length));
    this.epoch = grown(this.epoch, new Uint32Array(length));
    this.taint = grown(this.taint, new Uint32Array(length));
    this.copies = grown(this.copies, new Uint8Array(length));
  }
}
