import { finite, fraction, onlyOptions, positive } from "../core/options.ts";
import { OptionError } from "../core/errors.ts";
import type { Packing, Variant } from "./variant.ts";

const variant = (label: string, skipsZero: boolean, leaves: Variant["leaves"]): Variant => ({
  label,
  params: {},
  skipsZero,
  leaves,
  incremental: false,
});

/**
 * All of memory, as Xen saves it and as the paper's baseline.
 *
 * @example
 * ```ts
 * import { fullImage } from "veelab/checkpointing";
 * console.log(fullImage().label); // full
 * ```
 */
export const fullImage = (): Variant => variant("full", false, "none");

/**
 * All but pages of zeros, as QEMU saves it.
 *
 * @example
 * ```ts
 * import { skipZero } from "veelab/checkpointing";
 * console.log(skipZero().skipsZero); // true
 * ```
 */
export const skipZero = (): Variant => variant("zero-skipping", true, "none");

/**
 * All but pages of the page-to-block map: the paper's.
 *
 * @example
 * ```ts
 * import { skipMapped } from "veelab/checkpointing";
 * console.log(skipMapped().leaves); // mapped
 * ```
 */
export const skipMapped = (): Variant => variant("map", false, "mapped");

/**
 * All but pages of zeros and pages of the map.
 *
 * @example
 * ```ts
 * import { skipMappedAndZero } from "veelab/checkpointing";
 * console.log(skipMappedAndZero().label); // map + zero
 * ```
 */
export const skipMappedAndZero = (): Variant => variant("map + zero", true, "mapped");

/**
 * All but pages of zeros and pages that equal any block of the disk, as hashing all of both would find them: the bound of
 * every map. No real checkpointer has the time.
 *
 * @example
 * ```ts
 * import { skipEqual } from "veelab/checkpointing";
 * console.log(skipEqual().leaves); // equal
 * ```
 */
export const skipEqual = (): Variant => variant("content oracle", true, "equal");

/**
 * A variant that also leaves out what was not written to since the last checkpoint. The first of a run stores all that the
 * variant itself does. A restore needs the images back to that one, and the disk as it was at each: a page that the last image left to
 * a block stays left to it, even where the block has been overwritten since.
 *
 * @example
 * ```ts
 * import { incremental, skipZero } from "veelab/checkpointing";
 * console.log(incremental(skipZero()).label); // incremental, zero-skipping
 * ```
 */
export const incremental = (of: Variant): Variant => ({ ...of, label: `incremental, ${of.label}`, incremental: true });

/**
 * A variant whose stored pages are compressed.
 *
 * @throws OptionError for a ratio or a rate out of range
 *
 * @example
 * ```ts
 * import { compressed, gzip1, skipMappedAndZero } from "veelab/checkpointing";
 * console.log(compressed(skipMappedAndZero(), gzip1).label); // compressed, map + zero
 * ```
 */
export function compressed(of: Variant, packing: Packing): Variant {
  onlyOptions(packing, ["ratio", "zeroRatio", "megabytesPerS"], "packing");
  for (const name of ["ratio", "zeroRatio"] as const) {
    fraction(`packing.${name}`, packing[name]);
    if (packing[name] === 0) throw new OptionError(`packing.${name}`, "a share above 0", 0);
  }
  positive("packing.megabytesPerS", finite("packing.megabytesPerS", packing.megabytesPerS));
  const { ratio, zeroRatio, megabytesPerS } = packing;
  return {
    ...of,
    label: `compressed, ${of.label}`,
    params: { ...of.params, ratio, zeroRatio, megabytesPerS },
    packing,
  };
}

/**
 * gzip at its fastest level. The ratio is that of the pages of one real guest (Debian 12 of 256 MB) that are neither zeros nor
 * equal to a block: 71.6 MB became 25.6 MB; the other guests of the notebook may differ.
 *
 * @example
 * ```ts
 * import { gzip1 } from "veelab/checkpointing";
 * console.log(gzip1.ratio.toFixed(2)); // 0.36
 * ```
 */
export const gzip1: Packing = {
  ratio: 25.6 / 71.6,
  // measured: zlib's level 1, 1 MiB of zeros.
  zeroRatio: 0.0044,
  // assumption: 100 MB/s a core, the order of what gzip -1 does on a server's core.
  megabytesPerS: 100,
};
