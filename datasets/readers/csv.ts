import * as arrow from "apache-arrow";
import type { ColumnSchema, ColumnType } from "../column-type.ts";
import { show, TraceFormatError } from "../errors.ts";
import { defaultBatchRows, type ReadOptions, tolerance } from "../options.ts";
import { type ColumnBuilder, columnBuilder } from "./column-builder.ts";
import { decoding } from "./decoding.ts";
import { inferTypes } from "./csv-infer.ts";
import {
  advance,
  csvRow,
  type CsvRow,
  type CsvWindow,
  incomplete,
  scanRow,
  strayQuote,
  unquoteInto,
} from "./csv-rows.ts";

const text = new TextDecoder("utf-8");
const strict = new TextDecoder("utf-8", { fatal: true });
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Reads CSV (RFC 4180: quoted fields, CRLF or LF; a UTF-8 byte order mark; one header row) as record batches. Columns
 * have the types of `schema`, or those that the first rows show: true and false are bool, ISO 8601 dates and times to the
 * millisecond timestamp, numbers float64, whole numbers that a double cannot hold int64, the rest utf8. An empty field is a null, a quoted
 * empty one an empty string. A row with too many or too few fields, or with a value that is not of its column's type, goes to `options`' count of bad
 * records; quotes that do not close end the reading, as the next row's place is not known. Memory is bounded by a batch and the longest row; time is linear.
 */
export async function* readCsv(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    yield* batches(file, iterator, options);
  } finally {
    await iterator.return?.();
  }
}

/** The columns of a CSV file, in its order, with the types that {@link readCsv} infers. Reads the file's head. */
export async function csvTypes(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<readonly (readonly [string, ColumnType])[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const window = await startOf(file, iterator);
    const names = await readHeader(file, window, iterator);
    const types = await inferTypes(file, names, window, iterator);
    return names.map((name) => [name, types[name]!]);
  } finally {
    await iterator.return?.();
  }
}

/** The first bytes, without a byte order mark. */
async function startOf(file: string, chunks: AsyncIterator<Uint8Array>): Promise<CsvWindow> {
  const window: CsvWindow = { bytes: new Uint8Array(0), from: 0, until: 0, before: 0, last: false };
  while (window.until < byteOrderMark.length && (await advance(window, chunks, file)));
  if (byteOrderMark.every((byte, at) => window.bytes[at] === byte && at < window.until)) window.from = 3;
  return window;
}

async function* batches(
  file: string,
  chunks: AsyncIterator<Uint8Array>,
  options: ReadOptions,
): AsyncGenerator<arrow.RecordBatch, void> {
  const window = await startOf(file, chunks);
  const names = await readHeader(file, window, chunks);
  const types = options.schema ?? (await inferTypes(file, names, window, chunks, (options.skipBad ?? 0) > 0));
  const builders = plan(file, names, types, options);
  const read = names.flatMap((name, at) => (builders.has(name) ? [{ at, name, builder: builders.get(name)! }] : []));
  const ordered = [...builders];
  const schema = new arrow.Schema(ordered.map(([name, { type }]) => new arrow.Field(name, type, true)));
  const batch = (rows: number) =>
    new arrow.RecordBatch(
      schema,
      arrow.makeData({
        type: new arrow.Struct(schema.fields),
        length: rows,
        nullCount: 0,
        children: ordered.map(([, builder]) => builder.take()),
      }),
    );

  const fault = tolerance(options);
  const capacity = options.batchRows ?? defaultBatchRows;
  const row = csvRow(names.length);
  const scratch = { bytes: new Uint8Array(256) };
  let rows = 0;
  let line = 0;
  let yielded = false;
  for (;;) {
    if (window.from >= window.until) {
      if (!(await advance(window, chunks, file))) break;
      continue;
    }
    const next = scanRow(window.bytes, window.from, window.until, 44, window.last, row);
    if (next === incomplete) {
      await advance(window, chunks, file);
      continue;
    }
    line += 1;
    if (next === strayQuote)
      throw new TraceFormatError(
        { file, offset: window.before + window.from, row: line },
        "expected quotes around a whole field, doubled inside it and closed at its end",
      );
    // A blank line is no row, unless the table has one column, where it is a null.
    if (row.count !== names.length && !(isBlank(row) && names.length > 1))
      fault(
        new TraceFormatError(
          { file, offset: window.before + window.from, row: line },
          `expected ${names.length} fields, got ${row.count}`,
        ),
      );
    if (row.count === names.length) {
      let good = 0;
      while (good < read.length && append(read[good]!.builder, window.bytes, row, read[good]!.at, scratch)) good += 1;
      if (good === read.length) rows += 1;
      else {
        for (const { builder } of read.slice(0, good)) builder.undo();
        const { at, name } = read[good]!;
        fault(
          new TraceFormatError(
            { file, offset: window.before + row.starts[at]!, row: line, field: name },
            `expected ${types[name] ?? "utf8"}, got ${show(text.decode(window.bytes.subarray(row.starts[at], row.ends[at])))}`,
          ),
        );
      }
    }
    window.from = next;
    if (rows === capacity) {
      yield batch(rows);
      yielded = true;
      rows = 0;
    }
  }
  if (rows > 0 || !yielded) yield batch(rows);
}

