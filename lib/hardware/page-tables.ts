import { OptionError, SimulationError } from "../core/errors.ts";
import type { Frames } from "./frames.ts";
import { bitsBelow, type PagingMode, shifted } from "./paging-mode.ts";

/** A radix page table that is filled on demand. Made by {@link pageTable}. */
export interface PageTable {
  /** The shape. */
  readonly mode: PagingMode;
  /** The number of levels, 2 to 5. Level 1 holds the entries of 4 KiB pages, the highest is the root. */
  readonly levels: number;
  /** How many tables there are, the root included. */
  readonly tables: number;
  /**
   * Maps a page to a frame by an entry of a level (1: 4 KiB, 2: 2 MiB, 3: 1 GiB), making the tables on the way; both
   * are numbers of 4 KiB units and, for a large page, any of its units. Gives how many entries were written: the
   * leaf and one for each new table.
   *
   * @throws SimulationError where the page is beyond the mode's address space, or lies in a page of another size
   */
  map(page: number, frame: number, level?: number): number;
  /** Removes a page's leaf entry; tables stay. Gives whether there was one. */
  unmap(page: number): boolean;
  /** The 4 KiB frame a page is mapped to, or -1. */
  frameOf(page: number): number;
  /**
   * Goes down from the root, writing into `frames` the frame of every table on the way (the root's first) and, after
   * them, the frame the page is mapped to. Gives the number of entries to read: d where the d-th is the leaf, -d
   * where the d-th is absent (then no frame follows the tables').
   */
  descend(page: number, frames: Float64Array): number;
  /** Removes every entry and table but an empty root, as when a shadow page table is destroyed. */
  clear(): void;
}

const ABSENT = 0;

/**
 * Tables lie one after another in a pool of 32-bit words: first the table's own frame, then its entries. An entry is
 * 0 (absent), the pool offset of a table, or -(frame + 1) for a leaf. The root is at offset 0, which is no one's child.
 */
class PooledTable implements PageTable {
  readonly mode: PagingMode;
  readonly levels: number;
  tables = 0;
  readonly #memory: Frames;
  readonly #below: readonly number[];
  readonly #masks: readonly number[];
  #pool = new Int32Array(1 << 14);
  #end = 0;

  constructor(mode: PagingMode, memory: Frames) {
    this.mode = mode;
    this.levels = mode.bits.length;
    this.#memory = memory;
    // Indexed by depth: 0 is the root.
    this.#below = mode.bits.map((_, depth) => bitsBelow(mode, this.levels - depth));
    this.#masks = mode.bits.map((bits) => 2 ** bits - 1);
    this.#addTable(0);
  }

  map(page: number, frame: number, level = 1): number {
    this.#check(page, level);
    const leafDepth = this.levels - level;
    let table = 0;
    let written = 1;
    for (let depth = 0; depth < leafDepth; depth++) {
      const at = this.#slot(table, page, depth);
      let entry = this.#pool[at]!;
      if (entry < 0) throw this.#otherSize(page);
      if (entry === ABSENT) {
        entry = this.#addTable(depth + 1);
        this.#pool[at] = entry; // only now: adding a table may have moved the pool
        written++;
      }
      table = entry;
    }
    const at = this.#slot(table, page, leafDepth);
    if (this.#pool[at]! > 0) throw this.#otherSize(page);
    const within = 2 ** this.#below[leafDepth]!;
    this.#pool[at] = -(frame - (frame % within) + 1);
    return written;
  }

  unmap(page: number): boolean {
    let table = 0;
    for (let depth = 0; depth < this.levels; depth++) {
      const at = this.#slot(table, page, depth);
      const entry = this.#pool[at]!;
      if (entry === ABSENT) return false;
      if (entry < 0) {
        this.#pool[at] = ABSENT;
        return true;
      }
      table = entry;
    }
    return false;
  }

  frameOf(page: number): number {
    const way = new Float64Array(this.levels + 1);
    const read = this.descend(page, way);
    return read > 0 ? way[read]! : -1;
  }

  descend(page: number, frames: Float64Array): number {
    const pool = this.#pool;
    let table = 0;
    for (let depth = 0; depth < this.levels; depth++) {
      frames[depth] = pool[table]!;
      const entry = pool[this.#slot(table, page, depth)]!;
      if (entry === ABSENT) return -(depth + 1);
      if (entry < 0) {
        const below = this.#below[depth]!;
        frames[depth + 1] = -entry - 1 + (page & (2 ** below - 1));
        return depth + 1;
      }
      table = entry;
    }
    throw new SimulationError("page table", "an entry of the last level is not a leaf");
  }

  clear(): void {
    const root = this.#pool[0]!;
    this.#pool.fill(0, 0, this.#end);
    this.#pool[0] = root;
    this.#end = 1 + this.#masks[0]! + 1;
    this.tables = 1;
  }

  #slot(table: number, page: number, depth: number): number {
    return table + 1 + (shifted(page, this.#below[depth]!) & this.#masks[depth]!);
  }

  #addTable(depth: number): number {
    const offset = this.#end;
    const end = offset + 1 + this.#masks[depth]! + 1;
    if (end > this.#pool.length) {
      const larger = new Int32Array(Math.max(end, 2 * this.#pool.length));
      larger.set(this.#pool);
      this.#pool = larger;
    }
    this.#pool[offset] = this.#memory.take();
    this.#end = end;
    this.tables++;
    return offset;
  }

  #check(page: number, level: number): void {
    const most = this.mode.bits.every((bits) => bits <= 9) ? Math.min(3, this.levels - 1) : 1;
    if (!(level >= 1 && level <= most))
      throw new OptionError("level", `a leaf level from 1 to ${most} (${this.mode.label})`, level);
    const space = this.#below[0]! + this.mode.bits[0]!;
    if (space < 32 && page >>> space !== 0)
      throw new SimulationError("page table", `page ${page} lies beyond the 2^${space} pages of ${this.mode.label}`);
  }

  #otherSize(page: number): SimulationError {
    return new SimulationError("page table", `page ${page} lies in a page mapped with another size`);
  }
}

/**
 * A radix page table with tables made on demand, each in a frame of its own. Mapping and descending are O(levels);
 * memory is O(tables).
 *
 * @param mode - two to five levels of at most 16 bits each
 * @param memory - where the tables' frames come from
 *
 * @example
 * ```ts
 * import { frames, pageTable, paging } from "veelab/hardware";
 *
 * const memory = frames();
 * const table = pageTable(paging.fourLevel, memory);
 * if (table.map(0x1234, memory.take()) !== 4) throw new Error("three new tables and the leaf");
 * if (table.map(0x1235, memory.take()) !== 1) throw new Error("the neighbour needs the leaf only");
 * ```
 */
export function pageTable(mode: PagingMode, memory: Frames): PageTable {
  const { bits } = mode;
  if (bits.length < 2 || bits.length > 5 || !bits.every((width) => width >= 1 && width <= 16))
    throw new OptionError("mode.bits", "two to five whole numbers from 1 to 16", bits);
  return new PooledTable(mode, memory);
}
