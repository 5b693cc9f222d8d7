import type { RecordBatch, Table } from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { batchOf, checkLengths, type ReferenceBatch } from "../hardware/index.ts";

/**
 * The kind of a row that is no reference: the guest invalidates the page's translation (INVLPG), as when it changes a mapping.
 * The other kinds are those of `veelab/hardware`: 0 fetch, 1 read, 2 write.
 *
 * @example
 * ```ts
 * import { invalidate } from "veelab/symbiotic-swap";
 * console.log(invalidate); // 3
 * ```
 */
export const invalidate = 3;

/**
 * A piece of a trace: runs of references, as `veelab/hardware` has them, and {@link invalidate} rows.
 *
 * @example
 * ```ts
 * import type { SwapBatch } from "veelab/symbiotic-swap";
 * const other: SwapBatch = { page: Uint32Array.of(7), count: Uint32Array.of(1), kind: Uint8Array.of(1), rootLoad: true };
 * console.log(other.rootLoad);
 * ```
 */
export interface SwapBatch extends ReferenceBatch {
  /** Whether the guest loads CR3 before the first row, as when it switches to another process. */
  readonly rootLoad?: boolean;
}

/**
 * A memory trace: an Arrow table or record batches with the columns `page`, `count` and `kind`, or plain batches; a list, or a
 * stream that is read once, batch by batch.
 *
 * @example
 * ```ts
 * import { singly } from "veelab/hardware";
 * import type { SwapTrace } from "veelab/symbiotic-swap";
 * const trace: SwapTrace = [singly([1, 2, 3])];
 * console.log(trace);
 * ```
 */
export type SwapTrace = Table | Iterable<RecordBatch | SwapBatch> | AsyncIterable<RecordBatch | SwapBatch>;

/** The batches of a trace as typed arrays, one at a time. */
export async function* batchesOf(trace: SwapTrace): AsyncGenerator<SwapBatch, void, undefined> {
  const given: unknown = trace;
  if (
    typeof given !== "object" ||
    given === null ||
    !("batches" in given || Symbol.iterator in given || Symbol.asyncIterator in given)
  )
    throw new OptionError("trace", "an Arrow table or batches with the columns page, count and kind", given);
  // A table iterates over rows: its batches are asked for by name. Not instanceof: there may be two copies of Arrow.
  const batches = "batches" in trace ? trace.batches : trace;
  for await (const batch of batches) {
    const arrays = "schema" in batch ? batchOf(batch) : batch;
    checkLengths(arrays);
    yield arrays;
  }
}
