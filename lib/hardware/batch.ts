import type { RecordBatch } from "apache-arrow";
import { OptionError, TraceFormatError } from "../../datasets/errors.ts";

/**
 * The kinds of reference, as numbered in a trace's `kind` column.
 *
 * @example
 * ```ts
 * import { kinds, tlb } from "veelab/hardware";
 *
 * const buffer = tlb({ levels: [{ unified: [{ entries: 4, ways: 4, sizes: ["4K"] }] }] });
 * buffer.access(Uint32Array.of(1, 2));
 * if (buffer.references[kinds.read] !== 2) throw new Error("a plain array is reads");
 * ```
 */
export const kinds = {
  /** An instruction fetch. */
  fetch: 0,
  /** A data read. */
  read: 1,
  /** A data write. */
  write: 2,
} as const;

/**
 * A piece of a memory trace, one row a run: `count` consecutive references of one `kind` (0 instruction fetch,
 * 1 read, 2 write) to the 4 KiB page numbered `page`, in program order. The arrays have equal lengths.
 */
export interface ReferenceBatch {
  /** Virtual page numbers, in units of 4 KiB. */
  readonly page: Uint32Array;
  /** How many references in a row, at least 1. */
  readonly count: Uint32Array;
  /** What kind of reference: see {@link kinds}. */
  readonly kind: Uint8Array;
}

/**
 * Single references of one kind as a batch, reads unless given, for traces that know nothing but pages. O(pages).
 *
 * @example
 * ```ts
 * import { singly } from "veelab/hardware";
 *
 * if (singly([7, 8, 7]).count.join() !== "1,1,1") throw new Error("each page is a run of one read");
 * ```
 */
export function singly(pages: Uint32Array | readonly number[], kind: 0 | 1 | 2 = kinds.read): ReferenceBatch {
  const page = pages instanceof Uint32Array ? pages : Uint32Array.from(pages);
  return { page, count: new Uint32Array(page.length).fill(1), kind: new Uint8Array(page.length).fill(kind) };
}

/**
 * The columns `page`, `count` and `kind` of an Arrow record batch, without copying. `count` and `kind` may be absent:
 * every row is then a run of one, and every reference a read. Constant time, or O(rows) where a column is absent.
 *
 * @param batch - a record batch with the columns `page` (Uint32), `count` (Uint32) and `kind` (Uint8)
 * @param trace - the trace's name, for the error
 * @throws TraceFormatError where a column has another type or holds nulls, or `page` is absent
 *
 * @example
 * ```ts
 * import { tableFromArrays } from "apache-arrow";
 * import { batchOf } from "veelab/hardware";
 *
 * const table = tableFromArrays({ page: Uint32Array.of(7, 8), count: Uint32Array.of(3, 1), kind: Uint8Array.of(0, 2) });
 * if (batchOf(table.batches[0]!).count[0] !== 3) throw new Error("three fetches from page 7");
 * ```
 */
export function batchOf(batch: RecordBatch, trace = "trace"): ReferenceBatch {
  const page = column(batch, "page", Uint32Array, trace);
  if (page === undefined) {
    const names = batch.schema.fields.map((field) => field.name).join(", ");
    throw new TraceFormatError({ file: trace, field: "page" }, `expected a Uint32 column, got the columns ${names}`);
  }
  return {
    page,
    count: column(batch, "count", Uint32Array, trace) ?? new Uint32Array(page.length).fill(1),
    kind: column(batch, "kind", Uint8Array, trace) ?? new Uint8Array(page.length).fill(kinds.read),
  };
}

/**
 * Throws unless a batch's arrays have equal lengths. Constant time.
 *
 * @throws OptionError naming the three lengths
 *
 * @example
 * ```ts
 * import { checkLengths, singly } from "veelab/hardware";
 * checkLengths(singly([1, 2, 3])); // says nothing
 * ```
 */
export function checkLengths({ page, count, kind }: ReferenceBatch): void {
  if (count.length !== page.length || kind.length !== page.length)
    throw new OptionError("batch", "arrays of equal lengths", [page.length, count.length, kind.length]);
}

/** The error for a row whose count is 0 or whose kind is beyond 2. */
export function badRow({ count, kind }: ReferenceBatch, row: number): OptionError {
  return count[row] === 0
    ? new OptionError(`batch.count[${row}]`, "at least 1", 0)
    : new OptionError(`batch.kind[${row}]`, "0 (fetch), 1 (read) or 2 (write)", kind[row]);
}

type ColumnArray = Uint32ArrayConstructor | Uint8ArrayConstructor;

function column<A extends ColumnArray>(
  batch: RecordBatch,
  name: string,
  type: A,
  trace: string,
): InstanceType<A> | undefined {
  const vector = batch.getChild(name);
  if (vector === null) return undefined;
  const place = { file: trace, field: name };
  const values: unknown = vector.data[0]?.values;
  if (!(values instanceof type))
    throw new TraceFormatError(place, `expected a ${type.name.replace("Array", "")} column, got ${vector.type}`);
  if (vector.nullCount > 0) throw new TraceFormatError(place, `expected no nulls, got ${vector.nullCount}`);
  return values.subarray(0, batch.numRows) as InstanceType<A>;
}
