import { batchesOf, type BlockTrace } from "./trace.ts";

/** When each block is written last between two times, both included, ns; −1 for never. */
export async function lastWrites(
  trace: BlockTrace,
  { blocks, blockBytes, startNs, endNs }: Readonly<Record<"blocks" | "blockBytes" | "startNs" | "endNs", number>>,
): Promise<Float64Array> {
  const last = new Float64Array(blocks).fill(-1);
  for await (const { timeNs, op, offsetBytes, sizeBytes } of batchesOf(trace))
    for (let row = 0; row < timeNs.length; row++) {
      const at = timeNs[row]!;
      if (at < startNs || op[row] !== 1 || sizeBytes[row] === 0) continue;
      if (at > endNs) return last;
      const to = Math.floor((offsetBytes[row]! + sizeBytes[row]! - 1) / blockBytes);
      for (let block = Math.floor(offsetBytes[row]! / blockBytes); block <= to; block++) last[block] = at;
    }
  return last;
}
