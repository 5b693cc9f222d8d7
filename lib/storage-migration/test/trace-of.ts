import type { BlockBatch } from "../index.ts";

/** Bytes of a block by hand: 64 Mbit, so that 64 Mbps send one a second without rounding. */
export const UNIT = 8_000_000;

/** A request by hand: time in s, "r" or "w", first block and blocks of UNIT bytes. */
export type Request = readonly [atS: number, op: "r" | "w", block: number, blocks?: number];

/** Requests as one batch, and a last one that moves nothing, long after: the trace outlives the migration. */
export function traceOf(requests: readonly Request[], endS = 1e6): BlockBatch[] {
  const rows = [...requests, [endS, "r", 0, 0] as const];
  return [
    {
      timeNs: Float64Array.from(rows, ([at]) => Math.round(at * 1e9)),
      op: Uint8Array.from(rows, ([, op]) => (op === "w" ? 1 : 0)),
      offsetBytes: Float64Array.from(rows, ([, , block]) => block * UNIT),
      sizeBytes: Float64Array.from(rows, ([, , , blocks = 1]) => blocks * UNIT),
    },
  ];
}

/** One block a second, no round trip: times can be done in the head. */
export const blockPerS = { label: "by hand", bandwidthMbps: 64, rttMs: 0 } as const;

/** What {@link small} sets. */
interface SmallDisk {
  readonly link: typeof blockPerS;
  readonly blockBytes: number;
  readonly diskBytes: number;
  readonly maxDowntimeMs: number;
}

/** Options for a disk of so many blocks of UNIT bytes. */
export const small = (blocks: number): SmallDisk => ({
  link: blockPerS,
  blockBytes: UNIT,
  diskBytes: UNIT * blocks,
  maxDowntimeMs: 0,
});
