import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../../errors.ts";
import type { FormatOptions } from "../../formats/format.ts";
import { pageClasses } from "../../formats/kinds.ts";
import { codes } from "../../formats/layout.ts";
import { classifiedHash, pageBytes, pageClass } from "../../formats/page.ts";
import { traceRows } from "../../formats/rows.ts";
import { chunkBytes } from "../../source/byte-reader.ts";
import { skipTo } from "../../source/part.ts";
import type { Source } from "../../source/source.ts";

/** Pages that stand one after the other in a file and in memory. */
export interface PageRun {
  /** The first page's number: its address by 4096. */
  readonly page: number;
  /** Where it stands in the file. */
  readonly offset: number;
  /** How many there are; Infinity for all up to the file's end. */
  readonly pages: number;
}

const layout = { page: "float64", class: codes(pageClasses), hash: "uint64" } as const;
const pagesAtOnce = 256;

/**
 * Classifies and hashes pages in the order of the file; what two runs have in common is read once, for the first. Linear time, about 0.5 GB a
 * second; memory for a batch and the list of runs. A page that is cut goes to `options.fault`, and nothing is read behind it.
 */
export async function* readPages(
  source: Source,
  options: FormatOptions,
  runs: readonly PageRun[],
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<arrow.RecordBatch, void> {
  const rows = traceRows(layout, options.batchRows, options.reuse);
  for (const [key, value] of Object.entries(metadata)) rows.metadata.set(key, value);
  let hashes = new BigUint64Array(rows.columns.hash.buffer);
  let yielded = false;
  const bytes = chunkBytes(source.chunks());
  try {
    for (const run of [...runs].sort((a, b) => a.offset - b.offset)) {
      const end = run.offset + run.pages * pageBytes;
      if (end <= bytes.offset) continue;
      if (bytes.offset > run.offset && (bytes.offset - run.offset) % pageBytes !== 0)
        throw new TraceFormatError(
          { file: source.file, offset: run.offset },
          "expected pages that overlap others in the file as a whole, got a part of one",
        );
      await skipTo(bytes, run.offset);
      while (bytes.offset < end) {
        const at = bytes.offset;
        const piece = await bytes.read(Math.min(pagesAtOnce * pageBytes, end - at));
        for (let from = 0; from + pageBytes <= piece.length; from += pageBytes) {
          const page = piece.subarray(from, from + pageBytes);
          const { columns, count } = rows;
          columns.page[count] = run.page + (at + from - run.offset) / pageBytes;
          const of = pageClass(page);
          columns.class[count] = of;
          hashes[count] = classifiedHash(page, of);
          rows.count += 1;
          if (rows.count < options.batchRows) continue;
          yield rows.take();
          hashes = new BigUint64Array(rows.columns.hash.buffer);
          yielded = true;
        }
        const cut = piece.length % pageBytes;
        if (cut === 0 && (piece.length > 0 || end === Infinity)) {
          if (piece.length === 0) break;
          continue;
        }
        options.fault(
          new TraceFormatError(
            { file: source.file, offset: at + piece.length - cut },
            end === Infinity
              ? `expected pages of ${pageBytes} bytes, got ${cut} at the end`
              : `expected ${run.pages - Math.max(0, at + piece.length - cut - run.offset) / pageBytes} more pages of ${pageBytes} bytes, got ${cut} bytes at the end`,
          ),
        );
        if (rows.count > 0 || !yielded) yield rows.take();
        return;
      }
    }
  } finally {
    await bytes.close();
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}
