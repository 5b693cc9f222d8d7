import type { Processor } from "../../hardware/index.ts";
import { batchFrom, type Run } from "../../hardware/test/arbitrary-trace.ts";
import { type Hardware, page, type StructuralOptions, type StructuralRow } from "../index.ts";

/** A processor of round numbers: one level of four entries, no cache in its walker. */
export const plainProcessor: Processor = {
  label: "plain",
  clockHz: 1000,
  tlb: [{ unified: [{ entries: 4, ways: 4, sizes: ["4K", "2M"] }] }],
  tagged: true,
  caches: {},
  nestedCaches: {},
  laterHitCycles: 0,
  entryCycles: [1],
  nestedEntryCycles: [10],
  dirtyAssistCycles: 1000,
};
export const plain: Hardware = {
  label: "plain",
  processor: plainProcessor,
  exits: {
    label: "plain",
    roundTripCycles: 1e6,
    handlingCycles: { hiddenFault: 1e7, guestFault: 1e8, tableWrite: 1e9, dirtyFault: 1e10, rootLoad: 1e11 },
    resyncCycles: 1e12,
    modeSwitchCycles: 5e5,
  },
  guestFaultCycles: 1e5,
};
/** A row of a trace. */
export function row(kind: number, number: number, count = 1): Run {
  return { page: number, count, kind };
}
/** The summary of a trace of rows. */
export async function run(rows: readonly Run[], options: StructuralOptions): Promise<StructuralRow> {
  return (await page([batchFrom(rows)], options)).row;
}
export const base: { readonly hardware: Hardware; readonly intervalInstructions: 1 } = {
  hardware: plain,
  intervalInstructions: 1,
};
