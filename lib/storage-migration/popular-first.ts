import { integer, onlyOptions } from "../core/options.ts";
import { countChunks, unfold } from "./chunks.ts";
import { ascending, type Order } from "./order.ts";
import { RequestWindow } from "./request-window.ts";

/**
 * Options of {@link popularFirst}.
 *
 * @example
 * ```ts
 * import { popularFirst, type PopularFirstOptions } from "veelab/storage-migration";
 *
 * const short: PopularFirstOptions = { historyOps: 1000 };
 * console.log(popularFirst(short).label); // popular first
 * ```
 */
export interface PopularFirstOptions {
  /** The chunk size in blocks; 1 when not given. */
  readonly chunkBlocks?: number;
  /** Reads that the history holds; 20,000 when not given (an assumption: as many as of writes). */
  readonly historyOps?: number;
}

/**
 * Chunks in descending order of how often they were read before the virtual machine moved, for the phase in which the disk follows it: what is
 * read most arrives first. Ties go by number. Memory O(blocks + history); constant time a read.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { popularFirst } from "veelab/storage-migration";
 *
 * const run = popularFirst().create({ blocks: 3 });
 * run.read?.(2, 2);
 * console.log(run.order().join()); // 2,0,1
 * ```
 */
export function popularFirst(options: PopularFirstOptions = {}): Order {
  onlyOptions(options, ["chunkBlocks", "historyOps"]);
  const chunkBlocks = integer("chunkBlocks", options.chunkBlocks ?? 1, { min: 1, max: 2 ** 20 });
  const historyOps = integer("historyOps", options.historyOps ?? 20_000, { min: 1, max: 2 ** 28 });
  return {
    label: "popular first",
    params: { chunk: String(chunkBlocks), historyOps },
    create: ({ blocks }) => {
      const window = new RequestWindow(historyOps);
      return {
        chunkBlocks,
        read: (first, last) => {
          window.add(first, last);
        },
        order: () => {
          const counts = countChunks(window, blocks, chunkBlocks);
          return unfold(
            ascending(counts.length).sort((a, b) => counts[b]! - counts[a]!),
            blocks,
            chunkBlocks,
          );
        },
      };
    },
  };
}
