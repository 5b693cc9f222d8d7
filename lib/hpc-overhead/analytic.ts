/**
 * Overhead of periodic noise in a bulk-synchronous program: d (⌊k⌋ + 1 − (1 − frac k)^N) / g with k = g/T, the expectation of the
 * longest of N computations when each has a phase of its own, drawn anew. For wide k, N and d; a share, not %. Constant time.
 *
 * @param options - g: computation between two synchronisations, T: period, d: duration, ns; N: nodes
 *
 * @example
 * ```ts
 * import { bulkNoiseOverhead } from "veelab/hpc-overhead";
 * const [computeNs, periodNs, durationNs] = [1e5, 1e8, 2.5e6];
 * console.log(Math.round(100 * bulkNoiseOverhead({ computeNs, periodNs, durationNs, nodes: 10_000 }))); // 2500
 * ```
 */
export function bulkNoiseOverhead(options: {
  readonly computeNs: number;
  readonly periodNs: number;
  readonly durationNs: number;
  readonly nodes: number;
}): number {
  const { computeNs, periodNs, durationNs, nodes } = options;
  const k = computeNs / periodNs;
  const whole = Math.floor(k);
  return (durationNs * (whole + 1 - (1 - (k - whole)) ** nodes)) / computeNs;
}

/**
 * Overhead of periodic noise on the wall clock as the computation between two synchronisations becomes short: all stand still while
 * any is interrupted, so 1/(1 − d/T)^N − 1 for independent phases. A share; constant time.
 *
 * @example
 * ```ts
 * import { wallNoiseLimit } from "veelab/hpc-overhead";
 * console.log(wallNoiseLimit({ periodNs: 100, durationNs: 50, nodes: 2 })); // 3
 * ```
 */
export function wallNoiseLimit(options: {
  readonly periodNs: number;
  readonly durationNs: number;
  readonly nodes: number;
}): number {
  return (1 - options.durationNs / options.periodNs) ** -options.nodes - 1;
}

/**
 * An allreduce of up to a byte by recursive doubling, ns: log2 P rounds of L + 2o. Where P is no power of two, two rounds more, and a
 * bound: some nodes' messages are early. The gap must be at most L + 2o.
 *
 * @example
 * ```ts
 * import { allreduceNs } from "veelab/hpc-overhead";
 * console.log(allreduceNs(4096, { latencyNs: 4000, overheadNs: 1000 })); // 72000
 * ```
 */
export function allreduceNs(
  nodes: number,
  network: { readonly latencyNs: number; readonly overheadNs: number },
): number {
  const doublings = Math.floor(Math.log2(nodes));
  return (2 ** doublings === nodes ? doublings : doublings + 2) * (network.latencyNs + 2 * network.overheadNs);
}

/**
 * Half a round trip of a PingPong, ns: L + 2o + (s − 1)(G + 2c) for copies of c a byte at either end, and what exits add to it.
 *
 * @example
 * ```ts
 * import { pingPongNs } from "veelab/hpc-overhead";
 * console.log(pingPongNs(1001, { latencyNs: 4000, overheadNs: 1000, byteGapNs: 0.5 }, 1000)); // 7500
 * ```
 */
export function pingPongNs(
  bytes: number,
  network: { readonly latencyNs: number; readonly overheadNs: number; readonly byteGapNs: number },
  addedNs = 0,
  copyNsPerByte = 0,
): number {
  const byteNs = network.byteGapNs + 2 * copyNsPerByte;
  return network.latencyNs + 2 * network.overheadNs + (bytes - 1) * byteNs + addedNs;
}

/**
 * The loads of CR3 a second at which shadow paging that flushes at each costs as much as nested paging: misses × (2-D − 1-D walk) /
 * (pages × hidden fault + exit). Constant time; any one unit of time throughout.
 *
 * @example
 * ```ts
 * import { crossoverLoadsPerS } from "veelab/hpc-overhead";
 * const rate = crossoverLoadsPerS({ missesPerS: 1e6, nestedWalk: 100, nativeWalk: 40, pages: 100, hiddenFault: 5000, load: 4000 });
 * console.log(rate.toFixed(0)); // 119
 * ```
 */
export function crossoverLoadsPerS(options: {
  readonly missesPerS: number;
  readonly nestedWalk: number;
  readonly nativeWalk: number;
  readonly pages: number;
  readonly hiddenFault: number;
  readonly load: number;
}): number {
  const { missesPerS, nestedWalk, nativeWalk, pages, hiddenFault, load } = options;
  return (missesPerS * (nestedWalk - nativeWalk)) / (pages * hiddenFault + load);
}

/**
 * Share of random accesses to a table that miss a TLB: what its reach does not cover, 1 − reach / table; 0 where it covers all.
 *
 * @example
 * ```ts
 * import { randomMissRatio } from "veelab/hpc-overhead";
 * console.log(randomMissRatio({ entries: 512, pageBytes: 4096, tableBytes: 2 ** 23 })); // 0.75
 * ```
 */
export function randomMissRatio(options: {
  readonly entries: number;
  readonly pageBytes: number;
  readonly tableBytes: number;
}): number {
  return Math.max(0, 1 - (options.entries * options.pageBytes) / options.tableBytes);
}
