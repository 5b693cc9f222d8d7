/**
 * How the machine translates a guest's addresses: `"HAP"`, hardware-assisted paging (nested page tables, walked by
 * the hardware), or `"SP"`, shadow paging (one composite table, kept by the hypervisor).
 *
 * @example
 * ```ts
 * import type { Mode } from "veelab/selective-paging";
 * const mode: Mode = "HAP";
 * ```
 */
export type Mode = "HAP" | "SP";