const isBlank = (row: CsvRow): boolean => row.count === 1 && row.starts[0] === row.ends[0] && row.quoted[0] === 0;

function append(
  builder: ColumnBuilder,
  bytes: Uint8Array,
  row: CsvRow,
  at: number,
  scratch: { bytes: Uint8Array },
): boolean {
  const start = row.starts[at]!;
  const end = row.ends[at]!;
  const quoted = row.quoted[at]!;
  if (quoted === 2) {
    if (scratch.bytes.length < end - start) scratch.bytes = new Uint8Array(2 * (end - start));
    return builder.append(scratch.bytes, 0, unquoteInto(scratch.bytes, bytes, start, end));
  }
  if (start === end && quoted === 0) {
    builder.appendNull();
    return true;
  }
  return builder.append(bytes, start, end);
}

async function readHeader(file: string, window: CsvWindow, chunks: AsyncIterator<Uint8Array>): Promise<string[]> {
  // A header's number of columns is not known before it is read.
  for (let room = 64; ;) {
    const row = csvRow(room);
    const next = scanRow(window.bytes, window.from, window.until, 44, window.last, row);
    if (next === incomplete) {
      await advance(window, chunks, file);
      continue;
    }
    if (next === strayQuote)
      throw new TraceFormatError({ file, line: 1 }, "expected quotes around a whole name, closed at its end");
    if (row.count > room) {
      room = row.count;
      continue;
    }
    const names = Array.from({ length: row.count }, (_, at) => {
      const name = decoding(file, 0, "a header of UTF-8 text", () =>
        strict.decode(window.bytes.subarray(row.starts[at], row.ends[at])),
      );
      return row.quoted[at] === 2 ? name.replaceAll('""', '"') : name;
    });
    if (names.some((name, at) => row.quoted[at] === 0 && name.includes("\r")))
      throw new TraceFormatError({ file, line: 1 }, "expected lines that end in LF or CRLF, got CR");
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (names.includes("") || twice !== undefined)
      throw new TraceFormatError(
        { file, line: 1, ...(twice ? { field: twice } : {}) },
        twice ? "expected each column's name once" : "expected a name for every column, got an empty one",
      );
    window.from = next;
    return names;
  }
}

/** The columns to build, in the order in which they were asked for. */
function plan(
  file: string,
  names: readonly string[],
  types: ColumnSchema,
  options: ReadOptions,
): ReadonlyMap<string, ColumnBuilder> {
  const wanted = options.columns ?? (options.schema === undefined ? names : Object.keys(options.schema));
  for (const name of [...wanted, ...Object.keys(types)])
    if (!names.includes(name))
      throw new TraceFormatError({ file, field: name }, `expected this column, got ${names.map(show).join(", ")}`);
  return new Map(
    wanted.map((name) => [name, columnBuilder(types[name] ?? "utf8", options.batchRows ?? defaultBatchRows)]),
  );
}
