import type * as arrow from "apache-arrow";
import { TraceFormatError } from "../../errors.ts";
import type { FormatOptions, TraceFormat } from "../../formats/format.ts";
import { pageClasses } from "../../formats/kinds.ts";
import { codes, optional } from "../../formats/layout.ts";
import { classifiedHash, pageBytes, pageClass } from "../../formats/page.ts";
import { traceRows } from "../../formats/rows.ts";
import { type ByteReader, chunkBytes } from "../../source/byte-reader.ts";
import type { Source } from "../../source/source.ts";

const commonMagic = 0x54564319;
const pagemapMagic = 0x56084025;

/** What an entry's flags say: the pages are in an earlier dump, may be fetched later, or are in the file of pages. */
const inParent = 1;
const lazy = 2;
const present = 4;

/** An entry has four numbers; what is longer is damage. */
const longestEntry = 256;
/** A process of x86-64 has 2^47 bytes. */
const mostPages = 2 ** 35;

const layout = {
  page: "float64",
  class: optional(codes(pageClasses)),
  hash: optional("uint64"),
  pages: "float64",
  isInParent: "bool",
  isLazy: "bool",
} as const;

/** Pages that stand one after the other in a process. */
interface Entry {
  readonly address: bigint;
  readonly pages: number;
  readonly flags: number;
}

type Fail = (field: string, problem: string) => never;

/** A protobuf message of numbers (https://protobuf.dev/programming-guides/encoding/), by the fields' numbers; other fields are passed over. */
function numbersOf(bytes: Uint8Array, fail: Fail): ReadonlyMap<number, bigint> {
  const fields = new Map<number, bigint>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n)
        return fail("protobuf", "expected numbers of at most 10 bytes inside of the message");
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) fields.set(Math.floor(key / 8), varint());
    else if (wire === 2) at += Number(varint());
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else fail("protobuf", `expected a field of type 0, 1, 2 or 5, got ${wire}`);
    if (at > bytes.length) fail("protobuf", "expected fields inside of the message");
  }
  return fields;
}

/** Reads the next message; undefined at the file's end. */
async function message(bytes: ByteReader, fail: Fail): Promise<ReadonlyMap<number, bigint> | undefined> {
  const header = await bytes.read(4);
  if (header.length === 0) return undefined;
  if (header.length < 4) fail("size", `expected 4 bytes, got ${header.length} at the end`);
  const size = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
  if (size > longestEntry) fail("size", `expected a message of at most ${longestEntry} bytes, got ${size}`);
  const content = await bytes.read(size);
  if (content.length < size) fail("size", `expected ${size} bytes, got ${content.length} at the end`);
  return numbersOf(content, fail);
}

function entryOf(fields: ReadonlyMap<number, bigint>, fail: Fail): Entry {
  // CRIU 4.2 and newer have the number in a field of 64 bits, and 0 in the older one.
  const [address, pages] = [fields.get(1), fields.get(5) ?? fields.get(2)];
  if (address === undefined || pages === undefined) return fail("entry", "expected the fields vaddr and nr_pages");
  if (address % BigInt(pageBytes) !== 0n)
    fail("vaddr", `expected the address of a page, got 0x${address.toString(16)}`);
  if (pages > mostPages) fail("nr_pages", `expected at most ${mostPages} pages, got ${pages}`);
  // Before CRIU 3.0 an entry only said whether its pages are in the parent.
  const flags = fields.get(4) ?? (fields.get(3) === 1n ? BigInt(inParent) : BigInt(present));
  return { address, pages: Number(pages), flags: Number(BigInt.asUintN(3, flags)) };
}

