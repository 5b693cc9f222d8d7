/** A uniform sample of a stream of unknown length. */
export interface Reservoir {
  /** The first `count` of some values. */
  add(values: Float64Array, count: number): void;
  /** Whether every value is in the sample. */
  complete(): boolean;
  /** The sample in ascending order. */
  sorted(): Float64Array;
}

/**
 * Keeps a uniform random sample of at most `size` values (K.-H. Li, "Reservoir-sampling algorithms of time complexity
 * O(n(1 + log(N/n)))", ACM TOMS 20(4), 1994, algorithm L), with a fixed seed: equal streams give equal samples.
 * Constant time a value, nearly always a counter.
 */
export function reservoir(size: number): Reservoir {
  let sample = new Float64Array(Math.min(size, 1024));
  let seen = 0;
  let next = 0;
  let weight = 1;
  let state = 0x9e3779b9;
  // Mulberry32: its quality is ample for a sample, and it needs no table.
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  const skip = () => {
    weight *= Math.exp(Math.log(random()) / size);
    next += Math.floor(Math.log(random()) / Math.log(1 - weight)) + 1;
  };
  return {
    add(values, count) {
      let at = 0;
      if (seen < size) {
        at = Math.min(count, size - seen);
        if (seen + at > sample.length) {
          const larger = new Float64Array(Math.min(size, Math.max(seen + at, 2 * sample.length)));
          larger.set(sample);
          sample = larger;
        }
        sample.set(values.subarray(0, at), seen);
        seen += at;
        if (seen === size) {
          next = size - 1;
          skip();
        }
      }
      // Values between those that are taken are not looked at.
      const first = seen - at;
      while (seen >= size && next < first + count) {
        sample[Math.floor(random() * size)] = values[next - first]!;
        skip();
      }
      seen = first + count;
    },
    complete: () => seen <= size,
    sorted: () => sample.slice(0, Math.min(seen, size)).sort(),
  };
}
