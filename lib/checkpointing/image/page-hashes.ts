import { type Assembly, assembly } from "../../core/assembly.ts";
import { SimulationError } from "../../core/errors.ts";
import { pageBytes } from "../../../datasets/formats/page.ts";

interface Functions {
  /** Room for so many pages; gives where they go, and behind them their hashes, 8 bytes each; 0 where there is no such memory. */
  create(pages: number): number;
  /** Hashes the first pages. */
  hash(pages: number): void;
}

/** Pages that are read where they are hashed: the loop is WebAssembly (lib/assembly/page-hashes.ts), and nothing is copied. */
export class PageHashes {
  /** Where the pages go. */
  readonly bytes: Buffer;
  /** The XXH64 of each page after {@link PageHashes.hash}, the lower half in front; 0 of a page of zeros and of no other. */
  readonly hashes: Uint32Array;
  readonly #functions: Assembly & Functions;

  constructor(pages: number) {
    this.#functions = assembly("page-hashes") as Assembly & Functions;
    const at = this.#functions.create(pages);
    if (at === 0) throw new SimulationError("page hashes", `no memory for ${pages} pages`);
    const { buffer } = this.#functions.memory;
    this.bytes = Buffer.from(buffer, at, pages * pageBytes);
    this.hashes = new Uint32Array(buffer, at + pages * pageBytes, 2 * pages);
  }

  /** Hashes the first pages. 5 to 10 GB/s. */
  hash(pages: number): void {
    this.#functions.hash(pages);
  }
}
