import * as arrow from "apache-arrow";
import fc from "fast-check";
import { existsSync, lstatSync, readFileSync, symlinkSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { open, stream } from "../open.ts";
import { writeArrow } from "../write/arrow.ts";
import { write } from "../write/write.ts";
import { outcome, randomBelow, valuesOf } from "./reading.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

/** A column of each kind that is read, with nulls, in two batches. */
function mixed(): arrow.Table {
  const part = (from: number) =>
    new arrow.Table({
      whole: arrow.vectorFromArray([from, null, from + 2], new arrow.Int32()),
      wide: arrow.vectorFromArray([BigInt(from), 2n ** 60n, null], new arrow.Int64()),
      real: arrow.vectorFromArray([0.5, null, -1], new arrow.Float64()),
      text: arrow.vectorFromArray(["a", null, `row ${from}`], new arrow.Utf8()),
      truth: arrow.vectorFromArray([true, false, null], new arrow.Bool()),
      time: arrow.vectorFromArray([new Date(0), null, new Date(86_400_000)], new arrow.TimestampMillisecond()),
      list: arrow.vectorFromArray([[1, 2], [], [3]], new arrow.List(new arrow.Field("item", new arrow.Int16()))),
      fixed: arrow.vectorFromArray([Uint8Array.of(1, 2), Uint8Array.of(3, 4), null], new arrow.FixedSizeBinary(2)),
    });
  const first = part(10);
  return new arrow.Table([
    ...first.batches,
    ...part(20).batches.map(({ data }) => new arrow.RecordBatch(first.schema, data)),
  ]);
}

const table = mixed();
const dictionary = new arrow.Table({ benchmark: arrow.vectorFromArray(["gcc", "mcf", "gcc", null]) });

/** An Arrow IPC file as apache-arrow writes it: without the schema at its start. */
const plainFile = arrow.tableToIPC(table, "file");
const plainStream = arrow.tableToIPC(table, "stream");

describe("Arrow files and streams", () => {
  it.each([
    ["a file of apache-arrow's writer", "a.arrow", plainFile],
    ["a stream", "b.arrows", plainStream],
    ["a stream in gzip, under another name", "c.csv", gzipSync(plainStream)],
    ["a file of apache-arrow's writer in gzip", "d.arrow.gz", gzipSync(plainFile)],
  ])("%s is read", async (_, name, bytes) => {
    const read = await open(folder.write(name, bytes));
    expect(valuesOf(read)).toEqual(valuesOf(table));
    expect(read.schema.fields.map(String)).toEqual(table.schema.fields.map(String));
    expect(read.batches.length).toBe(2);
  });

  it.each(["e.arrow", "e.arrow.gz", "e.feather"])(
    "what is written to %s is read back, with its metadata",
    async (name) => {
      const path = folder.path(name);
      await writeArrow(path, table, { metadata: { origin: "a test" } });
      const read = await open(path);
      expect(valuesOf(read)).toEqual(valuesOf(table));
      expect(read.schema.metadata.get("origin")).toBe("a test");
    },
  );

  it("arrays of values and codes are as long as their rows, without the padding of the file", async () => {
    const path = folder.path("padded.arrow");
    const days = arrow.vectorFromArray([new Date(0), null, new Date(86_400_000)], new arrow.DateDay());
    const padded = new arrow.Table({
      page: arrow.makeVector(Uint32Array.of(1, 2, 3)),
      kind: arrow.makeVector(Uint8Array.of(1, 2, 3)),
      op: arrow.vectorFromArray(["read", null, "write"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Uint8())),
      day: days,
      second: arrow.vectorFromArray([1, 2, 3], new arrow.TimeSecond()),
      pair: arrow.vectorFromArray([Uint8Array.of(1, 2), null, Uint8Array.of(3, 4)], new arrow.FixedSizeBinary(2)),
    });
    await writeArrow(path, padded);
    const read = await open(path);
    const lengths = read.schema.names.map((name) => (read.getChild(name)!.data[0]!.values as Uint8Array).length);
    expect(lengths).toEqual([3, 3, 3, 3, 3, 6]);
    expect(valuesOf(read)).toEqual(valuesOf(padded));
  });

  it("dictionaries keep their values and their type", async () => {
    const path = folder.path("dictionary.arrow");
    await writeArrow(path, dictionary);
    const read = await open(path, { schema: { benchmark: "utf8" } });
    expect(valuesOf(read)).toEqual(valuesOf(dictionary));
    expect(arrow.DataType.isDictionary(read.getChild("benchmark")!.type)).toBe(true);
  });

  it("a written file holds the schema twice, as the format asks", async () => {
    const path = folder.path("schema.arrow");
    await writeArrow(path, table);
    // Read as a stream from behind the magic: that needs the schema message.
    const reader = arrow.RecordBatchReader.from(readFileSync(path).subarray(8)) as arrow.RecordBatchStreamReader;
    expect(valuesOf(new arrow.Table(reader.readAll()))).toEqual(valuesOf(table));
    expect(valuesOf(arrow.tableFromIPC(readFileSync(path)))).toEqual(valuesOf(table));
  });

  it("a table without rows keeps its columns", async () => {
    const path = folder.path("empty.arrow");
    await writeArrow(path, table.slice(0, 0));
    const read = await open(path);
    expect([read.numRows, read.schema.names]).toEqual([0, table.schema.names]);
  });

  it.each(["lz4", "zstd"])("bodies compressed with %s by polars equal the uncompressed ones", async (codec) => {
    const fixture = (kind: string) => new URL(`fixtures/polars-${kind}.arrow`, import.meta.url).pathname;
    const read = await open(fixture(codec));
    expect(read.numRows).toBe(300);
    expect(valuesOf(read)).toEqual(valuesOf(await open(fixture("uncompressed"))));
    expect(read.get(1)?.toJSON()).toEqual({ a: 7, b: Math.sin(1), c: "row 1 1", d: false });
  });

  it("columns, order and batch size are as asked for, without copies of values", async () => {
    const path = folder.write("columns.arrow", plainFile);
    const batches: arrow.RecordBatch[] = [];
    for await (const batch of stream(path, { columns: ["text", "whole"], batchRows: 2 })) batches.push(batch);
    expect(batches.map(({ numRows }) => numRows)).toEqual([2, 1, 2, 1]);
    expect(batches[0]!.schema.names).toEqual(["text", "whole"]);
    expect(valuesOf(new arrow.Table(batches))).toEqual(valuesOf(table.select(["text", "whole"])));
  });

  it("a column that is missing or of another type is one sentence", async () => {
    const path = folder.write("wrong.arrow", plainFile);
    await expect(open(path, { columns: ["page"] })).rejects.toThrow(
      'wrong.arrow, field "page": expected this column, got "whole", "wide"',
    );
    await expect(open(path, { schema: { real: "float32" } })).rejects.toThrow(
      'wrong.arrow, field "real": expected float32, got Float64',
    );
  });
});

describe("damaged Arrow files", () => {
  it.each([
    ["file", "cut.arrow"],
    ["stream", "cut.arrows"],
  ] as const)("a %s cut after any byte is an error, never fewer rows", async (format, name) => {
    // A few columns do: each cut is a file to write and to open.
    const whole = arrow.tableToIPC(table.select(["text", "list"]), format);
    for (let length = 0; length < whole.length; length += 1) {
      const { error } = await outcome(folder.write(name, whole.subarray(0, length)));
      expect(error, `${length} of ${whole.length} bytes`).toMatch(/^cut\.arrows?[,:]/);
    }
  });

  it("our own file cut after any byte is an error", async () => {
    await writeArrow(folder.path("own.arrow"), dictionary);
    const whole = readFileSync(folder.path("own.arrow"));
    for (let length = 0; length < whole.length; length += 1)
      expect((await outcome(folder.write("cut-own.arrow", whole.subarray(0, length)))).error).toBeDefined();
  });

  it("a gzip file cut after any byte is an error", async () => {
    const whole = gzipSync(arrow.tableToIPC(dictionary, "stream"));
    for (let length = 0; length < whole.length; length += 1)
      expect((await outcome(folder.write("cut.gz", whole.subarray(0, length)))).error).toBeDefined();
  });

  it.each([
    ["file", plainFile],
    ["stream", plainStream],
    ["dictionary file", arrow.tableToIPC(dictionary, "file")],
    ["compressed file", readFileSync(new URL("fixtures/polars-zstd.arrow", import.meta.url))],
    ["lz4 file", readFileSync(new URL("fixtures/polars-lz4.arrow", import.meta.url))],
  ])("a %s with flipped bits is an error or a whole table", async (_, whole) => {
    const below = randomBelow(2011);
    let errors = 0;
    for (let round = 0; round < 300; round += 1) {
      const bytes = Uint8Array.from(whole);
      for (let flips = 1 + below(3); flips > 0; flips -= 1) bytes[below(bytes.length)]! ^= 1 << below(8);
      const { error } = await outcome(folder.write("flipped.arrow", bytes));
      if (error !== undefined) errors += 1;
    }
    expect(errors).toBeGreaterThan(50);
  });

  it("every byte set to 255 in turn is an error or a whole table", async () => {
    const whole = arrow.tableToIPC(dictionary, "file");
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = 255;
      await outcome(folder.write("bytes.arrow", bytes));
    }
  });

  it("random bytes are no table", async () => {
    const below = randomBelow(7);
    for (let round = 0; round < 200; round += 1) {
      const bytes = Uint8Array.from({ length: 1 + below(300) }, () => below(256));
      if (round % 2 === 0) bytes.set([0xff, 0xff, 0xff, 0xff].slice(0, bytes.length));
      const { error, values } = await outcome(folder.write("random", bytes));
      expect(error !== undefined || values!.length >= 0).toBe(true);
    }
  });
});

