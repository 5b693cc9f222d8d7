import { pageBytes } from "../../datasets/formats/page.ts";
import type { Costs } from "./costs.ts";
import type { Placement } from "./map-size.ts";

/**
 * How long a guest is away when it is restored, s.
 *
 * @example
 * ```ts
 * import type { RestoreTimes } from "veelab/checkpointing";
 * const gain = ({ inPageOrderS, sortedS }: RestoreTimes): number => inPageOrderS / sortedS;
 * console.log(gain);
 * ```
 */
export interface RestoreTimes {
  /** The image, then each extent of the map in order of pages. */
  readonly inPageOrderS: number;
  /** The image, then each distinct block once, in the disk's order. */
  readonly sortedS: number;
  /** The image; pages of the map are read when they are touched, one after the other, until the guest responds. */
  readonly lazyS: number;
}

/**
 * Restore times of an image. A read that does not go on where the last ended costs the disk's access time; its latency is
 * overlapped by further reads, but for a page that the guest waits for. Constant time.
 *
 * @param image - its bytes, the pages of the map, their {@link Placement}, and how many of them the guest touches until it responds
 *
 * @example
 * ```ts
 * import { costs2011, restoreTimes } from "veelab/checkpointing";
 * const times = restoreTimes(
 *   { imageBytes: 90e6, mappedPages: 1000, placement: { extents: 100, runs: 10, blocks: 1000 }, touchedPages: 20 },
 *   { ...costs2011, fixedS: 0 },
 * );
 * // one access and 1 s for the image, and an access for each extent or run: 9 ms
 * console.log(times.inPageOrderS - times.sortedS); // 0.81
 * ```
 */
export function restoreTimes(
  image: {
    readonly imageBytes: number;
    readonly mappedPages: number;
    readonly placement: Placement;
    readonly touchedPages: number;
  },
  costs: Costs,
): RestoreTimes {
  const { storage, disk } = costs;
  const transferS = (bytes: number, rate: number): number => bytes / (rate * 1e6);
  const imageS =
    costs.fixedS + (storage.accessMs + storage.latencyMs) * 1e-3 + transferS(image.imageBytes, storage.sequentialMBps);
  const readS = (pieces: number, pages: number): number =>
    pages === 0
      ? 0
      : (pieces * disk.accessMs + disk.latencyMs) * 1e-3 + transferS(pages * pageBytes, disk.sequentialMBps);
  const touchS =
    costs.storeExitUs * 1e-6 + (disk.accessMs + disk.latencyMs) * 1e-3 + transferS(pageBytes, disk.sequentialMBps);
  return {
    inPageOrderS: imageS + readS(image.placement.extents, image.mappedPages),
    sortedS: imageS + readS(image.placement.runs, image.placement.blocks),
    lazyS: imageS + image.touchedPages * touchS,
  };
}
