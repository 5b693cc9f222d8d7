/**
 * Sums over time in bins whose width doubles when time outgrows them: the length of a trace need not be known, and
 * memory stays bounded. At the end between half and all of `most` bins are used.
 */
export class TimeBins {
  /** Nanoseconds, or whatever the times are. */
  width: number;
  /** Bins in use. */
  count = 0;
  readonly sums: Float64Array[];
  readonly #most: number;
  /** The bin that was asked for last, and its ends. */
  #bin = 0;
  #from = 0;
  #to = 0;

  constructor(series: number, most = 240, width = 1000) {
    this.#most = most;
    this.width = width;
    this.sums = Array.from({ length: series }, () => new Float64Array(most));
  }

  /** The bin of a time; times before zero, and what is no time, are in the first one. */
  binOf(time: number): number {
    // Neighbours are mostly of one bin.
    if (time >= this.#from && time < this.#to) return this.#bin;
    let bin = time >= this.width && time < Infinity ? Math.floor(time / this.width) : 0;
    while (bin >= this.#most) {
      this.#double();
      bin = Math.floor(time / this.width);
    }
    if (bin >= this.count) this.count = bin + 1;
    this.#bin = bin;
    this.#from = bin * this.width;
    this.#to = this.#from + this.width;
    return bin;
  }

  /** One more series, of zeros so far. */
  addSeries(): Float64Array {
    const sums = new Float64Array(this.#most);
    this.sums.push(sums);
    return sums;
  }

  #double(): void {
    this.width *= 2;
    for (const sums of this.sums)
      for (let bin = 0; bin < this.#most; bin += 1)
        sums[bin] = 2 * bin < this.#most ? sums[2 * bin]! + (sums[2 * bin + 1] ?? 0) : 0;
    this.count = Math.ceil(this.count / 2);
    this.onDouble?.();
  }

  /** For what is kept beside the sums. */
  onDouble?: () => void;
}

/** A unit in which the times of a span read well, and what it is in nanoseconds. */
export function timeUnit(ns: number): { readonly unit: string; readonly ns: number } {
  const units = [
    ["d", 86_400e9],
    ["h", 3600e9],
    ["min", 60e9],
    ["s", 1e9],
    ["ms", 1e6],
    ["µs", 1e3],
  ] as const;
  const [unit, size] = units.find(([, size]) => ns >= 3 * size) ?? (["ns", 1] as const);
  return { unit, ns: size };
}

/** A unit in which so many bytes read well. */
export function byteUnit(bytes: number): { readonly unit: string; readonly bytes: number } {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes / 3)) / 10)));
  return { unit: units[power]!, bytes: 1024 ** power };
}
