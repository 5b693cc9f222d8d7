import type { Candidates } from "./candidates.ts";
import type { Database } from "./database.ts";

/**
 * An address space that has read an outdated file without code.
 *
 * @example
 * ```ts
 * import type { FileUse } from "veelab/patch-audit";
 * const harmless = ({ vulnerable }: FileUse): boolean => !vulnerable;
 * console.log(typeof harmless);
 * ```
 */
export interface FileUse {
  /** The address space. */
  readonly space: number;
  /** The file, a place in the database's `files`. */
  readonly file: number;
  /** Of the first read, ns. */
  readonly firstNs: number;
  /** Faults of reads. */
  reads: number;
  /** How many copies from the disk the nearest data that was read is. */
  copies: number;
  /** Whether a program for which the file matters was identified in the address space. */
  vulnerable: boolean;
}

/**
 * Who has read what. Whether a read is a use is judged at the end: in the middle of a guest's life data may be read before the
 * reader is identified.
 */
export class Uses {
  readonly #database: Database;
  readonly #uses = new Map<number, FileUse>();

  constructor(database: Database) {
    this.#database = database;
  }

  add(space: number, file: number, copies: number, timeNs: number): void {
    const key = space * this.#database.files.length + file;
    const use = this.#uses.get(key);
    if (use === undefined) {
      this.#uses.set(key, { space, file, firstNs: timeNs, reads: 1, copies, vulnerable: false });
      return;
    }
    use.reads += 1;
    use.copies = Math.min(use.copies, copies);
  }

  /** The uses in order of their first read, each judged by what executes in its address space. */
  end(candidates: Candidates): FileUse[] {
    const { binaries, files } = this.#database;
    const uses = [...this.#uses.values()];
    for (const use of uses) {
      const consumers = new Set(files[use.file]!.consumers);
      use.vulnerable = candidates
        .of(use.space)
        .some((module) => module.binaries.every((binary) => consumers.has(binaries[binary]!.file)));
    }
    return uses;
  }
}
