import * as arrow from "apache-arrow";
import { emptyBatch } from "../empty-batch.ts";
import { TraceFormatError } from "../errors.ts";
import { dataFault } from "./arrow-data.ts";
import { type ArrowFooter, arrowMagic, readFooter } from "./arrow-footer.ts";
import { type ArrowMessage, arrowMessages, SchemaInFooter } from "./arrow-messages.ts";
import { type ByteReader, chunkBytes, fileBytes } from "../source/byte-reader.ts";
import { head, type Source, uncompressed } from "../source/source.ts";
import { registerCodecs } from "./codecs.ts";
import { decoding } from "./decoding.ts";

/**
 * Reads an Arrow IPC file (Feather V2) or stream as record batches: one batch in memory at a time, its columns being views of
 * the bytes that were read. Everything is checked before it is handed out; a file that is damaged or cut is a
 * {@link TraceFormatError}.
 */
export async function* readArrow(source: Source): AsyncGenerator<arrow.RecordBatch, void> {
  const { file } = source;
  if (source.compression === undefined) {
    yield* readPlain(file, source.path);
    return;
  }
  try {
    yield* closing(chunkBytes(source.chunks()), (bytes) => batches(file, bytes));
  } catch (error) {
    if (!(error instanceof SchemaInFooter)) throw error;
    yield* uncompressed(source, (plain) => readPlain(file, plain));
  }
}

async function* readPlain(file: string, path: string): AsyncGenerator<arrow.RecordBatch, void> {
  const isFile = Buffer.from(await head(path, arrowMagic.length)).toString("latin1") === arrowMagic;
  const footer = isFile ? await readFooter(file, path) : undefined;
  yield* closing(await fileBytes(path), (bytes) => batches(file, bytes, footer));
}

const none = new Uint8Array(0);

async function* closing(
  bytes: ByteReader,
  read: (bytes: ByteReader) => AsyncIterable<arrow.RecordBatch>,
): AsyncGenerator<arrow.RecordBatch, void> {
  try {
    yield* read(bytes);
  } finally {
    await bytes.close();
  }
}

async function* batches(
  name: string,
  bytes: ByteReader,
  footer?: ArrowFooter,
): AsyncGenerator<arrow.RecordBatch, void> {
  const queue: Uint8Array[] = [];
  // Whole messages are queued before apache-arrow's synchronous reader is asked for what they hold. It also looks for a next
  // chunk when it needs no bytes; the end would then be final.
  const source: IterableIterator<Uint8Array> = {
    [Symbol.iterator]: () => source,
    next: (wanted?: number) => {
      const value = queue.shift();
      if (value === undefined && wanted !== 0) throw new Error("a message that ends before its parts do");
      return { done: false, value: value ?? none };
    },
  };
  let reader: arrow.RecordBatchStreamReader | undefined;
  const seen = new WeakSet<arrow.Data>();
  let rows = 0;
  let yielded = false;
  for await (const read of arrowMessages(name, bytes, footer)) {
    const { message, offset } = read;
    const fault = (problem: string, field?: string): never => {
      throw new TraceFormatError({ file: name, offset, ...(field === undefined ? {} : { field }) }, problem);
    };
    if (message.isSchema() !== (reader === undefined)) fault("expected one schema, before all batches");
    queue.push(read.head);
    if (read.body.length > 0) queue.push(read.body);
    const batch = decoding(name, offset, "a readable Arrow message", (): arrow.RecordBatch | undefined => {
      if (reader === undefined) {
        registerCodecs();
        reader = arrow.RecordBatchReader.from(source) as arrow.RecordBatchStreamReader;
        reader.open();
        checkNames(reader.schema, fault);
        return undefined;
      }
      checkBuffers(read, fault);
      if (!message.isRecordBatch()) return undefined;
      const next = reader.next() as IteratorResult<arrow.RecordBatch, undefined>;
      if (next.value === undefined) return fault("expected a record batch");
      checkBatch(next.value, message.header().length, rows, seen, fault);
      return trimmed(next.value);
    });
    if (batch === undefined) continue;
    rows += batch.numRows;
    yielded = true;
    yield batch;
  }
  if (reader === undefined) throw new TraceFormatError({ file: name, offset: 0 }, "expected an Arrow schema, got none");
  if (!yielded) yield emptyBatch(reader.schema);
}

/**
 * Columns whose arrays (values, codes, offsets) are as long as their rows. Writers pad buffers to 8 bytes, apache-arrow announces the
 * padded length, and whoever loops over `data[i].values` would take the padding for rows. A boolean's are bits, padded to a byte.
 */
function trimmed(batch: arrow.RecordBatch): arrow.RecordBatch {
  const children = batch.data.children.map((data) => (data.values === undefined ? data : data.slice(0, data.length)));
  const { type, length } = batch.data;
  return new arrow.RecordBatch(batch.schema, arrow.makeData({ type, length, nullCount: 0, children }));
}

type Fail = (problem: string, field?: string) => never;

function checkNames(schema: arrow.Schema, fault: Fail): void {
  const names = new Set<string>();
  for (const { name } of schema.fields as { name: string | null }[]) {
    if (name === null) fault("expected a name for every column");
    else if (names.has(name)) fault("expected each column's name once", name);
    else names.add(name);
  }
}

function checkBuffers({ message, body }: ArrowMessage, fault: Fail): void {
  const header = message.header() as { buffers: { offset: number; length: number }[]; nodes: { length: number }[] };
  for (const { offset, length } of header.buffers)
    if (!(offset >= 0 && length >= 0 && offset + length <= body.length))
      fault(`expected buffers inside the message's ${body.length} bytes, got bytes ${offset} to ${offset + length}`);
}

function checkBatch(
  batch: arrow.RecordBatch,
  announced: number,
  rowsBefore: number,
  seen: WeakSet<arrow.Data>,
  fault: Fail,
): void {
  for (const [at, { name }] of batch.schema.fields.entries()) {
    const column = batch.data.children[at];
    if (column === undefined) return fault("expected this column in the batch", name);
    if (column.length !== announced)
      fault(`expected ${announced} rows after row ${rowsBefore}, got ${column.length}`, name);
    const problem = dataFault(column, seen);
    if (problem !== undefined) fault(`expected a sound column after row ${rowsBefore}, got ${problem}`, name);
  }
}
