import * as arrow from "apache-arrow";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import type { TraceFormatError } from "../../errors.ts";
import { randomBelow } from "../../test/reading.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { open } from "../../open.ts";
import type { Source } from "../../source/source.ts";
import { writeArrow } from "../../write/arrow.ts";
import type { TraceFormat } from "../format.ts";
import { makeHead } from "../head.ts";
import { traceFormats } from "../index.ts";
import { kindColumns } from "../kinds.ts";
import { columnTypeOf } from "../../column-type.ts";

/** A file of the format under test. */
export interface Sample {
  /** The file's bytes; text for formats of lines. */
  readonly content: Uint8Array | string;
  /** Rows that it has. */
  readonly rows: number;
  /** Whether writing what was read gives the same bytes; true when not given, for formats that are written. */
  readonly lossless?: boolean;
  /** Its name, where the format goes by it. */
  readonly file?: string;
  /** Files beside it. */
  readonly siblings?: Readonly<Record<string, Uint8Array | string>>;
  /** Rows that are open at once: a file that is cut may differ in so many of its last ones; 1 when not given. */
  readonly openRows?: number;
  /** Whether it is recognised by its content, as all are but those that only the option `as` names; true when not given. */
  readonly recognised?: boolean;
  /** Whether its lines are independent of each other, so that one which is broken can be left out; true for text when not given. */
  readonly skips?: boolean;
}

const bytesOf = (content: Uint8Array | string): Uint8Array => new Uint8Array(Buffer.from(content as string));

/** A source in memory, in chunks of a size; one that passes is overwritten once the next one is asked for, as a file's may be. */
export function memorySource(sample: Sample, bytes: Uint8Array, chunkBytes: number): Source {
  const file = sample.file ?? "trace";
  return {
    file,
    path: file,
    bytes: bytes.length,
    compression: undefined,
    async *chunks(passing) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        await Promise.resolve();
        const chunk = bytes.slice(at, at + chunkBytes);
        yield chunk;
        if (passing !== undefined) chunk.fill(0xa5);
      }
    },
    sibling: (name) =>
      Promise.resolve(
        sample.siblings?.[name] === undefined
          ? undefined
          : memorySource({ content: "", rows: 0, file: name }, bytesOf(sample.siblings[name]), chunkBytes),
      ),
  };
}

interface Reading {
  readonly batches: readonly arrow.RecordBatch[];
  readonly rows: readonly unknown[];
  readonly problems: readonly string[];
}

/** Reads all rows; `skipBad` as the option. */
async function readAll(
  format: TraceFormat,
  sample: Sample,
  bytes: Uint8Array,
  {
    batchRows = 65536,
    chunkBytes = 1 << 20,
    skipBad = 0,
    reuse = false,
  }: { batchRows?: number; chunkBytes?: number; skipBad?: number; reuse?: boolean } = {},
): Promise<Reading> {
  const problems: string[] = [];
  const fault = (error: TraceFormatError) => {
    if (problems.length >= skipBad) throw error;
    problems.push(error.message);
  };
  const batches: arrow.RecordBatch[] = [];
  const rows: unknown[] = [];
  for await (const batch of format.read(memorySource(sample, bytes, chunkBytes), { batchRows, fault, reuse })) {
    batches.push(batch);
    if (reuse) rows.push(...rowsOf([batch]));
  }
  return { batches, rows: reuse ? rows : rowsOf(batches), problems };
}

const rowsOf = (batches: readonly arrow.RecordBatch[]): unknown[] =>
  batches.flatMap((batch) =>
    batch
      .toArray()
      .map((row: { toJSON: () => Record<string, unknown> }) =>
        JSON.stringify(row.toJSON(), (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)),
      ),
  );

/** What reading bytes comes to: rows, or the message of a TraceFormatError. Any other error is thrown on. */
async function attempt(format: TraceFormat, sample: Sample, bytes: Uint8Array): Promise<Reading | string> {
  try {
    // Small batches: thousands of readings would spend their time on the memory of large ones.
    return await readAll(format, sample, bytes, { batchRows: 64 });
  } catch (error) {
    if ((error as Error).name !== "TraceFormatError") throw error;
    return (error as Error).message;
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}

async function* each(batches: readonly arrow.RecordBatch[]): AsyncGenerator<arrow.RecordBatch, void> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

/** A batch with texts in place of dictionaries. */
function plain(batch: arrow.RecordBatch): arrow.RecordBatch {
  const names = batch.schema.names as string[];
  const children: arrow.Data[] = names.map((name) => {
    const column = batch.getChild(name)!;
    return arrow.DataType.isDictionary(column.type)
      ? arrow.vectorFromArray([...column] as (string | null)[], new arrow.Utf8()).data[0]!
      : (column.data[0] as arrow.Data);
  });
  const fields = children.map((data, at) => new arrow.Field(names[at]!, data.type, true));
  const schema = new arrow.Schema(fields, batch.schema.metadata);
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type: new arrow.Struct(fields), length: batch.numRows, nullCount: 0, children }),
  );
}

