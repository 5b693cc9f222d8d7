import { DuckDBInstance } from "@duckdb/node-api";
import type * as arrow from "apache-arrow";
import { mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { open, stream } from "../open.ts";
import { outcome, randomBelow } from "./reading.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const rows = (table: arrow.Table) => table.toArray().map((row: { toJSON: () => unknown }) => row.toJSON());

async function write(name: string, query: string, options = ""): Promise<string> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (${query}) to '${folder.path(name)}' (format parquet${options})`);
  connection.closeSync();
  return folder.path(name);
}

describe("Parquet", () => {
  it("keeps every plain type and its nulls, across chunks of the engine", async () => {
    const path = await write(
      "types.parquet",
      `select i::tinyint as i8, i::smallint as i16, i::integer as i32, (i * 10000000000)::bigint as i64,
        i::utinyint as u8, i::usmallint as u16, (4294967295 - i)::uinteger as u32, (18446744073709551615 - i)::ubigint as u64,
        (i / 2)::float as f32, i / 4 as f64, 'row ' || i as text, i % 2 = 0 as truth, date '2011-03-09' + i::integer as day,
        timestamp '2011-03-09 10:00:00' + to_seconds(i) as at, timestamptz '2011-03-09 10:00:00+02' as zoned,
        timestamp_ns '2011-03-09 10:00:00.123456789' as nano, time '00:00:01' as clock, i::decimal(10, 2) as price,
        '\\x01\\x02'::blob as bytes, case when i % 2 = 1 then i end as odd, case when i % 3 = 1 then 'x' end as note
       from range(100) t(i)`,
    );
    const table = await open(path, { batchRows: 64 });
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([64, 36]);
    expect(table.schema.fields.map(({ type }) => String(type as unknown))).toEqual(
      [
        "Int8 Int16 Int32 Int64 Uint8 Uint16 Uint32 Uint64 Float32 Float64 Utf8 Bool Date32<DAY>",
        "Timestamp<MICROSECOND>|Timestamp<MICROSECOND, UTC>|Timestamp<NANOSECOND>|Time64<MICROSECOND>",
        "Float64 Binary Int64 Utf8",
      ].flatMap((names) => (names.includes("|") ? names.split("|") : names.split(" "))),
    );
    expect((rows(table) as Record<string, unknown>[])[65]).toMatchObject({
      i8: 65,
      i16: 65,
      i32: 65,
      i64: 650000000000n,
      u8: 65,
      u16: 65,
      u32: 4294967230,
      u64: 18446744073709551550n,
      f32: 32.5,
      f64: 16.25,
      text: "row 65",
      truth: false,
      day: Date.UTC(2011, 2, 9 + 65),
      at: Date.UTC(2011, 2, 9, 10, 1, 5),
      zoned: Date.UTC(2011, 2, 9, 8),
      clock: 1_000_000n,
      price: 65,
      bytes: Uint8Array.of(1, 2),
      odd: 65n,
      note: null,
    });
    expect((table.getChild("nano")!.data[0]!.values as BigInt64Array)[0]).toBe(1299664800123456789n);
    expect(table.getChild("odd")!.nullCount).toBe(50);
    expect(table.getChild("note")!.nullCount).toBe(67);
  });

  it("many row groups keep their order, and memory holds one batch", async () => {
    const path = await write(
      "order.parquet",
      "select i::integer as i from range(300000) t(i)",
      ", row_group_size 10000",
    );
    let next = 0;
    for await (const batch of stream(path)) {
      expect(batch.numRows).toBeLessThanOrEqual(65_536);
      for (const value of batch.getChild("i")!.data[0]!.values as Int32Array)
        if (value !== next++) expect(value).toBe(next);
    }
    expect(next).toBe(300_000);
  });

  it("columns, a schema, gzip, and columns that cannot be read", async () => {
    const path = await write("nested.parquet", 'select 1 as a, [1, 2] as list, \'it\'\'s\' as "odd ""name"""');
    await expect(open(path)).rejects.toThrow(
      'nested.parquet, field "list": expected a column of plain values, got INTEGER[]',
    );
    const table = await open(path, { columns: ['odd "name"', "a"], schema: { a: "int32" } });
    expect(rows(table)).toEqual([{ 'odd "name"': "it's", a: 1 }]);
    const zipped = folder.write("nested.parquet.gz", gzipSync(readFileSync(path)));
    expect(rows(await open(zipped, { columns: ["a"] }))).toEqual([{ a: 1 }]);
    await expect(open(path, { columns: ["b"] })).rejects.toThrow('field "b": expected this column');
    await expect(open(path, { columns: ["a"], schema: { a: "float64" } })).rejects.toThrow(
      "expected float64, got Int32",
    );
  });

  it("a time stamp that is not in milliseconds is no timestamp of a schema", async () => {
    const path = await write("micro.parquet", "select timestamp '2011-03-09 10:00:00' as at");
    await expect(open(path, { schema: { at: "timestamp" } })).rejects.toThrow(
      'micro.parquet, field "at": expected timestamp in milliseconds, got Timestamp<MICROSECOND>',
    );
  });

  it("an error behind the first rows is an error, and no end", async () => {
    const path = await write(
      "late.parquet",
      "select 'row ' || hash(i) as x from range(400000) t(i)",
      ", compression zstd",
    );
    const bytes = readFileSync(path);
    // Within the last row group's pages.
    bytes.fill(0xff, bytes.length - 200_000, bytes.length - 190_000);
    const { error } = await outcome(folder.write("late.parquet", bytes));
    expect(error).toContain("expected a whole Parquet file");
  });

  it("a name is a name: no pattern, and no column made of a folder", async () => {
    mkdirSync(folder.path("year=2011"));
    const path = await write("year=2011/t1.parquet", "select 1::integer as a");
    expect(rows(await open(path))).toEqual([{ a: 1 }]);
    const other = readFileSync(await write("other.parquet", "select 99::integer as a"));
    for (const name of ["t[1].parquet", "t*.parquet", "t?.parquet", "it's [a] {b}.parquet"])
      expect(rows(await open(folder.write(`year=2011/${name}`, other)))).toEqual([{ a: 99 }]);
  });

  it("a file without rows keeps its columns", async () => {
    const table = await open(await write("empty.parquet", "select 1::integer as a where false"));
    expect([table.numRows, table.schema.names]).toEqual([0, ["a"]]);
  });
});

describe("damaged Parquet files", () => {
  let whole: Buffer;
  beforeAll(async () => {
    whole = readFileSync(
      await write("whole.parquet", "select i::integer as i, 'text ' || i % 7 as t from range(50) t(i)"),
    );
  });

  it("a file cut after any byte is an error", async () => {
    for (let length = 1; length < whole.length; length += 1)
      expect((await outcome(folder.write("cut.parquet", whole.subarray(0, length)))).error, `${length}`).toBeDefined();
  });

  it("flipped bits are an error or a table", async () => {
    const below = randomBelow(11);
    let errors = 0;
    for (let round = 0; round < 300; round += 1) {
      const bytes = Uint8Array.from(whole);
      bytes[below(bytes.length)]! ^= 1 << below(8);
      if ((await outcome(folder.write("flipped.parquet", bytes))).error !== undefined) errors += 1;
    }
    expect(errors).toBeGreaterThan(20);
  });
});
