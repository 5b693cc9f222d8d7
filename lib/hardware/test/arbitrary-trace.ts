import fc from "fast-check";
import type { ReferenceBatch } from "../batch.ts";

export interface Run {
  readonly page: number;
  readonly count: number;
  readonly kind: number;
}

/** Runs over few pages, so that sets fill and entries come back. */
export const runs = (pages: number, most = 300): fc.Arbitrary<Run[]> =>
  fc.array(
    fc.record({
      page: fc.nat(pages - 1),
      count: fc.integer({ min: 1, max: 4 }),
      kind: fc.nat(2),
    }),
    { maxLength: most, size: "max" },
  );

export function batchFrom(rows: readonly Run[]): ReferenceBatch {
  return {
    page: Uint32Array.from(rows, (row) => row.page),
    count: Uint32Array.from(rows, (row) => row.count),
    kind: Uint8Array.from(rows, (row) => row.kind),
  };
}

export function expanded(rows: readonly Run[]): Run[] {
  return rows.flatMap((row) => Array.from({ length: row.count }, () => ({ ...row, count: 1 })));
}
