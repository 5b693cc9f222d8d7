import type * as arrow from "apache-arrow";
import { OptionError } from "../core/errors.ts";
import { halvesOf, hasColumns, numbersOf } from "./columns.ts";

/** The bytes of a block or page, the unit of reuse. */
export const keyBytes = 4096;

/** A request over more than this touches its first blocks only in what is counted by blocks: a discard of a whole disk is no use. */
const mostKeys = 4096;

/**
 * Calls `use` for each page or block of 4 KiB that a batch's rows touch, in order, with how many times in a row and the row: of a block trace
 * the blocks from offset to end, of references the page of the address, of page runs the page.
 */
export function eachKey(batch: arrow.RecordBatch, use: (key: number, times: number, row: number) => void): void {
  const { schema, numRows } = batch;
  if (hasColumns(schema, ["offsetBytes", "sizeBytes"])) {
    const offsets = numbersOf(batch, "offsetBytes");
    const sizes = numbersOf(batch, "sizeBytes");
    for (let row = 0; row < numRows; row += 1) {
      const first = Math.floor(offsets[row]! / keyBytes);
      const last = Math.min(Math.floor((offsets[row]! + Math.max(1, sizes[row]!) - 1) / keyBytes), first + mostKeys);
      for (let key = first; key <= last; key += 1) use(key, 1, row);
    }
  } else if (hasColumns(schema, ["address"])) {
    const halves = halvesOf(batch, "address");
    for (let row = 0; row < numRows; row += 1)
      use(
        (halves[2 * row + 1]! * 0x100000000 + halves[2 * row]!) / keyBytes - (halves[2 * row]! % keyBytes) / keyBytes,
        1,
        row,
      );
  } else if (hasColumns(schema, ["page", "count"])) {
    const pages = numbersOf(batch, "page");
    const counts = numbersOf(batch, "count");
    for (let row = 0; row < numRows; row += 1) use(pages[row]!, counts[row]!, row);
  } else
    throw new OptionError(
      "trace",
      "a block trace, references to memory or page runs",
      schema.fields.map(({ name }) => name),
    );
}
