import { integer, oneOf, onlyOptions } from "../core/options.ts";
import { bestChunk, countChunks, scoreChunks, unfold } from "./chunks.ts";
import { ascending, type Order, type Sequencer } from "./order.ts";
import { ReleasedHistory } from "./released-history.ts";
import { RequestWindow } from "./request-window.ts";

/**
 * Options of {@link workloadAware}.
 *
 * @example
 * ```ts
 * import { workloadAware, type WorkloadAwareOptions } from "veelab/storage-migration";
 *
 * const fixed: WorkloadAwareOptions = { chunkBlocks: 1 };
 * console.log(workloadAware(fixed).label); // workload-aware, chunk of 1
 * ```
 */
export interface WorkloadAwareOptions {
  /**
   * `"ideal"` (when not given): the last `historyOps` writes before the start, its older half against its newer one.
   * `"as released"`: rounds as the authors' code of 2014 keeps them, with its bias; only a completed round counts. `"in rounds"`: the same rounds
   * without the bias, to tell what it does.
   */
  readonly history?: "ideal" | "in rounds" | "as released";
  /** The chunk size in blocks, or `"learnt"` from the history's locality (when not given): 1, 2, 4, … 512 are tried. */
  readonly chunkBlocks?: "learnt" | number;
  /** Writes that the history holds; 20,000 when not given, as in the authors' code of 2014. */
  readonly historyOps?: number;
}

/**
 * Chunks in ascending order of how often they were written before the migration, those never written first and the hottest last,
 * so that a block is sent when it is least likely to be written again. Frequencies count one for each write and chunk. Ties go
 * by number under `"ideal"`, the most recently counted first in rounds. Memory O(blocks + history);
 * constant time a write, and O(10 × (blocks + history)) when sending begins.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { workloadAware } from "veelab/storage-migration";
 *
 * const run = workloadAware({ chunkBlocks: 1 }).create({ blocks: 3 });
 * run.write?.(0, 0); // block 0 is written
 * console.log(run.order().join()); // 1,2,0
 * ```
 */
export function workloadAware(options: WorkloadAwareOptions = {}): Order {
  onlyOptions(options, ["history", "chunkBlocks", "historyOps"]);
  const history = oneOf("history", options.history ?? "ideal", ["ideal", "in rounds", "as released"]);
  const { chunkBlocks = "learnt" } = options;
  if (chunkBlocks !== "learnt") integer("chunkBlocks", chunkBlocks, { min: 1, max: 2 ** 20 });
  const historyOps = integer("historyOps", options.historyOps ?? 20_000, { min: 2, max: 2 ** 28 });
  const fixed = chunkBlocks === "learnt" ? undefined : chunkBlocks;
  const chunk = fixed === undefined ? "learnt chunk" : `chunk of ${fixed}`;
  return {
    label: `workload-aware, ${history === "ideal" ? "" : `${history}, `}${chunk}`,
    params: { history, chunk: String(chunkBlocks), historyOps },
    create: ({ blocks }) =>
      history === "ideal"
        ? idealHistory(blocks, historyOps, fixed)
        : new ReleasedHistory(blocks, historyOps, fixed, history === "as released"),
  };
}

function idealHistory(blocks: number, ops: number, fixed: number | undefined): Sequencer {
  const window = new RequestWindow(ops);
  let chunkBlocks = fixed ?? 1;
  return {
    write: (first, last) => {
      window.add(first, last);
    },
    order: () => {
      if (fixed === undefined) chunkBlocks = bestChunk(scoreChunks(window, blocks));
      const counts = countChunks(window, blocks, chunkBlocks);
      return unfold(
        ascending(counts.length).sort((a, b) => counts[a]! - counts[b]!),
        blocks,
        chunkBlocks,
      );
    },
    get chunkBlocks() {
      return chunkBlocks;
    },
  };
}
