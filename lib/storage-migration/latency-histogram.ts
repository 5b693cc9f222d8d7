const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
/** Mantissa bits that tell buckets apart: 2^6 buckets in each doubling, each at most 1.6 % wide. */
const SHIFT = 17;
const BUCKETS = 2 ** (31 - SHIFT);

/** Times in buckets of a fixed relative width, so that quantiles of any number of requests take constant memory. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  count = 0;
  sumNs = 0;
  maxNs = 0;

  add(ns: number): void {
    // The bits of a positive float grow with it: the upper ones are its bucket.
    float[0] = ns;
    this.#counts[bits[0]! >>> SHIFT]!++;
    this.count++;
    this.sumNs += ns;
    if (ns > this.maxNs) this.maxNs = ns;
  }

  /** The mean, ms; 0 for no request. */
  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumNs / this.count / 1e6;
  }

  /** The p-quantile, ms: the upper end of its bucket, at most 1.6 % too high; 0 for no request. */
  quantileMs(p: number): number {
    const rank = Math.max(1, Math.ceil(p * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) return bucket === 0 ? 0 : Math.min(this.maxNs, upper(bucket)) / 1e6;
    }
    return 0;
  }

  /** The buckets that are not empty: their upper ends, ms, and the requests in them. */
  buckets(): { readonly upToMs: number; readonly requests: number }[] {
    return [...this.#counts].flatMap((requests, bucket) =>
      requests === 0 ? [] : [{ upToMs: bucket === 0 ? 0 : upper(bucket) / 1e6, requests }],
    );
  }
}

function upper(bucket: number): number {
  bits[0] = (bucket + 1) << SHIFT;
  return float[0]!;
}
