import { integer, nonNegative, onlyOptions } from "../core/options.ts";
import { random, type RandomStream } from "../core/random.ts";
import { ascending } from "./order.ts";
import { batchesOf, type BlockBatch, type BlockTrace } from "./trace.ts";

/**
 * Options of {@link withoutTemporalLocality}, {@link withoutSpatialLocality} and {@link withoutPopularity}.
 *
 * @example
 * ```ts
 * import type { LocalityOptions } from "veelab/storage-migration";
 *
 * const options: LocalityOptions = { diskBytes: 2 ** 30, startS: 60 };
 * console.log(options.startS);
 * ```
 */
export interface LocalityOptions {
  /** Size of the disk, bytes. */
  readonly diskBytes: number;
  /** When history ends, s of the trace's clock; 0 when not given. */
  readonly startS?: number;
  /** Grain, bytes; 1 MiB when not given. */
  readonly blockBytes?: number;
  /** Of the shuffle; 1 when not given. */
  readonly seed?: number | string;
}

/** Where a request to a block goes instead; `later` once history has ended. */
type Place = (block: number, write: boolean, later: boolean) => number;

async function moved(
  trace: BlockTrace,
  options: LocalityOptions,
  placing: (stream: RandomStream, blocks: number, batches: readonly BlockBatch[], blockBytes: number) => Place,
): Promise<BlockBatch[]> {
  onlyOptions(options, ["diskBytes", "startS", "blockBytes", "seed"]);
  const blockBytes = integer("blockBytes", options.blockBytes ?? 2 ** 20, { min: 512 });
  // The last block may be a short one: it stays where it is, by being left out.
  const blocks = Math.floor(integer("diskBytes", options.diskBytes, { min: blockBytes }) / blockBytes);
  const startNs = nonNegative("startS", options.startS ?? 0) * 1e9;
  const batches: BlockBatch[] = [];
  for await (const batch of batchesOf(trace)) batches.push(batch);
  const place = placing(random(options.seed ?? 1), blocks, batches, blockBytes);
  return batches.map(({ timeNs, op, offsetBytes, sizeBytes }) => {
    const offsets = offsetBytes.slice();
    const sizes = sizeBytes.slice();
    for (let row = 0; row < op.length; row++) {
      const block = Math.floor(offsets[row]! / blockBytes);
      if (op[row]! > 1 || block >= blocks) continue;
      const within = offsets[row]! - block * blockBytes;
      offsets[row] = place(block, op[row] === 1, timeNs[row]! >= startNs) * blockBytes + within;
      sizes[row] = Math.min(sizes[row]!, blockBytes - within);
    }
    return { timeNs, op, offsetBytes: offsets, sizeBytes: sizes };
  });
}

/**
 * The trace with its history made useless: from `startS` on, blocks have other places, by one shuffle of all. What was written often before the
 * migration says nothing of what is written during it; how often and how close together writes are stays the same.
 *
 * In all three, a request that crosses the border of a block is cut there. Linear time; memory for the trace.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { blockWorkload } from "veelab/traces";
 * import { withoutTemporalLocality } from "veelab/storage-migration";
 *
 * const trace = blockWorkload({ requests: 1000, diskBytes: 2 ** 26 });
 * console.log((await withoutTemporalLocality(trace, { diskBytes: 2 ** 26, startS: 0.5 }))[0]?.op.length); // 1000
 * ```
 */
export function withoutTemporalLocality(trace: BlockTrace, options: LocalityOptions): Promise<BlockBatch[]> {
  return moved(trace, options, (stream, blocks) => {
    const places = stream.shuffle(ascending(blocks));
    return (block, _write, later) => (later ? places[block]! : block);
  });
}

/**
 * The trace with neighbours torn apart: blocks have other places all the time, by one shuffle of all. Each block is written as
 * often and when it was, so that history is as good as before at the grain of a block and says nothing of a block's neighbours.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { blockWorkload } from "veelab/traces";
 * import { withoutSpatialLocality } from "veelab/storage-migration";
 *
 * const trace = blockWorkload({ requests: 1000, diskBytes: 2 ** 26 });
 * console.log((await withoutSpatialLocality(trace, { diskBytes: 2 ** 26 })).length); // 1
 * ```
 */
export function withoutSpatialLocality(trace: BlockTrace, options: LocalityOptions): Promise<BlockBatch[]> {
  return moved(trace, options, (stream, blocks) => {
    const places = stream.shuffle(ascending(blocks));
    return (block) => places[block]!;
  });
}

/**
 * The trace with all blocks alike: a write goes to any of the blocks that are ever written, a read to any of those that are ever read,
 * each as likely as the others and whatever the request before was. Which blocks are used at all stays; how often each of them is used becomes equal,
 * and runs of neighbours and use again within a short time go with it.
 *
 * @throws OptionError for an option out of range
 *
 * @example
 * ```ts
 * import { blockWorkload } from "veelab/traces";
 * import { withoutPopularity } from "veelab/storage-migration";
 *
 * const trace = blockWorkload({ requests: 1000, diskBytes: 2 ** 26 });
 * console.log((await withoutPopularity(trace, { diskBytes: 2 ** 26 })).length); // 1
 * ```
 */
export function withoutPopularity(trace: BlockTrace, options: LocalityOptions): Promise<BlockBatch[]> {
  return moved(trace, options, (stream, blocks, batches, blockBytes) => {
    const used = [new Set<number>(), new Set<number>()] as const;
    for (const { op, offsetBytes } of batches)
      op.forEach((code, row) => {
        const block = Math.floor(offsetBytes[row]! / blockBytes);
        if (code <= 1 && block < blocks) used[code as 0 | 1].add(block);
      });
    const [read, written] = used.map((set) => Uint32Array.from(set).sort());
    return (_block, write) => stream.pick(write ? written! : read!);
  });
}
