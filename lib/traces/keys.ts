import type * as arrow from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { halvesOf, hasColumns, numbersOf } from "./columns.ts";

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
}

/** Keys are handed out by so many. */
const chunk = 8192;

/**
 * The pages or blocks of 4 KiB that a batch's rows touch, in order and in chunks: of a block trace the blocks from
 * offset to end, of references the page of the address (a reference over a page's end counts for its first page), of
 * page runs the page.
 */
export function eachKey(batch: arrow.RecordBatch, use: (chunk: Keys) => void): void {
  const { schema, numRows } = batch;
  const out: Keys = {
    keys: new Float64Array(chunk),
    times: new Float64Array(chunk).fill(1),
    rows: new Int32Array(chunk),
    count: 0,
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
    for (let row = 0; row < numRows; row += 1) {
      const offset = offsets[row]!;
      // Reads as false for a NaN, too.
      if (!(offset >= 0 && offset < 2 ** 53)) continue;
      const first = Math.floor(offset / keyBytes);
      const last = Math.min(Math.floor((offset + Math.max(1, sizes[row]!) - 1) / keyBytes), first + mostKeys - 1);
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
