import { integer, nonNegative, oneOf, onlyOptions } from "../core/options.ts";
import { timerHz } from "./overlay.ts";

/**
 * What a guest and its program ask of paging and of the processor, natively.
 *
 * @example
 * ```ts
 * import { cnl, type Guest } from "veelab/hpc-overhead";
 * const busier: Guest = { ...cnl, label: "CNL, more switches", loadsPerS: 1000 };
 * console.log(busier.label);
 * ```
 */
export interface Guest {
  /** Name in tables and charts. */
  readonly label: string;
  /** The size of its pages, and of those that back them. */
  readonly pageSize: "4K" | "2M";
  /** Loads of CR3 a second. */
  readonly loadsPerS: number;
  /** Pages that are touched between two loads. */
  readonly pagesPerLoad: number;
  /** TLB misses a second. */
  readonly missesPerS: number;
  /** Writes to page tables a second. */
  readonly tableWritesPerS: number;
  /** Its timer's interrupts a second; whole, 0 for none. */
  readonly tickHz: number;
  /** How long it handles one, ns. */
  readonly tickNs: number;
}

/**
 * A guest like Catamount, the light-weight kernel of the Cray XT: one program, large pages, no periodic work of its own. That it
 * rarely loads CR3 is recalled (high); the numbers are assumptions.
 *
 * @example
 * ```ts
 * import { catamount } from "veelab/hpc-overhead";
 * console.log(catamount.tickHz); // 0
 * ```
 */
export const catamount: Guest = {
  label: "Catamount-like",
  pageSize: "2M",
  loadsPerS: 0.1,
  pagesPerLoad: 500, // 1 GiB of 2 MiB pages
  missesPerS: 2e5,
  tableWritesPerS: 0,
  tickHz: 0,
  tickNs: 0,
};

/**
 * A guest like CNL, Cray's Linux for compute nodes: small pages, a timer, other processes now and then. The numbers are
 * assumptions.
 *
 * @example
 * ```ts
 * import { catamount, cnl } from "veelab/hpc-overhead";
 * console.log(cnl.loadsPerS / catamount.loadsPerS); // 1000
 * ```
 */
export const cnl: Guest = {
  label: "CNL-like",
  pageSize: "4K",
  loadsPerS: 100,
  pagesPerLoad: 1000,
  missesPerS: 5e5,
  tableWritesPerS: 200,
  tickHz: 250,
  tickNs: 3000,
};

const numbers = ["loadsPerS", "pagesPerLoad", "missesPerS", "tableWritesPerS", "tickHz", "tickNs"] as const;

/** Throws an OptionError unless every number is in range. */
export function checkGuest(guest: Guest): void {
  onlyOptions(guest, ["label", "pageSize", ...numbers], "guest");
  oneOf("guest.pageSize", guest.pageSize, ["4K", "2M"]);
  for (const name of numbers) nonNegative(`guest.${name}`, guest[name]);
  integer("guest.tickHz", guest.tickHz, timerHz);
}
