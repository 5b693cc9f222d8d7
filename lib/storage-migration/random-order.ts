import { onlyOptions } from "../core/options.ts";
import { random } from "../core/random.ts";
import { ascending, type Order } from "./order.ts";

/**
 * One shuffle of all blocks.
 *
 * @param options - `seed` of the shuffle, 1 when not given
 * @throws OptionError when the seed is neither a whole number nor a text
 *
 * @example
 * ```ts
 * import { randomOrder } from "veelab/storage-migration";
 *
 * const order = randomOrder({ seed: 7 }).create({ blocks: 100 }).order();
 * console.log(new Set(order).size); // 100
 * ```
 */
export function randomOrder(options: { readonly seed?: number | string } = {}): Order {
  onlyOptions(options, ["seed"]);
  const { seed = 1 } = options;
  const stream = random(seed);
  return {
    label: "random",
    params: { seed },
    create: ({ blocks }) => ({
      order: () => Uint32Array.from(stream.split(blocks).shuffle(ascending(blocks))),
    }),
  };
}
