import { nonNegative } from "../core/options.ts";
import { exits2011, exitsToday, goldenCove, nehalem } from "../hardware/index.ts";

/**
 * What the auditor's work costs the guest, µs.
 *
 * @example
 * ```ts
 * import { audit2011, type AuditCosts } from "veelab/patch-audit";
 * const free: AuditCosts = { ...audit2011, label: "free exits", exitUs: 0 };
 * console.log(free.hashUs); // 20
 * ```
 */
export interface AuditCosts {
  /** Name in tables and charts. */
  readonly label: string;
  /** Leaving the guest for a fault on a page's rights, changing them, and back. */
  readonly exitUs: number;
  /** Hashing a page of 4 KiB. */
  readonly hashUs: number;
  /** Looking a hash up, or a page's taint. */
  readonly lookupUs: number;
  /** What else a page that executes again after a refresh costs; 0, since it stayed write-protected and is not hashed. */
  readonly rehashUs: number;
}

const us = (cycles: number, clockHz: number): number => (cycles / clockHz) * 1e6;

/**
 * A server of 2011: Nehalem, no instructions for SHA.
 *
 * @example
 * ```ts
 * import { audit2011 } from "veelab/patch-audit";
 * const { exitUs, hashUs, lookupUs } = audit2011;
 * console.log(exitUs + hashUs + lookupUs < 25); // true
 * ```
 */
export const audit2011: AuditCosts = {
  label: "2011",
  // veelab/hardware's round trip; assumption: changing a page's rights is the work of its dirty fault.
  exitUs: us(exits2011.roundTripCycles + exits2011.handlingCycles.dirtyFault, nehalem.clockHz),
  // recalled, medium: SHA-1 in software took 10 to 12 cycles a byte, about 20 µs a page.
  hashUs: 20,
  // assumption: two cache misses of 100 ns each.
  lookupUs: 0.2,
  // by design: the page stayed write-protected.
  rehashUs: 0,
};

/**
 * A server of today: Golden Cove, with instructions for SHA.
 *
 * @example
 * ```ts
 * import { audit2011, auditToday } from "veelab/patch-audit";
 * console.log(auditToday.hashUs < audit2011.hashUs); // true
 * ```
 */
export const auditToday: AuditCosts = {
  label: "today",
  exitUs: us(exitsToday.roundTripCycles + exitsToday.handlingCycles.dirtyFault, goldenCove.clockHz),
  // measured: OpenSSL's SHA-1 of 4 KiB on Debian 12, 5.0 µs (SHA-256: 5.3 µs).
  hashUs: 5,
  // assumption: as in 2011, a cache miss takes about the same time.
  lookupUs: 0.2,
  // by design: the page stayed write-protected.
  rehashUs: 0,
};

/** Checks prices at the edge: each a finite number ≥ 0. Constant time. */
export function checkCosts({ exitUs, hashUs, lookupUs, rehashUs }: AuditCosts): void {
  for (const [name, price] of Object.entries({ exitUs, hashUs, lookupUs, rehashUs }))
    nonNegative(`costs.${name}`, price);
}
