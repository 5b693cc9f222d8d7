import * as arrow from "apache-arrow";
import { open } from "node:fs/promises";
import { TraceFormatError } from "../errors.ts";
import { footerShape } from "./arrow-metadata.ts";
import { decoding } from "./decoding.ts";
import { verifyFlatbuffer } from "./flatbuffer.ts";

/** What ends an Arrow IPC file: its schema again, and where its batches are. */
export interface ArrowFooter {
  readonly schema: arrow.Schema;
  readonly batchOffsets: readonly number[];
}

export const arrowMagic = "ARROW1";

/** A schema of ten thousand columns takes about a megabyte. */
export const mostMetadataBytes: number = 256 * 1024 * 1024;

/** The length of the footer, then the magic. */
const endBytes = 4 + arrowMagic.length;

/**
 * Reads the footer from a file's last bytes; `offset` is where they begin. Throws TraceFormatError when they do not end as an Arrow
 * file does.
 */
export function parseFooter(name: string, tail: Uint8Array, offset: number): ArrowFooter {
  const fault = (problem: string): never => {
    throw new TraceFormatError({ file: name, offset }, problem);
  };
  const end = tail.length - endBytes;
  if (end < 0 || Buffer.from(tail.subarray(-arrowMagic.length)).toString("latin1") !== arrowMagic)
    fault(`expected a footer and ${arrowMagic} at the end: the file is truncated`);
  const length = new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getInt32(end, true);
  if (length <= 0 || length > end) fault(`expected the footer's length, got ${length}`);
  const footer = tail.slice(end - length, end);
  const problem = verifyFlatbuffer(footer, footerShape);
  if (problem !== undefined) fault(`expected a footer, got ${problem}`);
  return decoding(name, offset, "a readable footer", () => ({
    schema: footerSchema(footer),
    batchOffsets: batchOffsets(footer),
  }));
}

/** Reads the footer of a file that is not compressed. */
export async function readFooter(name: string, path: string): Promise<ArrowFooter> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const last = async (length: number) => {
      const bytes = new Uint8Array(Math.min(length, size));
      await handle.read(bytes, 0, bytes.length, size - bytes.length);
      return bytes;
    };
    const end = await last(endBytes);
    const length = end.length < endBytes ? 0 : new DataView(end.buffer).getInt32(0, true);
    const tail = length > 0 && length <= mostMetadataBytes ? await last(length + endBytes) : end;
    return parseFooter(name, tail, size - tail.length);
  } finally {
    await handle.close();
  }
}

/** apache-arrow exports no way to decode a footer; its reader of files does it, given a file without batches. */
function footerSchema(footer: Uint8Array): arrow.Schema {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, footer.length, true);
  const magic = Buffer.from(arrowMagic, "latin1");
  const none = Buffer.concat([magic, new Uint8Array(2), footer, length, magic]);
  const reader = arrow.RecordBatchReader.from(none) as arrow.RecordBatchFileReader;
  // Blocks of dictionaries would be read at once, and are not there.
  const view = new DataView(none.buffer, none.byteOffset, none.byteLength);
  const dictionaries = slot(view, magic.length + 2, 2);
  if (dictionaries !== 0) view.setUint32(dictionaries + view.getUint32(dictionaries, true), 0, true);
  reader.open();
  return reader.schema;
}

function batchOffsets(footer: Uint8Array): number[] {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
  const blocks = slot(view, 0, 3);
  if (blocks === 0) return [];
  const vector = blocks + view.getUint32(blocks, true);
  return Array.from({ length: view.getUint32(vector, true) }, (_, index) =>
    Number(view.getBigInt64(vector + 4 + 24 * index, true)),
  );
}

/** Where a slot of the root table is; 0 when it is absent. The flatbuffer is verified. */
function slot(view: DataView, start: number, index: number): number {
  const table = start + view.getUint32(start, true);
  const slots = table - view.getInt32(table, true);
  const entry = 4 + 2 * index;
  const inside = view.getUint16(slots, true) > entry ? view.getUint16(slots + entry, true) : 0;
  return inside === 0 ? 0 : table + inside;
}
