import { formatSignificant } from "./format.ts";
import { finite, positive } from "./options.ts";

/**
 * Bytes in 1 KiB, 2^10: IEC 80000-13 binary prefixes, for memory.
 *
 * @example
 * ```ts
 * import { KIB, MIB } from "veelab";
 *
 * console.log((2 * MIB) / (4 * KIB)); // 512 small pages in a large one
 * ```
 */
export const KIB: number = 2 ** 10;

/**
 * Bytes in 1 MiB, 2^20 (IEC).
 *
 * @example
 * ```ts
 * import { MIB } from "veelab";
 *
 * console.log(2 * MIB); // 2097152, a large page
 * ```
 */
export const MIB: number = 2 ** 20;

/**
 * Bytes in 1 GiB, 2^30 (IEC).
 *
 * @example
 * ```ts
 * import { GIB } from "veelab";
 *
 * console.log(3 * GIB); // 3221225472, the paper's guest
 * ```
 */
export const GIB: number = 2 ** 30;

/**
 * Bytes in 1 kB, 10^3: SI prefixes, for links and disks.
 *
 * @example
 * ```ts
 * import { KB } from "veelab";
 *
 * console.log(64 * KB); // 64000
 * ```
 */
export const KB = 1e3;

/**
 * Bytes in 1 MB, 10^6 (SI).
 *
 * @example
 * ```ts
 * import { MB } from "veelab";
 *
 * console.log((1000 * 1e6) / 8 / MB); // 125 MB/s on a gigabit link
 * ```
 */
export const MB = 1e6;

/**
 * Bytes in 1 GB, 10^9 (SI).
 *
 * @example
 * ```ts
 * import { GB, GIB } from "veelab";
 *
 * console.log((GIB / GB).toFixed(3)); // 1.074
 * ```
 */
export const GB = 1e9;

/**
 * The time of so many clock cycles, in seconds.
 *
 * @param cycles - a finite number
 * @param clockGhz - the clock, in GHz (10^9 cycles a second)
 *
 * @example
 * ```ts
 * import { cyclesToSeconds, formatSeconds } from "veelab";
 *
 * console.log(formatSeconds(cyclesToSeconds(2000, 2.8))); // 714.3 ns
 * ```
 */
export function cyclesToSeconds(cycles: number, clockGhz: number): number {
  return finite("cycles", cycles) / (positive("clockGhz", clockGhz) * 1e9);
}

/**
 * The clock cycles that pass in a time.
 *
 * @param seconds - a finite number
 * @param clockGhz - the clock, in GHz
 *
 * @example
 * ```ts
 * import { secondsToCycles } from "veelab";
 *
 * console.log(secondsToCycles(4.59e-9, 2.8).toFixed(1)); // 12.9
 * ```
 */
export function secondsToCycles(seconds: number, clockGhz: number): number {
  return finite("seconds", seconds) * positive("clockGhz", clockGhz) * 1e9;
}

const TIMES: readonly Scale[] = [
  { size: 1, name: "s" },
  { size: 1e-3, name: "ms" },
  { size: 1e-6, name: "µs" },
  { size: 1e-9, name: "ns" },
];
const IEC: readonly Scale[] = [
  { size: 2 ** 50, name: "PiB" },
  { size: 2 ** 40, name: "TiB" },
  { size: GIB, name: "GiB" },
  { size: MIB, name: "MiB" },
  { size: KIB, name: "KiB" },
  { size: 1, name: "B" },
];
const SI: readonly Scale[] = [
  { size: 1e15, name: "PB" },
  { size: 1e12, name: "TB" },
  { size: GB, name: "GB" },
  { size: MB, name: "MB" },
  { size: KB, name: "kB" },
  { size: 1, name: "B" },
];

interface Scale {
  readonly size: number;
  readonly name: string;
}

/**
 * A time in the largest of s, ms, µs and ns that leaves a number of 1 or more.
 *
 * @param seconds - a finite number, in seconds
 * @param digits - significant digits
 *
 * @example
 * ```ts
 * import { formatSeconds } from "veelab";
 *
 * console.log(formatSeconds(1.02e-5), formatSeconds(383)); // 10.2 µs 383 s
 * ```
 */
export function formatSeconds(seconds: number, digits = 4): string {
  return scaled(finite("seconds", seconds), TIMES, digits);
}

/**
 * A number of bytes with binary prefixes (IEC: KiB is 1024 bytes), or with decimal ones (SI: kB is 1000 bytes).
 *
 * @param bytes - a finite number
 *
 * @example
 * ```ts
 * import { formatBytes } from "veelab";
 *
 * console.log(formatBytes(2 ** 21), formatBytes(2 ** 21, "SI")); // 2 MiB 2.097 MB
 * ```
 */
export function formatBytes(bytes: number, prefixes: "IEC" | "SI" = "IEC", digits = 4): string {
  return scaled(finite("bytes", bytes), prefixes === "IEC" ? IEC : SI, digits);
}

function scaled(value: number, scales: readonly Scale[], digits: number): string {
  // Rounded first, so that 999.99 ms is 1 s and not 1000 ms.
  const rounded = Number(value.toPrecision(digits));
  const last = scales[scales.length - 1]!;
  const base = scales.find(({ size }) => size === 1)!;
  const scale = value === 0 ? base : (scales.find(({ size }) => Math.abs(rounded) >= size) ?? last);
  const number = Number((value / scale.size).toPrecision(digits));
  return `${formatSignificant(number, digits)} ${scale.name}`;
}
