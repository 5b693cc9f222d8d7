import type { Future } from "./order.ts";
import { batchesOf, type BlockTrace } from "./trace.ts";

/** Reads ahead when each block is written last while the bulk pass lasts. */
export async function futureOf(
  trace: BlockTrace,
  given: Readonly<Record<"blocks" | "blockBytes" | "startNs" | "blockNs", number>>,
): Promise<Future> {
  const { blocks, blockBytes, startNs, blockNs } = given;
  const endNs = startNs + blocks * blockNs;
  const lastWriteNs = new Float64Array(blocks).fill(-1);
  for await (const { timeNs, op, offsetBytes, sizeBytes } of batchesOf(trace))
    for (let row = 0; row < timeNs.length; row++) {
      const at = timeNs[row]!;
      if (at < startNs || op[row] !== 1 || sizeBytes[row] === 0) continue;
      if (at > endNs) return { startNs, blockNs, lastWriteNs };
      const to = Math.floor((offsetBytes[row]! + sizeBytes[row]! - 1) / blockBytes);
      for (let block = Math.floor(offsetBytes[row]! / blockBytes); block <= to; block++) lastWriteNs[block] = at;
    }
  return { startNs, blockNs, lastWriteNs };
}
