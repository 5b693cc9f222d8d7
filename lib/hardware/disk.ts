import { OptionError } from "../core/errors.ts";
import { nonNegative, positive } from "../core/options.ts";

/**
 * A disk's speed: a request occupies it for `accessMs`, unless it goes on where the one before ended, and for its bytes at
 * the sequential rate; it is answered `latencyMs` after that, during which the disk serves others.
 *
 * @example
 * ```ts
 * import type { DiskSpeed } from "veelab/hardware";
 *
 * const slow: DiskSpeed = { label: "5400 rpm", accessMs: 17, sequentialMBps: 60, latencyMs: 0 };
 * console.log(slow.label);
 * ```
 */
export interface DiskSpeed {
  /** Name in tables and charts. */
  readonly label: string;
  /** What a request that is not sequential occupies the disk for, beside its transfer, ms: seek and rotation. */
  readonly accessMs: number;
  /** Rate of a sequential transfer, MB/s (10^6 bytes). */
  readonly sequentialMBps: number;
  /** Further time until the answer, ms, which other requests overlap. */
  readonly latencyMs: number;
}

/**
 * A hard disk of 2011.
 *
 * @example
 * ```ts
 * import { disk2011 } from "veelab/hardware";
 *
 * console.log((4096 / disk2011.sequentialMBps / 1000 + disk2011.accessMs).toFixed(1)); // 9.0 ms for 4 KiB at random
 * ```
 */
export const disk2011: DiskSpeed = {
  label: "hard disk, 2011",
  accessMs: 9, // 8 to 10 ms: recalled, high
  sequentialMBps: 90, // 80 to 100 MB/s: recalled, high
  latencyMs: 0,
};

/**
 * A solid-state disk of today on PCIe (NVMe).
 *
 * @example
 * ```ts
 * import { diskToday } from "veelab/hardware";
 *
 * console.log(1 / diskToday.accessMs); // 500 requests a ms
 * ```
 */
export const diskToday: DiskSpeed = {
  label: "NVMe, today",
  accessMs: 0.002, // assumption: half a million random requests a second
  sequentialMBps: 5000, // 3 to 7 GB/s: recalled, high
  latencyMs: 0.08, // assumption: 80 µs, a read of flash
};

/**
 * A disk with one queue, first come, first served.
 *
 * @example
 * ```ts
 * import { disk, disk2011 } from "veelab/hardware";
 *
 * const queue = disk(disk2011);
 * const first = queue.serve(0, 0, 90_000); // at 0 ns, 90 kB from byte 0: 9 ms + 1 ms
 * const second = queue.serve(0, 90_000, 90_000); // waits 10 ms, goes on: 1 ms
 * console.log(first / 1e6, second / 1e6); // 10 11
 * ```
 */
export interface Disk {
  /** Queues a request and gives the time until its answer, ns; times must not go back. Constant time. */
  readonly serve: (atNs: number, offsetBytes: number, sizeBytes: number) => number;
}

/**
 * An idle disk of a speed, see {@link Disk}.
 *
 * @throws OptionError for a speed out of range
 *
 * @example
 * ```ts
 * import { disk, diskToday } from "veelab/hardware";
 *
 * console.log(disk(diskToday).serve(0, 0, 5000)); // 2 µs + 1 µs + 80 µs, in ns
 * ```
 */
export function disk(speed: DiskSpeed): Disk {
  checkDiskSpeed("disk", speed);
  const accessNs = speed.accessMs * 1e6;
  const latencyNs = speed.latencyMs * 1e6;
  const nsPerByte = 1e3 / speed.sequentialMBps;
  // In a typed array: V8 would box these numbers in closure variables.
  const state = Float64Array.of(0, -1); // when the queue is empty; where the last request ended
  return {
    serve: (atNs, offsetBytes, sizeBytes) => {
      const startNs = atNs > state[0]! ? atNs : state[0]!;
      const endNs = startNs + sizeBytes * nsPerByte + (offsetBytes === state[1]! ? 0 : accessNs);
      state[0] = endNs;
      state[1] = offsetBytes + sizeBytes;
      return endNs - atNs + latencyNs;
    },
  };
}

/** Checks a disk's speed at the edge. Constant time. */
export function checkDiskSpeed(name: string, speed: DiskSpeed): void {
  const given: unknown = speed;
  if (typeof given !== "object" || given === null) throw new OptionError(name, "a disk's speed, as disk2011", given);
  nonNegative(`${name}.accessMs`, speed.accessMs);
  positive(`${name}.sequentialMBps`, speed.sequentialMBps);
  nonNegative(`${name}.latencyMs`, speed.latencyMs);
}