/** Registers the tests that every format must pass, on small samples of it (a few hundred bytes to a few thousand). */
export function conforms(format: TraceFormat, samples: Readonly<Record<string, Sample>>): void {
  describe(`the format ${format.name}`, () => {
    const folder = temporaryFolder();
    for (const [name, sample] of Object.entries(samples)) {
      const bytes = bytesOf(sample.content);
      const file = sample.file ?? "trace";
      const text = typeof sample.content === "string";
      describe(name, () => {
        it(sample.recognised === false ? "is not recognised" : "is recognised, and by no other format", () => {
          const head = makeHead(file, bytes, true);
          const found = traceFormats.filter((other) => other.detect(head)).map((other) => other.name);
          expect(found).toEqual(sample.recognised === false ? [] : [format.name]);
        });

        it("has its kind's columns, and the same rows in chunks and batches of any size", async () => {
          const whole = await readAll(format, sample, bytes);
          expect(whole.rows).toHaveLength(sample.rows);
          const { fields } = whole.batches[0]!.schema;
          const types = Object.fromEntries(
            fields.map(({ name: column, type }) => [column, columnTypeOf(type as never)]),
          );
          expect(types).toMatchObject(kindColumns[format.kind]);
          for (const chunkBytes of [1, 7, 64, 1000])
            for (const batchRows of [1, 3, 65536]) {
              const again = await readAll(format, sample, bytes, { chunkBytes, batchRows });
              expect(again.rows).toEqual(whole.rows);
              expect(
                again.batches.every(({ schema }) => arrow.util.compareSchemas(schema, again.batches[0]!.schema)),
              ).toBe(true);
              const inPlace = await readAll(format, sample, bytes, { chunkBytes, batchRows, reuse: true });
              expect(inPlace.rows).toEqual(whole.rows);
            }
        });

        it("survives an Arrow file", async () => {
          const { batches, rows } = await readAll(format, sample, bytes, { batchRows: 3 });
          const path = folder.path(`${basename(file)}.arrow`);
          await writeArrow(path, batches);
          expect(rowsOf((await open(path)).batches)).toEqual(rows);
        });

        if (format.write !== undefined)
          it(sample.lossless === false ? "keeps its rows when written" : "is written byte for byte", async () => {
            const { batches, rows } = await readAll(format, sample, bytes, { batchRows: 2 });
            const written = await collect(format.write!(each(batches)));
            if (sample.lossless !== false)
              expect(Buffer.from(written).toString("latin1")).toBe(Buffer.from(bytes).toString("latin1"));
            else expect((await readAll(format, sample, written)).rows).toEqual(rows);
            // As they come from Parquet or a query: without dictionaries.
            expect(await collect(format.write!(each(batches.map(plain))))).toEqual(written);
          });

        if (text) {
          it("may have CRLF, a byte order mark and no last newline", async () => {
            const { rows } = await readAll(format, sample, bytes);
            const crlf = `\ufeff${(sample.content as string).replaceAll("\n", "\r\n").replace(/\r\n$/, "")}`;
            expect((await readAll(format, sample, bytesOf(crlf))).rows).toEqual(rows);
            expect(format.detect(makeHead(file, bytesOf(crlf), true))).toBe(sample.recognised !== false);
          });
        }

        if (text && sample.skips !== false)
          it("leaves a bad line out when that is allowed, and says so", async () => {
            const { rows } = await readAll(format, sample, bytes);
            const lines = (sample.content as string).split("\n");
            const bad = `${lines.slice(0, -1).join("\n")}\n\u0001 no such line\n`;
            await expect(readAll(format, sample, bytesOf(bad))).rejects.toMatchObject({
              name: "TraceFormatError",
              place: { line: lines.length },
            });
            const skipped = await readAll(format, sample, bytesOf(bad), { skipBad: 1 });
            expect(skipped.rows).toEqual(rows);
            expect(skipped.problems).toHaveLength(1);
            await expect(
              readAll(format, sample, bytesOf(`${bad}\u0001 nor this\n`), { skipBad: 1 }),
            ).rejects.toMatchObject({ name: "TraceFormatError" });
          });

        it("cut at each byte: an error, or the rows up to there", async () => {
          const { rows } = await readAll(format, sample, bytes);
          const step = Math.max(1, Math.floor(bytes.length / 1500));
          for (let length = 0; length < bytes.length; length += step) {
            const cut = await attempt(format, sample, bytes.subarray(0, length));
            if (typeof cut === "string") continue;
            // A number in a text that is cut is still a number: the last row may differ.
            const same = cut.rows.slice(0, -(sample.openRows ?? 1));
            expect(same).toEqual(rows.slice(0, same.length));
            expect(cut.rows.length).toBeLessThanOrEqual(rows.length);
          }
        });

        it("flipped bits, noise and hostile bytes: an error or rows, nothing else", async () => {
          const random = randomBelow(7);
          for (let round = 0; round < 300; round += 1) {
            const damaged = bytes.slice();
            for (let flips = 1 + random(3); flips > 0; flips -= 1) damaged[random(damaged.length)]! ^= 1 << random(8);
            await attempt(format, sample, damaged);
          }
          for (let round = 0; round < 100; round += 1) {
            const at = random(bytes.length);
            const noise = Uint8Array.from({ length: 1 + random(40) }, () => random(256));
            const damaged = Buffer.concat([
              bytes.subarray(0, at),
              noise,
              bytes.subarray(at + random(2) * noise.length),
            ]);
            await attempt(format, sample, new Uint8Array(damaged));
            await attempt(format, sample, noise);
          }
          for (const fill of [0, 0xff, 0x30, 0x20, 0x0a])
            await attempt(format, sample, new Uint8Array(3_000_000).fill(fill));
        });
      });
    }
  });
}
