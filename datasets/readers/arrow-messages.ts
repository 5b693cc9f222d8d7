import * as arrow from "apache-arrow";
import { TraceFormatError } from "../errors.ts";
import type { ByteReader } from "../source/byte-reader.ts";
import { type ArrowFooter, arrowMagic, mostMetadataBytes, parseFooter } from "./arrow-footer.ts";
import { messageShape } from "./arrow-metadata.ts";
import { decoding } from "./decoding.ts";
import { verifyFlatbuffer } from "./flatbuffer.ts";

/** One message of an Arrow stream, whole and with verified metadata. */
export interface ArrowMessage {
  readonly message: arrow.Message;
  /** Where it begins in the (uncompressed) file. */
  readonly offset: number;
  /** The continuation marker, the length and the metadata, as they were read. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** A file in gzip that leaves out the schema at its start must be read from its end. */
export class SchemaInFooter extends Error {}

/**
 * Reads the messages of an Arrow IPC stream or file and checks what apache-arrow does not: that the stream ends with its
 * end-of-stream marker, that no message is cut short, and that a file's footer names exactly the batches that were read.
 * (apache-arrow takes several truncations for the end and gives fewer rows.)
 *
 * apache-arrow's own writer leaves out the schema at the start of a file; it is then taken from `footer`, or
 * {@link SchemaInFooter} is thrown.
 */
export async function* arrowMessages(
  name: string,
  bytes: ByteReader,
  footer?: ArrowFooter,
): AsyncGenerator<ArrowMessage, void> {
  const fault = (offset: number, problem: string): never => {
    throw new TraceFormatError({ file: name, offset }, problem);
  };
  const start = await bytes.read(8);
  const isFile = latin1(start).startsWith(arrowMagic);
  let pending = isFile ? new Uint8Array(0) : start;
  const read = async (length: number, what: string): Promise<Uint8Array> => {
    const offset = bytes.offset - pending.length;
    let got = pending.subarray(0, length);
    pending = pending.subarray(got.length);
    if (got.length < length) {
      const more = await bytes.read(length - got.length);
      got = got.length === 0 ? more : Buffer.concat([got, more]);
    }
    if (got.length < length)
      fault(offset, `expected ${length} bytes of ${what}, got ${got.length}: the file is truncated`);
    return got;
  };
  const at = () => bytes.offset - pending.length;

  const batchOffsets: number[] = [];
  let first = true;
  for (;;) {
    const offset = at();
    const opening = await read(4, "a message's length (no end-of-stream marker came before)");
    let prefix = opening;
    let length = int32(opening);
    if (length === -1) {
      const second = await read(4, "a message's length");
      prefix = Buffer.concat([opening, second]);
      length = int32(second);
    }
    if (length === 0) {
      // A file without batches may be nothing but its footer.
      if (first && isFile) yield schemaMessage(name, footer, offset);
      break;
    }
    if (length < 0 || length > mostMetadataBytes) fault(offset, `expected a message's length, got ${length}`);
    const metadata = await read(length, "a message's metadata");
    const problem = verifyFlatbuffer(metadata, messageShape);
    if (problem !== undefined) fault(offset, `expected an Arrow message, got ${problem}`);
    const message = decoding(name, offset, "an Arrow message", () => arrow.Message.decode(metadata));
    const { bodyLength } = message;
    if (!Number.isSafeInteger(bodyLength) || bodyLength < 0)
      fault(offset, `expected a message's body, got one of ${bodyLength} bytes`);
    const body = await read(bodyLength, "a message's body");
    if (first && isFile && !message.isSchema()) yield schemaMessage(name, footer, offset);
    first = false;
    if (message.isRecordBatch()) batchOffsets.push(offset);
    yield { message, offset, head: Buffer.concat([prefix, metadata]), body };
  }
  if (!isFile) {
    // Reading to the end also checks the sum at the end of a gzip file.
    if (pending.length > 0 || (await bytes.read(1)).length > 0)
      fault(at(), "expected the end after the end-of-stream marker");
    return;
  }

  const named = (footer ?? (await restAsFooter())).batchOffsets;
  if (named.length !== batchOffsets.length || named.some((offset, index) => offset !== batchOffsets[index]))
    fault(
      at(),
      `expected a footer that names the file's ${batchOffsets.length} record batches, got ${named.length} others`,
    );

  async function restAsFooter(): Promise<ArrowFooter> {
    const offset = at();
    const tail: Uint8Array[] = [pending];
    for (let held = pending.length; held <= mostMetadataBytes;) {
      const more = await bytes.read(1 << 20);
      if (more.length === 0) break;
      tail.push(more);
      held += more.length;
    }
    return parseFooter(name, Buffer.concat(tail), offset);
  }
}

function schemaMessage(name: string, footer: ArrowFooter | undefined, offset: number): ArrowMessage {
  if (footer === undefined) throw new SchemaInFooter();
  const message = arrow.Message.from(footer.schema as never);
  const metadata = decoding(name, offset, "a readable schema in the footer", () => arrow.Message.encode(message));
  const padded = new Uint8Array(8 + Math.ceil(metadata.length / 8) * 8);
  new DataView(padded.buffer).setInt32(0, -1, true);
  new DataView(padded.buffer).setInt32(4, padded.length - 8, true);
  padded.set(metadata, 8);
  return { message, offset, head: padded, body: new Uint8Array(0) };
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");

const int32 = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(0, true);
