/** The order in which a guest gives up its page frames, numbered from 0. Made by a {@link ReclaimPolicy}. */
export interface Reclaim {
  /** A page comes into a free frame. */
  fill(frame: number): void;
  /** The page in a frame is referenced. A second reference in a row must change nothing. */
  touch(frame: number): void;
  /** Takes out the frame whose page goes; called when every frame is filled. */
  victim(): number;
}

/**
 * Which page of a guest goes when it has no free frame: a plain value, as every policy in veelab. Each sees every reference,
 * which a processor's accessed bits only approximate.
 *
 * @example
 * ```ts
 * import { clock, exactLru, type ReclaimPolicy } from "veelab/symbiotic-swap";
 * const policies: readonly ReclaimPolicy[] = [exactLru(), clock()];
 * console.log(policies.map(({ label }) => label).join()); // LRU,clock
 * ```
 */
export interface ReclaimPolicy {
  /** Its name in tables and charts. */
  readonly label: string;
  /** Its parameters, columns of a sweep's table. */
  readonly params: Readonly<Record<string, number | string>>;
  /** The order of so many frames, all free. */
  create(frames: number): Reclaim;
}
