import type { RecordBatch, Table } from "apache-arrow";
import { OptionError, TraceFormatError } from "../../datasets/errors.ts";

/**
 * What happens to a page or a block, as numbered in the column `kind` of a trace of events. A guest's transfer of whole,
 * aligned blocks is one row a page; what is not whole or not aligned is a row for each page or block that it touches.
 *
 * Rows stand in the order in which transfers are *issued*. A store while a page is on its way to the disk then comes after
 * the transfer's row and deletes its entry: what reached the disk may be older than the page. A checkpoint waits for
 * transfers under way.
 *
 * @example
 * ```ts
 * import { eventKinds, events } from "veelab/checkpointing";
 * const trace = events([["read", 7, 100], ["store", 7], ["checkpoint"]]);
 * console.log(trace.kind[1] === eventKinds.store); // true
 * ```
 */
export const eventKinds = {
  /** A whole block is read into a page. */
  read: 0,
  /** A whole page is written to a block. */
  write: 1,
  /** A part of a page is filled from a disk. */
  partialRead: 2,
  /** A part of a block is written, or the block is discarded. */
  partialWrite: 3,
  /** The processor, or a device that is no disk, writes to a page. Every one, or the first since the last transfer: equal. */
  store: 4,
  /** The page is given back to the hypervisor (balloon) or mapped anew: its content is undefined. */
  release: 5,
  /** A checkpoint is taken. */
  checkpoint: 6,
} as const;

/**
 * A name of {@link eventKinds}.
 *
 * @example
 * ```ts
 * import type { EventKind } from "veelab/checkpointing";
 * const first: EventKind = "read";
 * console.log(first);
 * ```
 */
export type EventKind = keyof typeof eventKinds;

/**
 * A piece of a trace of events, a row an event; the arrays have equal lengths.
 *
 * @example
 * ```ts
 * import type { EventBatch } from "veelab/checkpointing";
 * const oneRead: EventBatch = { kind: Uint8Array.of(0), page: Uint32Array.of(7), block: Uint32Array.of(100) };
 * console.log(oneRead.kind.length);
 * ```
 */
export interface EventBatch {
  /** See {@link eventKinds}. */
  readonly kind: Uint8Array;
  /** The guest's physical page; any number where the kind has none. */
  readonly page: Uint32Array;
  /** The 4 KiB block, below 2³² − 1; several disks stand one behind the other. Any number where the kind has none. */
  readonly block: Uint32Array;
}

/**
 * A trace of events: an Arrow table, or record batches (a list, or a stream that is read once, also one that waits for its
 * batches), with the columns `kind` (Uint8), `page` and `block` (Uint32); their plain typed arrays do as well. A stream may be
 * larger than memory: one batch is held at a time.
 *
 * @example
 * ```ts
 * import { events, type EventTrace } from "veelab/checkpointing";
 * const trace: EventTrace = [events([["read", 7, 100]]), events([["checkpoint"]])];
 * console.log(trace);
 * ```
 */
export type EventTrace =
  Table | EventBatch | Iterable<RecordBatch | EventBatch> | AsyncIterable<RecordBatch | EventBatch>;

/**
 * Events written out by hand as a batch: kind, page, block; a block for a partial write stands third, too. Linear.
 *
 * @throws OptionError naming the row of an unknown kind, or a number that is no page or block
 *
 * @example
 * ```ts
 * import { events } from "veelab/checkpointing";
 * console.log(events([["write", 3, 40], ["partialWrite", 0, 40]]).block.join()); // 40,40
 * ```
 */
export function events(rows: readonly (readonly [kind: EventKind, page?: number, block?: number])[]): EventBatch {
  const batch = {
    kind: new Uint8Array(rows.length),
    page: new Uint32Array(rows.length),
    block: new Uint32Array(rows.length),
  };
  for (const [row, [name, page = 0, block = 0]] of rows.entries()) {
    if (!Object.hasOwn(eventKinds, name))
      throw new OptionError(`rows[${row}]`, `one of ${Object.keys(eventKinds).join(", ")}`, name);
    for (const [field, value] of Object.entries({ page, block }))
      if (!Number.isInteger(value) || value < 0 || value >= 0xffff_ffff)
        throw new OptionError(`rows[${row}].${field}`, "an integer from 0 to 4294967294", value);
    batch.kind[row] = eventKinds[name];
    batch.page[row] = page;
    batch.block[row] = block;
  }
  return batch;
}

/** The batches of a trace as typed arrays, one at a time. */
export async function* batchesOf(trace: EventTrace): AsyncGenerator<EventBatch, void, undefined> {
  const given: unknown = trace;
  const walkable = typeof given === "object" && given !== null;
  if (
    !walkable ||
    !("kind" in given || "batches" in given || Symbol.iterator in given || Symbol.asyncIterator in given)
  )
    throw new OptionError("events", "an Arrow table or batches with the columns kind, page and block", given);
  if ("kind" in trace) {
    yield checked(trace);
    return;
  }
  // A table iterates over rows: its batches are asked for by name. Not instanceof: there may be two copies of Arrow.
  const batches = "batches" in trace ? trace.batches : trace;
  for await (const batch of batches) yield checked("schema" in batch ? columnsOf(batch) : batch);
}

function checked(batch: EventBatch): EventBatch {
  const { kind, page, block } = batch;
  if (kind.length !== page.length || kind.length !== block.length)
    throw new OptionError("events", "arrays of equal lengths", [kind.length, page.length, block.length]);
  return batch;
}

const columnsOf = (batch: RecordBatch): EventBatch => ({
  kind: column(batch, "kind", Uint8Array),
  page: column(batch, "page", Uint32Array),
  block: column(batch, "block", Uint32Array),
});

function column<A extends Uint8ArrayConstructor | Uint32ArrayConstructor>(
  batch: RecordBatch,
  name: string,
  type: A,
): InstanceType<A> {
  const vector = batch.getChild(name);
  const values: unknown = vector?.data[0]?.values;
  const place = { file: "events", field: name };
  if (!(values instanceof type))
    throw new TraceFormatError(
      place,
      `expected a ${type.name.replace("Array", "")} column, got ${vector === null ? "none" : String(vector.type)}`,
    );
  if (vector!.nullCount > 0) throw new TraceFormatError(place, `expected no nulls, got ${vector!.nullCount}`);
  return values.subarray(0, batch.numRows) as InstanceType<A>;
}
