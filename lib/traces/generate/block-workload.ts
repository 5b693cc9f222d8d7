import type * as arrow from "apache-arrow";
import { blockOperations } from "../../../datasets/formats/kinds.ts";
import { codes } from "../../../datasets/formats/layout.ts";
import { fraction, integer, onlyOptions, positive } from "../../core/options.ts";
import { random } from "../../core/random.ts";
import { generated, type GeneratedOptions } from "./generated.ts";
import { zipf } from "./zipf.ts";

/** What {@link blockWorkload} makes. */
export interface BlockWorkloadOptions extends GeneratedOptions {
  /** Requests in all. */
  readonly requests: number;
  /** Requests a second; they arrive as a Poisson process. 1000 when not given. */
  readonly ratePerS?: number;
  /** The share of reads, 0 to 1. 0.5 when not given. */
  readonly readShare?: number;
  /** The share of requests that go on where the one before ended, 0 to 1. 0.3 when not given. */
  readonly sequentialShare?: number;
  /** The disk's size. 16 GiB when not given. */
  readonly diskBytes?: number;
  /** The size of each request, also the grain of offsets. 4096 when not given. */
  readonly sizeBytes?: number;
  /** The exponent of the popularity of places (Zipf); their ranks are scattered over the disk. 0.9 when not given. */
  readonly zipfExponent?: number;
}

const names = ["requests", "ratePerS", "readShare", "sequentialShare", "diskBytes", "sizeBytes", "zipfExponent"];

/**
 * A seeded block trace with the columns of `kindColumns.block`: Poisson arrivals, reads and writes by chance, a share of
 * sequential requests, the others to places of Zipf's popularity. For sizes and shapes that no capture has. Constant time a
 * request; memory for a batch.
 *
 * @throws OptionError for an option that is out of its range
 *
 * @example
 * ```ts
 * import { blockWorkload } from "veelab/traces";
 *
 * let requests = 0;
 * for (const batch of blockWorkload({ requests: 1000, readShare: 0.7, seed: 42 })) requests += batch.numRows;
 * console.log(requests); // 1000
 * ```
 */
export function blockWorkload(options: BlockWorkloadOptions): Generator<arrow.RecordBatch, void> {
  onlyOptions(options, [...names, "seed", "batchRows"]);
  const requests = integer("requests", options.requests, { min: 0 });
  const meanGapNs = 1e9 / positive("ratePerS", options.ratePerS ?? 1000);
  const readShare = fraction("readShare", options.readShare ?? 0.5);
  const sequentialShare = fraction("sequentialShare", options.sequentialShare ?? 0.3);
  const sizeBytes = integer("sizeBytes", options.sizeBytes ?? 4096, { min: 512 });
  const diskBytes = integer("diskBytes", options.diskBytes ?? 16 * 2 ** 30, { min: sizeBytes });
  const places = Math.floor(diskBytes / sizeBytes);
  const stream = random(options.seed ?? 1);
  const rank = zipf(stream.split("places"), places, options.zipfExponent ?? 0.9);
  const scatter = scattered(places);
  const layout = {
    timeNs: "float64",
    op: codes(blockOperations),
    offsetBytes: "float64",
    sizeBytes: "float64",
  } as const;
  let time = 0;
  let place = 0;
  return generated("block", layout, requests, options, ({ columns, count }, number) => {
    if (number > 0) time += Math.round(stream.exponential(meanGapNs));
    place = number > 0 && stream.float() < sequentialShare ? (place + 1) % places : scatter(rank());
    columns.timeNs[count] = time;
    columns.op[count] = stream.float() < readShare ? 0 : 1;
    columns.offsetBytes[count] = place * sizeBytes;
    columns.sizeBytes[count] = sizeBytes;
  });
}

/** A permutation of 0, 1, …, n − 1 by a step that shares no divisor with n: neighbours in rank are no neighbours on the disk. */
function scattered(n: number): (rank: number) => number {
  const coprime = (a: number, b: number): boolean => (b === 0 ? a === 1 : coprime(b, a % b));
  // The golden section spreads multiples evenly (D. Knuth, The Art of Computer Programming 3, 6.4).
  let step = Math.max(1, Math.min(2 ** 20, Math.round(n * 0.6180339887)));
  while (!coprime(n, step)) step -= 1;
  return (rank) => (rank * step) % n;
}
