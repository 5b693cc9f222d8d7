import type { RecordBatch, Table } from "apache-arrow";
import { OptionError, TraceFormatError } from "../../datasets/errors.ts";

/**
 * Kinds of event; the code of each in a batch's `kind` is its place here.
 *
 * - exec: an instruction is fetched from guest page `page` at `virtualPage` of `space`; `hash` is of the page's content.
 * - write: the guest writes to `page`.
 * - load: a block of non-binary file `file` comes from the disk into `page`.
 * - read: `space` reads `page` and has the data in page `to`.
 *
 * @example
 * ```ts
 * import { eventKinds } from "veelab/patch-audit";
 * console.log(eventKinds.indexOf("write")); // 1
 * ```
 */
export const eventKinds = ["exec", "write", "load", "read"] as const;

/**
 * No page or file: the value of `to` and `file` where there is none.
 *
 * @example
 * ```ts
 * import { none } from "veelab/patch-audit";
 * console.log(none.toString(16)); // ffffffff
 * ```
 */
export const none = 0xffff_ffff;

/**
 * A piece of a trace, in order of time: what a hypervisor can be made to see of a guest. The arrays have equal lengths
 * (`hash` two numbers a row).
 *
 * @example
 * ```ts
 * import { type EventBatch, none } from "veelab/patch-audit";
 * const oneFetch: EventBatch = {
 *   timeNs: Float64Array.of(0), kind: Uint8Array.of(0), space: Uint32Array.of(1), page: Uint32Array.of(7),
 *   virtualPage: Float64Array.of(0x400), hash: Uint32Array.of(0x89abcdef, 0x01234567),
 *   to: Uint32Array.of(none), file: Uint32Array.of(none),
 * };
 * console.log(oneFetch.timeNs.length); // 1
 * ```
 */
export interface EventBatch {
  /** Since the trace's zero, ns. */
  readonly timeNs: Float64Array;
  /** Places in {@link eventKinds}. */
  readonly kind: Uint8Array;
  /** The address space: any number that stands for the page tables' root. */
  readonly space: Uint32Array;
  /** The guest's physical page of 4 KiB. */
  readonly page: Uint32Array;
  /** exec: the virtual page. */
  readonly virtualPage: Float64Array;
  /** exec: the page's hash, lower half first, two numbers a row: the words of a `uint64` column. */
  readonly hash: Uint32Array;
  /** read: the page that has the data then, or {@link none}. */
  readonly to: Uint32Array;
  /**
   * load: the file, a place in the database's `files`. exec: the binary that really runs, a place in the database's
   * `binaries`; the auditor does not look at it, `groundTruth` does. Else, or not known: {@link none}.
   */
  readonly file: Uint32Array;
}

/**
 * A trace of events: an Arrow table, or a stream (or list) of record batches with the columns of {@link EventBatch}
 * (`hash` as uint64), or of its plain typed arrays. Read once, batch by batch.
 *
 * @example
 * ```ts
 * import type { Events } from "veelab/patch-audit";
 * const nothing: Events = [];
 * console.log(nothing);
 * ```
 */
export type Events = Table | Iterable<RecordBatch | EventBatch> | AsyncIterable<RecordBatch | EventBatch>;

const columns = {
  timeNs: Float64Array,
  kind: Uint8Array,
  space: Uint32Array,
  page: Uint32Array,
  virtualPage: Float64Array,
  hash: BigUint64Array,
  to: Uint32Array,
  file: Uint32Array,
} as const;

/** The batches of a trace as typed arrays, one at a time. */
export async function* batchesOf(events: Events): AsyncGenerator<EventBatch, void, undefined> {
  const given: unknown = events;
  if (
    typeof given !== "object" ||
    given === null ||
    !("batches" in given || Symbol.iterator in given || Symbol.asyncIterator in given)
  )
    throw new OptionError("events", "an Arrow table or batches of events", events);
  for await (const batch of "batches" in events ? events.batches : events) {
    const plain = "schema" in batch ? plainBatch(batch) : batch;
    checkLengths(plain);
    yield plain;
  }
}

function plainBatch(batch: RecordBatch): EventBatch {
  const arrays = Object.entries(columns).map(([name, type]) => {
    const column = batch.getChild(name);
    const values: unknown = column?.data[0]?.values;
    if (!(values instanceof type) || (column?.nullCount ?? 0) > 0)
      throw new TraceFormatError(
        { file: "events", field: name },
        `expected a ${type.name.replace("Array", "")} column without nulls, got ${column === null ? "none" : String(column.type)}`,
      );
    if (!(values instanceof BigUint64Array)) return [name, values.subarray(0, batch.numRows)];
    return [name, new Uint32Array(values.buffer, values.byteOffset, 2 * batch.numRows)];
  });
  return Object.fromEntries(arrays) as EventBatch;
}

function checkLengths(batch: EventBatch): void {
  const rows = batch.timeNs.length;
  for (const name of Object.keys(columns) as (keyof EventBatch)[])
    if (batch[name].length !== (name === "hash" ? 2 * rows : rows))
      throw new OptionError(`batch.${name}`, `${name === "hash" ? 2 * rows : rows} values`, batch[name].length);
}
