import { SimulationError } from "../core/errors.ts";
import { ascending, type Order } from "./order.ts";

/**
 * The order that knows the future: no other has fewer dirty blocks at the end of the bulk pass. From the last place to the first, each place
 * takes the block that is written last of those not written after that place's time; blocks that fit nowhere are sent
 * first. Where every block fits, this is the order of last writes, those not written first, and nothing is dirty. (The order of last
 * writes alone is no bound: one block that fits nowhere can push others before their last write.)
 *
 * Exact for one machine without blocks of zeros whose disk is not slower than the link: each place is taken to last what a block takes at the fair
 * share of the link, all the time. The trace is
 * read twice: give a table or a list of batches, not a stream. O(blocks log blocks).
 *
 * @example
 * ```ts
 * import { oracle } from "veelab/storage-migration";
 *
 * const future = { startNs: 0, blockNs: 10, lastWriteNs: Float64Array.of(19, -1, 5) };
 * console.log(oracle().create({ blocks: 3, future }).order().join()); // 1,2,0
 * ```
 */
export function oracle(): Order {
  return {
    label: "oracle",
    params: {},
    future: true,
    create: ({ blocks, future }) => ({
      order: () => {
        if (future === undefined) throw new SimulationError("storage-migration", "the oracle was told no future");
        const { startNs, blockNs, lastWriteNs } = future;
        const byLastWrite = ascending(blocks).sort((a, b) => lastWriteNs[a]! - lastWriteNs[b]!);
        const order = new Uint32Array(blocks);
        const lost: number[] = [];
        let place = blocks - 1;
        for (const block of byLastWrite.reverse())
          if (lastWriteNs[block]! > startNs + place * blockNs) lost.push(block);
          else order[place--] = block;
        lost.forEach((block, index) => (order[index] = block));
        return order;
      },
    }),
  };
}
