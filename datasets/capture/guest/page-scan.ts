import type * as arrow from "apache-arrow";
import { open } from "node:fs/promises";
import { pageClasses } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { classifiedHash, pageBytes, pageClass, pageHash } from "../../formats/page.ts";
import { traceRows } from "../../formats/rows.ts";

const zero = pageClasses.indexOf("zero");
const zeroPage = new Uint8Array(pageBytes);

/** A memory image's pages, without their contents. */
export interface PageScan {
  /** Places in {@link pageClasses}. */
  readonly classes: Uint8Array;
  /** The first 64 bits of each page's SHA-1, big endian. */
  readonly hashes: BigUint64Array;
}

/** Classifies and hashes a memory image while it comes; nothing of it is kept. About 0.5 GB a second. */
export async function scanPages(image: AsyncIterable<Uint8Array>, pages: number): Promise<PageScan> {
  const scan = { classes: new Uint8Array(pages), hashes: new BigUint64Array(pages) };
  const page = new Uint8Array(pageBytes);
  let filled = 0;
  let at = 0;
  for await (const chunk of image)
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + pageBytes - filled);
      page.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < pageBytes) continue;
      const of = pageClass(page);
      scan.classes[at] = of;
      scan.hashes[at] = classifiedHash(page, of);
      at += 1;
      filled = 0;
    }
  if (at !== pages || filled !== 0)
    throw new RangeError(`a memory image of ${pages} pages, got ${at} and ${filled} bytes`);
  return scan;
}

/** The first block of each hash on a disk; zero blocks are left out. */
export async function hashBlocks(disk: string): Promise<ReadonlyMap<bigint, number>> {
  const blocks = new Map<bigint, number>();
  const file = await open(disk);
  try {
    const chunk = new Uint8Array(256 * pageBytes);
    for (let first = 0; ; first += 256) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, first * pageBytes);
      for (let at = 0; at + pageBytes <= bytesRead; at += pageBytes) {
        const block = chunk.subarray(at, at + pageBytes);
        if (Buffer.compare(block, zeroPage) === 0) continue;
        const key = pageHash(block);
        if (!blocks.has(key)) blocks.set(key, first + at / pageBytes);
      }
      if (bytesRead < chunk.length) return blocks;
    }
  } finally {
    await file.close();
  }
}

const layout = {
  dump: "uint32",
  timeNs: "float64",
  page: "float64",
  class: codes(pageClasses),
  hash: "uint64",
  flags: "uint64",
  diskBlock: optional("float64"),
} as const;

/** Dumps as tables of one schema. */
export function pageTables(): (
  dump: number,
  timeNs: number,
  scan: PageScan,
  flags: BigUint64Array,
  blocks: ReadonlyMap<bigint, number>,
) => arrow.RecordBatch {
  let rows: ReturnType<typeof traceRows<typeof layout>> | undefined;
  return (dump, timeNs, scan, flags, blocks) => {
    const pages = scan.classes.length;
    rows ??= traceRows(layout, pages);
    rows.metadata.set("veelab.format", "guest-pages").set("veelab.kind", "pages");
    const { columns } = rows;
    const hashes = new BigUint64Array(columns.hash.buffer);
    const flagColumn = new BigUint64Array(columns.flags.buffer);
    hashes.set(scan.hashes);
    flagColumn.set(flags.subarray(0, pages));
    columns.class.set(scan.classes);
    columns.dump.fill(dump);
    columns.timeNs.fill(timeNs);
    for (; rows.count < pages; rows.count += 1) {
      columns.page[rows.count] = rows.count;
      const block = scan.classes[rows.count] === zero ? undefined : blocks.get(scan.hashes[rows.count]!);
      if (block === undefined) rows.setNull("diskBlock");
      else columns.diskBlock[rows.count] = block;
    }
    return rows.take();
  };
}
