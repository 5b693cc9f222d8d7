import type * as arrow from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { dataOf, halvesOf, hasColumns, numbersOf } from "./columns.ts";

/** The bytes of a block or page, the unit of reuse. */
export const keyBytes = 4096;

/**
 * A request over more than this touches its first blocks only in what is counted by blocks: a discard of a whole disk
 * is no use.
 */
const mostKeys = 4096;

/**
 * Keys in order, at the front of the arrays: `times[at]` uses of `keys[at]` one after the other, by the batch's row
 * `rows[at]`.
 */
export interface Keys {
  readonly keys: Float64Array;
  readonly times: Float64Array;
  readonly rows: Int32Array;
  count: number;
  /** Whether some are numbers of objects. */
  hasObjects: boolean;
}

/** Keys are handed out by so many. */
const chunk = 8192;

/**
 * The pages or blocks of 4 KiB that a batch's rows touch, in order and in chunks: of a block trace the blocks from
 * offset to end, or the one at the offset where the size is not known, of references the page of the address (a
 * reference over a page's end counts for its first page), of page runs the page. A request without an offset touches
 * its `object`, whatever its size, where the trace has that column; else it is left out.
 */
export function eachKey(batch: arrow.RecordBatch, use: (chunk: Keys) => void): void {
  const { schema, numRows } = batch;
  const out: Keys = {
    keys: new Float64Array(chunk),
    times: new Float64Array(chunk).fill(1),
    rows: new Int32Array(chunk),
    count: 0,
    hasObjects: false,
  };
  const { keys, times, rows } = out;
  const flush = (count: number) => {
    out.count = count;
    if (count > 0) use(out);
  };
  let count = 0;
  if (hasColumns(schema, ["offsetBytes", "sizeBytes"])) {
    const offsets = numbersOf(batch, "offsetBytes");
    const sizes = numbersOf(batch, "sizeBytes");
    const objectOf = objectsOf(batch);
    for (let row = 0; row < numRows; row += 1) {
      const offset = offsets[row]!;
      let first: number;
      let last: number;
      // Reads as false for a NaN, too.
      if (offset >= 0 && offset < 2 ** 53) {
        // As here, of a size that is not known.
        const size = sizes[row]! >= 1 ? sizes[row]! : 1;
        first = Math.floor(offset / keyBytes);
        last = Math.min(Math.floor((offset + size - 1) / keyBytes), first + mostKeys - 1);
      } else {
        const object = Number.isNaN(offset) ? objectOf(row) : undefined;
        if (object === undefined) continue;
        out.hasObjects = true;
        first = last = object;
      }
      for (let key = first; key <= last; key += 1) {
        keys[count] = key;
        rows[count] = row;
        if (++count === chunk) {
          flush(chunk);
          count = 0;
        }
      }
    }
  } else if (hasColumns(schema, ["address"])) {
    const halves = halvesOf(batch, "address");
    for (let row = 0; row < numRows; row += 1) {
      // Not by the whole address: a kernel's has more bits than a double.
      keys[count] = halves[2 * row + 1]! * (0x100000000 / keyBytes) + (halves[2 * row]! >>> 12);
      rows[count] = row;
      if (++count === chunk) {
        flush(chunk);
        count = 0;
      }
    }
  } else if (hasColumns(schema, ["page", "count"])) {
    const pages = numbersOf(batch, "page");
    const counts = numbersOf(batch, "count");
    for (let row = 0; row < numRows; row += 1) {
      if (Number.isNaN(pages[row]! + counts[row]!)) continue;
      keys[count] = pages[row]!;
      times[count] = counts[row]!;
      rows[count] = row;
      if (++count === chunk) {
        flush(chunk);
        count = 0;
      }
    }
  } else
    throw new OptionError(
      "trace",
      "a block trace, references to memory or page runs",
      schema.fields.map(({ name }) => name),
    );
  flush(count);
}

/** The object of each row of a batch as a key, undefined where there is none: the number, folded to 53 bits. */
function objectsOf(batch: arrow.RecordBatch): (row: number) => number | undefined {
  if (!hasColumns(batch.schema, ["object"])) return () => undefined;
  const data = dataOf(batch, "object");
  const halves = halvesOf(batch, "object");
  return (row) => {
    const high = halves[2 * row + 1]!;
    return data.getValid(row) ? ((high ^ (high >>> 21)) & 0x1fffff) * 0x100000000 + halves[2 * row]! : undefined;
  };
}