describe("writing Arrow", () => {
  it("equal tables give equal bytes", async () => {
    const [one, two] = [folder.path("one.arrow.gz"), folder.path("two.arrow.gz")];
    await writeArrow(one, mixed());
    await writeArrow(two, mixed());
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it("batches whose dictionaries grew, shrank or differ become one file", async () => {
    const path = folder.path("dictionaries.arrow");
    const texts = fc.array(fc.option(fc.constantFrom("read", "write", "flush", "é", "")), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 6 }), async (parts) => {
        const type = () => new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
        const batches = parts.map((part) => new arrow.Table({ op: arrow.vectorFromArray(part, type()) }).batches[0]!);
        await writeArrow(path, [...batches, batches[0]!.slice(1)]);
        const back = [...(await open(path)).getChild("op")!];
        expect(back).toEqual([...parts.flat(), ...parts[0]!.slice(1)]);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ["Int8", new arrow.Int8(), 128],
    ["Uint8", new arrow.Uint8(), 256],
    ["Int16", new arrow.Int16(), 32_768],
  ] as const)("codes of %s hold as many texts as they can, and no more", async (_, codes, most) => {
    const type = () => new arrow.Dictionary(new arrow.Utf8(), codes);
    const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `text ${from + at}`);
    const batch = (of: string[]) => new arrow.Table({ op: arrow.vectorFromArray(of, type()) }).batches[0]!;
    const path = folder.path("codes.arrow");
    const half = most / 2;
    await writeArrow(path, [batch(texts(0, half)), batch(texts(half, most))]);
    expect([...(await open(path)).getChild("op")!]).toEqual(texts(0, most));
    await expect(writeArrow(path, [batch(texts(0, half)), batch(texts(half, most + 1))])).rejects.toThrow(
      `op: expected at most ${most} different texts in all batches, got ${most + 1}`,
    );
  });

  it("a source that fails leaves the older file as it was, and no other", async () => {
    const path = folder.path("older.arrow");
    await writeArrow(path, dictionary);
    const before = readFileSync(path);
    function* failing() {
      yield table.batches[0]!;
      throw new Error("the source failed");
    }
    await expect(writeArrow(path, failing())).rejects.toThrow("the source failed");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("what a symbolic link leads to is written, and an error names the file that was asked for", async () => {
    for (const [link, target] of [
      ["link.arrow", "target.arrow"],
      ["dangling.arrow", "new.arrow"],
    ] as const) {
      symlinkSync(target, folder.path(link));
      if (target === "target.arrow") folder.write(target, "old");
      await writeArrow(folder.path(link), dictionary);
      expect(lstatSync(folder.path(link)).isSymbolicLink()).toBe(true);
      expect(valuesOf(await open(folder.path(target)))).toEqual(valuesOf(dictionary));
    }
    const none = folder.path("none/out.arrow");
    await expect(writeArrow(none, dictionary)).rejects.toThrow(`ENOENT: no such file or directory, open '${none}'`);
  });

  it("options and arguments of write are checked", async () => {
    const path = folder.path("options.arrow");
    await expect(write(path, dictionary, { foo: 1 } as never)).rejects.toThrow('options.foo: expected one of "to", ');
    await expect(write(path, dictionary, { metadata: { a: 1 } } as never)).rejects.toThrow(
      "metadata.a: expected a text, got 1",
    );
    await expect(write(5 as never, dictionary)).rejects.toThrow("path: expected a file name, got 5");
    await expect(write(path, 5 as never)).rejects.toThrow("batches: expected a table or record batches, got 5");
    expect(existsSync(path)).toBe(false);
  });

  it("batches of two schemas, no batch, and a name of another format are refused", async () => {
    const batches = [...table.batches, ...dictionary.batches];
    await expect(writeArrow(folder.path("two.arrow"), batches)).rejects.toThrow(
      "batches: expected the first batch's schema",
    );
    await expect(writeArrow(folder.path("none.arrow"), [])).rejects.toThrow("at least one record batch");
    await expect(writeArrow(folder.path("x.parquet"), table)).rejects.toThrow(
      "path: expected a file name that ends in .arrow",
    );
  });
});