async function* readImages(source: Source, options: FormatOptions): AsyncGenerator<arrow.RecordBatch, void> {
  const { file } = source;
  const map = chunkBytes(source.chunks());
  let place = 0;
  const fail: Fail = (field, problem) => {
    throw new TraceFormatError({ file, offset: place, field }, problem);
  };
  const rows = traceRows(layout, options.batchRows, options.reuse);
  let hashes = new BigUint64Array(rows.columns.hash.buffer);
  let yielded = false;
  let content: ByteReader | undefined;
  try {
    const magics = await map.read(8);
    const view = new DataView(magics.buffer, magics.byteOffset, magics.byteLength);
    if (magics.length < 8 || view.getUint32(0, true) !== commonMagic || view.getUint32(4, true) !== pagemapMagic)
      fail("magic", "expected CRIU's image of a pagemap, of version 1.1 or newer");
    place = map.offset;
    const id = (await message(map, fail))?.get(1) ?? fail("pages_id", "expected the number of the file of pages");
    const name = `pages-${id}.img`;
    const pages = await source.sibling(name);
    if (pages === undefined)
      throw new TraceFormatError({ file, field: "pages_id" }, `expected the file ${name} beside it`);
    content = chunkBytes(pages.chunks());
    for (let isOpen = true; isOpen;) {
      let entry: Entry | undefined;
      try {
        place = map.offset;
        const fields = await message(map, fail);
        if (fields === undefined) {
          const more = await content.read(1);
          if (more.length > 0)
            throw new TraceFormatError(
              { file: name, offset: content.offset - 1 },
              `expected the end, as ${file} has no more pages`,
            );
          isOpen = false;
        } else entry = entryOf(fields, fail);
      } catch (error) {
        if (!(error instanceof TraceFormatError)) throw error;
        // Which page of the other file comes next is not known any more.
        options.fault(error);
        isOpen = false;
      }
      if (entry === undefined) continue;
      const first = Number(entry.address / BigInt(pageBytes));
      const isHere = (entry.flags & present) !== 0;
      // What is not here is one row: a few bytes may claim any number of pages.
      const step = isHere ? 1 : entry.pages;
      for (let at = 0; at < entry.pages; at += step) {
        const { columns, count } = rows;
        columns.page[count] = first + at;
        columns.pages[count] = step;
        columns.isInParent[count] = Number((entry.flags & inParent) !== 0);
        columns.isLazy[count] = Number((entry.flags & lazy) !== 0);
        if (isHere) {
          const bytes = await content.read(pageBytes);
          if (bytes.length < pageBytes) {
            options.fault(
              new TraceFormatError(
                { file: name, offset: content.offset - bytes.length },
                `expected ${entry.pages - at} more pages of ${pageBytes} bytes, got ${bytes.length} bytes at the end`,
              ),
            );
            isOpen = false;
            break;
          }
          const of = pageClass(bytes);
          columns.class[count] = of;
          hashes[count] = classifiedHash(bytes, of);
        } else {
          rows.setNull("class");
          rows.setNull("hash");
        }
        rows.count += 1;
        if (rows.count < options.batchRows) continue;
        yield rows.take();
        yielded = true;
        hashes = new BigUint64Array(rows.columns.hash.buffer);
      }
    }
  } finally {
    await map.close();
    await content?.close();
  }
  if (rows.count > 0 || !yielded) yield rows.take();
}

/**
 * A process's memory in CRIU's images (https://criu.org/Images, images/pagemap.proto of https://github.com/checkpoint-restore/criu): `pagemap-PID.img` says
 * which pages there are, and `pages-N.img` beside it has their contents, one after the other; the pagemap is the one to open. A row is a page of 4 KiB at
 * its virtual address, in the order of the images; pages whose content is not here are one row for all that follow each other, with their number in `pages`, which is
 * else 1, and without `class` and `hash`: `isInParent` marks those whose content is in an earlier dump, `isLazy` those that may be fetched after a restore. Pages that the process shares with its files and pages of zeros that were never written are not in
 * the images. Of machines with pages of 4 KiB; images of CRIU 1.x without the common magic are not recognised. Tried on images of CRIU 4.2, on no older ones.
 */
export const criu: TraceFormat = {
  name: "criu",
  title: "Memory of a process in CRIU's images (pagemap and pages)",
  kind: "pages",
  detect: ({ view }) =>
    view.byteLength >= 8 && view.getUint32(0, true) === commonMagic && view.getUint32(4, true) === pagemapMagic,
  read: readImages,
};
