/**
 * A new system as `veelab new paper` begins it, complete with its tests: one thread of a hypervisor handles the exits of its guests, one after
 * another, and the closed form is Pollaczek and Khinchine's. To be replaced by the paper's, part by part: see PAPER.md.
 *
 * @module
 */
export { type ExitBatch, poissonExits, type PoissonOptions } from "./exits.ts";
export { handlingS } from "./handling.ts";
export { simulate, type SimulateOptions, type SimulateRow } from "./simulate.ts";
export { meanWaitS, utilization } from "./analytic.ts";
export { publishedNumbers, type PublishedNumber } from "./published.ts";
