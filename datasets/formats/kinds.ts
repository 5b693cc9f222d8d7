/**
 * The normal forms of imported traces: whatever tool wrote a file, a trace of one kind has these columns, with these
 * types and units, and may have more. A column of few different texts is an Arrow dictionary, so a hot loop reads its codes
 * from `data[i].values` as numbers, and a table shows words.
 *
 * Times are whole nanoseconds in a float64 (exact for 104 days) since the trace's own zero. Where the file's time stamps are
 * absolute, the zero is the first record's, and the schema's metadata say which: `veelab.origin` is its time stamp as the file has it
 * (a whole number in decimals) and `veelab.tickNs` the nanoseconds of the file's unit. The schema's metadata `veelab.format` and `veelab.kind`
 * name the format and the kind.
 *
 * @module
 */
import type { ColumnSchema } from "../column-type.ts";

/** What a trace's rows are. */
export type TraceKind =
  | "block"
  | "memory"
  | "profile"
  | "counters"
  | "exits"
  | "pages"
  | "code"
  | "packages"
  | "radio"
  | "noise"
  | "mpi"
  | "tasks";

/**
 * Operations of a block trace; the code of each is its place here.
 *
 * @example
 * ```ts
 * import { blockOperations } from "veelab/datasets";
 *
 * console.log(blockOperations.indexOf("write")); // 1
 * ```
 */
export const blockOperations: readonly string[] = ["read", "write", "discard", "flush", "other"];

/**
 * Kinds of reference of a memory trace; the code of each is its place here, as in {@link pageRunSchema}.
 *
 * @example
 * ```ts
 * import { references } from "veelab/datasets";
 *
 * console.log(references[0]); // fetch
 * ```
 */
export const references: readonly string[] = ["fetch", "read", "write"];

/**
 * Classes of a page of a memory image: all bytes zero, all words equal, or anything else.
 *
 * @example
 * ```ts
 * import { pageClasses } from "veelab/datasets";
 *
 * console.log(pageClasses); // [ "zero", "uniform", "data" ]
 * ```
 */
export const pageClasses: readonly string[] = ["zero", "uniform", "data"];

/**
 * The columns that every trace of a kind has.
 *
 * - block: a request to a disk. `offsetBytes` from the disk's beginning.
 * - memory: a reference to memory. `address` virtual unless the format says otherwise.
 * - profile: a sample. `stack` is folded, root first, frames joined by `;`; `weight` what the sample counts for (its period, or 1).
 * - counters: a counter's increment during an interval that ends at `timeNs`.
 * - exits: a VM exit and its handling: `durationNs` until the next entry, null where the entry is not in the trace.
 * - pages: a page of a memory image; `hash` is the first 64 bits of the SHA-1 of its bytes, big endian.
 * - code: a page of an executable file's code, at `addressPage` pages from its load address; `hash` as of pages.
 * - packages: a file of a package, or a package.
 * - radio: a frame on the air.
 * - noise: an interval during which the processor was taken away.
 * - mpi: one call of one rank.
 * - tasks: a measured cost of a task on a device.
 *
 * @example
 * ```ts
 * import { kindColumns } from "veelab/datasets";
 *
 * console.log(Object.keys(kindColumns.block)); // [ "timeNs", "op", "offsetBytes", "sizeBytes" ]
 * ```
 */
export const kindColumns: Readonly<Record<TraceKind, ColumnSchema>> = {
  block: { timeNs: "float64", op: "utf8", offsetBytes: "float64", sizeBytes: "float64" },
  memory: { kind: "utf8", address: "uint64", sizeBytes: "uint32" },
  profile: { timeNs: "float64", process: "utf8", event: "utf8", weight: "float64", stack: "utf8" },
  counters: { timeNs: "float64", event: "utf8", value: "float64" },
  exits: { timeNs: "float64", reason: "utf8", durationNs: "float64" },
  pages: { page: "float64", class: "utf8", hash: "uint64" },
  code: { file: "utf8", addressPage: "float64", hash: "uint64" },
  packages: { package: "utf8", version: "utf8" },
  radio: { timeNs: "float64", lengthBytes: "uint32", type: "utf8", transmitter: "utf8", receiver: "utf8" },
  noise: { startNs: "float64", durationNs: "float64" },
  mpi: { rank: "uint32", call: "utf8" },
  tasks: { task: "utf8", device: "utf8", sizeBytes: "float64", meanSeconds: "float64" },
};
