import { SimulationError } from "../core/errors.ts";

/**
 * Expected number of dirty blocks at the end of a bulk pass of length T in random order, or in linear order over rates that
 * do not depend on the place: the sum over blocks of 1 − (1 − e^(−λT))/(λT), for Poisson writes at λ a second. It integrates over the places;
 * with few blocks the mean of {@link expectedDirtyOf} over them is exact, and more by up to half of one place's rise. Linear time.
 *
 * @param ratesPerS - λ of each block
 * @param bulkS - T
 *
 * @example
 * ```ts
 * import { expectedDirty } from "veelab/storage-migration";
 *
 * console.log(expectedDirty([0.1], 10).toFixed(3)); // 0.368
 * ```
 */
export function expectedDirty(ratesPerS: Iterable<number>, bulkS: number): number {
  let sum = 0;
  for (const rate of ratesPerS) {
    const writes = rate * bulkS;
    if (writes > 0) sum += 1 + Math.expm1(-writes) / writes;
  }
  return sum;
}

/**
 * The same for an order that is known: block c, sent at t_c, is dirty with probability 1 − e^(−λ(T − t_c)). Linear time.
 *
 * @param ratesPerS - λ of each block
 * @param sentS - t_c of each block
 * @param bulkS - T
 *
 * @example
 * ```ts
 * import { expectedDirtyOf } from "veelab/storage-migration";
 *
 * const hotLast = expectedDirtyOf([0, 1], [0, 1], 2);
 * console.log(hotLast < expectedDirtyOf([0, 1], [1, 0], 2)); // true
 * ```
 */
export function expectedDirtyOf(ratesPerS: ArrayLike<number>, sentS: ArrayLike<number>, bulkS: number): number {
  let sum = 0;
  for (let i = 0; i < ratesPerS.length; i++) sum += -Math.expm1(-ratesPerS[i]! * (bulkS - sentS[i]!));
  return sum;
}

/**
 * What {@link geometricPreCopy} gives.
 *
 * @example
 * ```ts
 * import type { GeometricPreCopy } from "veelab/storage-migration";
 *
 * const extra = ({ totalBytes }: GeometricPreCopy, diskBytes: number): number => totalBytes - diskBytes;
 * console.log(typeof extra);
 * ```
 */
export interface GeometricPreCopy {
  /** Rounds after the bulk pass until the rest is at most the threshold. */
  readonly rounds: number;
  /** Sent in all, bytes, the rest included. */
  readonly totalBytes: number;
}

/**
 * Iterative pre-copy of a volume V whose blocks become dirty at a constant rate D while B is sent: each round is r = D/B times
 * as long as the one before, so that k = ⌈log(threshold/V) / log r⌉ rounds leave at most the threshold, and V(1 − r^(k+1))/(1 − r) is
 * sent with that rest. Constant time.
 *
 * @throws SimulationError when r ≥ 1: it never converges
 *
 * @example
 * ```ts
 * import { geometricPreCopy } from "veelab/storage-migration";
 *
 * const half = geometricPreCopy({ volumeBytes: 1024, dirtyBytesPerS: 1, bytesPerS: 2, thresholdBytes: 1 });
 * console.log(half.rounds, half.totalBytes); // 10 2047
 * ```
 */
export function geometricPreCopy(given: {
  readonly volumeBytes: number;
  readonly dirtyBytesPerS: number;
  readonly bytesPerS: number;
  readonly thresholdBytes: number;
}): GeometricPreCopy {
  const { volumeBytes, dirtyBytesPerS, bytesPerS, thresholdBytes } = given;
  const ratio = dirtyBytesPerS / bytesPerS;
  if (ratio >= 1)
    throw new SimulationError(
      "storage-migration",
      `pre-copy never converges when ${ratio} of what is sent becomes dirty`,
    );
  if (ratio === 0) return { rounds: 1, totalBytes: volumeBytes };
  const rounds = Math.max(1, Math.ceil(Math.log(thresholdBytes / volumeBytes) / Math.log(ratio) - 1e-9));
  return { rounds, totalBytes: (volumeBytes * (1 - ratio ** (rounds + 1))) / (1 - ratio) };
}

/**
 * The fewest blocks that are dirty at the end of a bulk pass, over all orders, by trying each: for tests with few blocks.
 * O(blocks! × blocks).
 *
 * @param lastWriteS - when each block is written last during the pass, −1 for never
 * @param slotS - the time that a block takes
 * @returns the number of dirty blocks under the best order
 *
 * @example
 * ```ts
 * import { fewestDirty } from "veelab/storage-migration";
 *
 * console.log(fewestDirty([0.5, 1.5, 1.5], 1)); // 1: only one block can be sent at 2 s
 * ```
 */
export function fewestDirty(lastWriteS: readonly number[], slotS: number): number {
  let fewest = lastWriteS.length;
  const visit = (left: readonly number[], place: number, dirty: number): void => {
    if (dirty >= fewest) return;
    if (left.length === 0) {
      fewest = dirty;
      return;
    }
    left.forEach((time, index) => {
      visit(left.toSpliced(index, 1), place + 1, dirty + (time > place * slotS ? 1 : 0));
    });
  };
  visit(lastWriteS, 0, 0);
  return fewest;
}

/**
 * The time that a read waits for a block which is not there, with no other traffic: RTT + block/B, in s. Constant time.
 *
 * @example
 * ```ts
 * import { stallS } from "veelab/storage-migration";
 *
 * console.log(stallS({ rttMs: 50, blockBytes: 1e6, bytesPerS: 1e7 }).toFixed(2)); // 0.15
 * ```
 */
export function stallS(given: {
  readonly rttMs: number;
  readonly blockBytes: number;
  readonly bytesPerS: number;
}): number {
  return given.rttMs / 1000 + given.blockBytes / given.bytesPerS;
}

/**
 * The share of reads that find their block missing when the k most popular of N blocks have arrived and popularity is
 * Zipf's with exponent s: 1 − H(k, s)/H(N, s), with H(n, s) the sum of i^(−s) up to n. Linear in N.
 *
 * @example
 * ```ts
 * import { missingShare } from "veelab/storage-migration";
 *
 * console.log(missingShare(2, 4, 0)); // 0.5
 * ```
 */
export function missingShare(arrived: number, blocks: number, exponent: number): number {
  const harmonic = (n: number): number => {
    let sum = 0;
    for (let i = n; i >= 1; i--) sum += i ** -exponent;
    return sum;
  };
  return 1 - harmonic(arrived) / harmonic(blocks);
}
