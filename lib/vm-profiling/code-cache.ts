import { SimulationError } from "../core/errors.ts";

/**
 * The code cache of a binary translator, as far as a profiler needs it: where each guest instruction's translation begins.
 *
 * @example
 * ```ts
 * import { codeCache } from "veelab/vm-profiling";
 *
 * const cache = codeCache(0x10_0000);
 * cache.translate(0x4000, [3, 1, 5], [12, 4, 20]);
 * console.log(cache.toGuest(0x10_0000 + 13).toString(16)); // 4003: within the translation of the second instruction
 * ```
 */
export interface CodeCache {
  /** Instructions that were translated. */
  readonly instructions: number;
  /**
   * Translates a block: guest instructions of these lengths one after another, each to so many bytes at the cache's end. Linear in the block.
   *
   * @throws SimulationError for a block of which an instruction was translated before, or an empty translation
   */
  translate(guestPc: number, guestBytes: readonly number[], cacheBytes: readonly number[]): void;
  /** The guest instruction whose translation holds a cache address. O(log instructions). @throws SimulationError outside of all translations */
  toGuest(cachePc: number): number;
  /** Where the translation of a guest instruction begins; undefined when it has none. Constant time. */
  toCache(guestPc: number): number | undefined;
}

/**
 * An empty code cache at an address. Between instruction boundaries of the guest and of the cache its map is a bijection, since an
 * instruction is translated once; translators that translate overlapping blocks twice map several cache addresses to one instruction.
 *
 * @example
 * ```ts
 * import { codeCache } from "veelab/vm-profiling";
 *
 * const cache = codeCache(0);
 * cache.translate(0x1000, [4, 4], [16, 24]);
 * console.log(cache.toCache(0x1004)); // 16
 * ```
 */
export function codeCache(base: number): CodeCache {
  const starts: number[] = [];
  const guests: number[] = [];
  const places = new Map<number, number>();
  let end = base;
  return {
    get instructions() {
      return starts.length;
    },
    translate(guestPc, guestBytes, cacheBytes) {
      let pc = guestPc;
      for (const [index, bytes] of guestBytes.entries()) {
        const length = cacheBytes[index];
        if (length === undefined || !(length > 0))
          throw new SimulationError(
            "vm-profiling",
            `instruction 0x${pc.toString(16)} has no translation of at least a byte`,
          );
        if (places.has(pc))
          throw new SimulationError("vm-profiling", `instruction 0x${pc.toString(16)} is translated twice`);
        places.set(pc, starts.length);
        starts.push(end);
        guests.push(pc);
        end += length;
        pc += bytes;
      }
    },
    toGuest(cachePc) {
      if (!(cachePc >= base && cachePc < end))
        throw new SimulationError("vm-profiling", `0x${cachePc.toString(16)} lies outside of the code cache`);
      let [low, high] = [0, starts.length];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (starts[middle]! <= cachePc) low = middle;
        else high = middle;
      }
      return guests[low]!;
    },
    toCache(guestPc) {
      const place = places.get(guestPc);
      return place === undefined ? undefined : starts[place];
    },
  };
}
