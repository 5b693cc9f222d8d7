/**
 * What an image leaves out and how it is packed: a plain value. Its parameters become columns of a sweep.
 *
 * @example
 * ```ts
 * import { fullImage, type Variant } from "veelab/checkpointing";
 * const packed: Variant = { ...fullImage(), label: "full, packed", packing: { ratio: 0.5, zeroRatio: 0.01, megabytesPerS: 100 } };
 * console.log(packed.label);
 * ```
 */
export interface Variant {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** Whether pages of zeros are a bit each. */
  readonly skipsZero: boolean;
  /** Which pages are left to the disk: none, those of the page-to-block map, or all that equal some block (an oracle). */
  readonly leaves: "none" | "mapped" | "equal";
  /** Whether pages that were not written to since the last checkpoint are left to that one's image. */
  readonly incremental: boolean;
  /** How stored pages are compressed; absent: not at all. */
  readonly packing?: Packing;
}

/**
 * A compressor, as far as an image's size and time depend on it.
 *
 * @example
 * ```ts
 * import { gzip1, type Packing } from "veelab/checkpointing";
 * const twice: Packing = { ...gzip1, megabytesPerS: 2 * gzip1.megabytesPerS };
 * console.log(twice.ratio);
 * ```
 */
export interface Packing {
  /** Bytes of a stored page after by bytes before; above 0, at most 1. */
  readonly ratio: number;
  /** The same of a page of zeros, where these are stored. */
  readonly zeroRatio: number;
  /** How much it reads, 10⁶ bytes a second. */
  readonly megabytesPerS: number;
}
