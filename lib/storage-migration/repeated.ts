import { integer } from "../core/options.ts";
import { batchesOf, type BlockBatch, type BlockTrace } from "./trace.ts";

/**
 * A trace several times over, one after the other, for a capture that is shorter than a migration. Each repetition begins
 * after the last request of the one before. It writes the same places again, so that its history predicts its future better than
 * that of a real machine would: say so where results are shown. Linear time; memory for the trace.
 *
 * @param times - whole number from 1
 * @throws OptionError for `times` out of range
 *
 * @example
 * ```ts
 * import { stream } from "veelab/datasets";
 * import { repeated } from "veelab/storage-migration";
 *
 * const once = await repeated(stream("guest/blkio-idle"), 1);
 * const thrice = await repeated(stream("guest/blkio-idle"), 3);
 * console.log(thrice.length / once.length); // 3
 * ```
 */
export async function repeated(trace: BlockTrace, times: number): Promise<BlockBatch[]> {
  integer("times", times, { min: 1 });
  const once: BlockBatch[] = [];
  for await (const batch of batchesOf(trace)) once.push(batch);
  let lastNs = 0;
  for (const { timeNs } of once) for (const at of timeNs) lastNs = Math.max(lastNs, at);
  return Array.from({ length: times }, (_, round) =>
    once.map((batch) => ({ ...batch, timeNs: batch.timeNs.map((at) => at + round * (lastNs + 1)) })),
  ).flat();
}
