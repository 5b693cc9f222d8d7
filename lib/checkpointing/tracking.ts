import { integer } from "../core/options.ts";
import type { Costs } from "./costs.ts";
import type { MapCounts } from "./page-block-map.ts";

/**
 * How the hypervisor learns of writes to mapped pages, and what that costs: a plain value. Which pages a checkpoint leaves out
 * does not depend on it, as each is exact at the checkpoint.
 *
 * @example
 * ```ts
 * import type { Tracking } from "veelab/checkpointing";
 * const free: Tracking = { label: "free", params: {}, runtimeS: () => 0, pauseS: () => 0 };
 * console.log(free.label);
 * ```
 */
export interface Tracking {
  /** Name in tables and charts. */
  readonly label: string;
  /** Its parameters, as columns of a sweep. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
  /** What it costs the running guest, s in all. */
  runtimeS(counts: MapCounts, costs: Costs): number;
  /** What it adds to the pause of a checkpoint, s. */
  pauseS(pages: number, costs: Costs): number;
}

/**
 * Pages of the map are write-protected, as a paravirtual guest's page tables allow: the first store to each leaves the guest
 * and ends its entry at once. Unmapped pages cost nothing, and nothing is left for the pause.
 *
 * @example
 * ```ts
 * import { writeProtection } from "veelab/checkpointing";
 * console.log(writeProtection().label); // write protection (PV)
 * ```
 */
export const writeProtection = (): Tracking => ({
  label: "write protection (PV)",
  params: {},
  runtimeS: ({ stored, made }, costs) => (stored * costs.storeExitUs + made * costs.protectUs) * 1e-6,
  pauseS: () => 0,
});

/**
 * The log of dirty pages of a fully virtualised guest (HVM): the first store to any page since its last transfer, mapped or
 * not, leaves the guest; the log, a bit a page, is read during the pause.
 *
 * @example
 * ```ts
 * import { dirtyLog } from "veelab/checkpointing";
 * console.log(dirtyLog().label); // dirty log (HVM)
 * ```
 */
export const dirtyLog = (): Tracking => ({
  label: "dirty log (HVM)",
  params: {},
  runtimeS: ({ firstStores, made }, costs) => (firstStores * costs.storeExitUs + made * costs.protectUs) * 1e-6,
  pauseS: logS,
});

/**
 * Page-modification logging, in processors since 2014 or 2015: the processor notes first stores in a buffer, and leaves the
 * guest only when that is full; the rest is read during the pause.
 *
 * @param options - `entries`: of the buffer; 512 in hardware
 * @throws OptionError for a buffer without entries
 *
 * @example
 * ```ts
 * import { modificationLog } from "veelab/checkpointing";
 * console.log(modificationLog().params); // { entries: 512 }
 * ```
 */
export function modificationLog(options: { readonly entries?: number } = {}): Tracking {
  const entries = integer("entries", options.entries ?? 512, { min: 1 });
  return {
    label: "modification log (PML)",
    params: { entries },
    runtimeS: ({ firstStores, made }, costs) =>
      (Math.floor(firstStores / entries) * costs.storeExitUs + made * costs.protectUs) * 1e-6,
    pauseS: logS,
  };
}

/** Reading a bit a page, 64 at a time. */
const logS = (pages: number, { lookUpNs }: Costs): number => Math.ceil(pages / 64) * lookUpNs * 1e-9;
