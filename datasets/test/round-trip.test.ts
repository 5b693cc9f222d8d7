import { DuckDBInstance } from "@duckdb/node-api";
import * as arrow from "apache-arrow";
import fc from "fast-check";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { arrowType, type ColumnSchema, type ColumnType, columnTypeOf } from "../column-type.ts";
import { withEngine } from "../duckdb/engine.ts";
import { takeBatches } from "../duckdb/load.ts";
import { resultBatches } from "../duckdb/result-batches.ts";
import { open } from "../open.ts";
import { query } from "../query.ts";
import { jsonLines } from "../commands/json-lines.ts";
import { csvText } from "../write/csv.ts";
import { write } from "../write/write.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const rows = (table: arrow.Table) => table.toArray().map((row: { toJSON: () => unknown }) => row.toJSON());

const whole = (bits: number, signed: boolean) =>
  signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });

/** Values of each column type. A text holds what CSV, SQL and C have to quote or end at. */
const valueOf: Readonly<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: whole(8, true),
  int16: whole(16, true),
  int32: whole(32, true),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint8: whole(8, false),
  uint16: whole(16, false),
  uint32: whole(32, false),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  float32: fc.float(),
  float64: fc.double(),
  timestamp: fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
  // Whole days, which Arrow gives as milliseconds; the years 1653 to 2286, as above.
  date: fc.integer({ min: -115_740, max: 115_740 }).map((day) => day * 86_400_000),
  utf8: fc.oneof(
    fc.string({
      unit: fc.constantFrom('"', ",", "\r", "\n", "\t", " ", "\\", "'", "0", "é", "€", "𝄞", "-"),
      maxLength: 20,
    }),
    fc.constantFrom(
      "true",
      "NaN",
      "-inf",
      "1e5",
      "2011-03-09",
      "null",
      "",
      " 5",
      "5\t",
      "\u00a0true",
      "a text of more than twelve bytes",
    ),
  ),
};

const names = Object.keys(valueOf) as ColumnType[];
const texts = ["read", "write", "", 'a "quoted", one', "ein Text von mehr als zwölf Bytes", "𝄞", "￿"];

/** Batches of a table with one column of each type and a dictionary, some values null. */
const batches = fc
  .array(
    fc.array(
      fc.record({
        ...Object.fromEntries(names.map((name) => [name, fc.option(valueOf[name])])),
        code: fc.option(fc.nat(texts.length - 1)),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts: Record<string, unknown>[][]) => {
    const dictionary = arrow.vectorFromArray(texts, new arrow.Utf8());
    const coded = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const fields = names.map((name) => new arrow.Field(name, arrowType(name), true));
    const schema = new arrow.Schema([...fields, new arrow.Field("code", coded, true)], new Map([["it's", 'a "key"']]));
    return parts.map((part) => {
      const children = names.map((name) => {
        const [data] = arrow.vectorFromArray(
          part.map((row) => row[name]),
          arrowType(name),
        ).data;
        return data!;
      });
      const codes = arrow.vectorFromArray(
        part.map(({ code }) => code),
        new arrow.Int32(),
      ).data[0]!;
      const { nullBitmap, nullCount, values } = codes;
      const length = part.length;
      const op = arrow.makeData({ type: coded, length, nullCount, nullBitmap, data: values, dictionary } as never);
      const type = new arrow.Struct(schema.fields);
      return new arrow.RecordBatch(
        schema,
        arrow.makeData({ type, length, nullCount: 0, children: [...children, op as never] }),
      );
    });
  });

/** Batches by way of a table of DuckDB's, as those are that memory does not hold. */
const load = (parts: readonly arrow.RecordBatch[]) =>
  withEngine({}, async function* ({ connection }) {
    const { from } = await takeBatches(await import("@duckdb/node-api"), connection, "t", parts, 0);
    const refuse = (column: string): never => {
      throw new Error(column);
    };
    yield* resultBatches(await connection.stream(`from ${from}`), { batchRows: 5, refuse });
  });

describe("what is written is read back, whatever the values, in each format", () => {
  const schema: ColumnSchema = { ...Object.fromEntries(names.map((name) => [name, name])), code: "utf8" };

  it.each([".arrow", ".arrow.gz", ".parquet", ".csv"])(
    "%s",
    async (ending) => {
      const path = folder.path(`all${ending}`);
      await fc.assert(
        fc.asyncProperty(batches, fc.boolean(), async (parts, asTable) => {
          const table = new arrow.Table(parts);
          await write(path, asTable ? table : parts);
          const back = await open(path, ending === ".csv" ? { schema } : {});
          expect(rows(back)).toEqual(rows(table));
          const types = back.schema.fields.map(({ name, type }) => [name, columnTypeOf(type as arrow.DataType)]);
          expect(Object.fromEntries(types)).toEqual(schema);
          if (ending !== ".csv") expect(back.schema.metadata).toEqual(table.schema.metadata);
        }),
        { numRuns: 30 },
      );
    },
    60_000,
  );

  it("texts of a CSV file are texts without a schema, too", async () => {
    const path = folder.path("texts.csv");
    await fc.assert(
      fc.asyncProperty(fc.array(valueOf.utf8, { minLength: 1, maxLength: 10 }), async (values) => {
        const table = new arrow.Table({ text: arrow.vectorFromArray(values, new arrow.Utf8()) });
        await write(path, table);
        expect(rows(await open(path))).toEqual(rows(table));
      }),
      { numRuns: 50 },
    );
  });

  it("nanoseconds of a Parquet file are in its CSV, as texts; a name that is a number is a name", async () => {
    const at = arrow.vectorFromArray([1_299_664_800_123_456_789n], new arrow.Int64()).data[0]!;
    const type = new arrow.TimestampNanosecond();
    const nano = arrow.makeData({ type, length: 1, data: at.values } as never) as arrow.Data;
    await write(folder.path("nano.parquet"), new arrow.Table({ "123": new arrow.Vector([nano]) }));
    await write(folder.path("nano.csv"), await open(folder.path("nano.parquet")));
    expect(rows(await open(folder.path("nano.csv")))).toEqual([{ "123": "2011-03-09T10:00:00.123456789Z" }]);
    await write(folder.path("num.csv"), await query('select 1 as "123"'));
    expect(rows(await open(folder.path("num.csv")))).toEqual([{ "123": 1 }]);
  });

  it.each(["a;b", "a\tb", "{x}", "[0]", "<t>", 'a";"b'])(
    "a column that is named %j has its name in CSV",
    async (name) => {
      await write(
        folder.path("name.csv"),
        await query("select 1 as a").then((t) => new arrow.Table({ [name]: t.getChildAt(0)! })),
      );
      expect(rows(await open(folder.path("name.csv")))).toEqual([{ [name]: 1 }]);
    },
  );

  it.each([
    ["CSV", csvText],
    ["JSON", (table: arrow.Table) => jsonLines(Readable.from(table.batches))],
  ] as const)("a batch of long texts is %s in pieces", async (_, textOf) => {
    const table = new arrow.Table({
      text: arrow.vectorFromArray(Array<string>(5).fill("x".repeat(2 ** 19)), new arrow.Utf8()),
    });
    const lengths: number[] = [];
    for await (const piece of textOf(table)) lengths.push(piece.length);

    expect(table.batches).toHaveLength(1);
    expect(lengths.length).toBeGreaterThan(2);
    expect(Math.max(...lengths)).toBeLessThan(2 ** 21);
  });

  it("a query gives back what a table holds, whether it is scanned or loaded", async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (parts) => {
        const table = new arrow.Table(parts);
        expect(rows(await query("from t", { tables: { t: table } }))).toEqual(rows(table));
        const loaded: arrow.RecordBatch[] = [];
        for await (const batch of load(parts)) loaded.push(batch);
        expect(rows(new arrow.Table(loaded))).toEqual(rows(table));
        // Texts of a dictionary are sorted as texts, by bytes.
        const sorted = await query("select code from t where code is not null order by code", { tables: { t: table } });
        const codes = [...table.getChild("code")!].filter((code) => code !== null) as string[];
        const bytes = (text: string) => Buffer.from(text);
        expect([...sorted.getChild("code")!]).toEqual(codes.sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it("a dictionary of many texts that grows, across DuckDB's vectors, with nulls", async () => {
    const long = (code: number) => `${code % 3 === 0 ? "a stack of more than twelve bytes;" : ""}${code}`;
    const chunks = [0, 1, 2].map(
      (at) => arrow.vectorFromArray(Array.from({ length: 200 }, (_, code) => long(at * 200 + code))).data[0]!,
    );
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32());
    const schema = new arrow.Schema([new arrow.Field("stack", type, true)]);
    const parts = chunks.map((_, at) => {
      const length = 3000;
      const data = Int32Array.from({ length }, (_, row) => (row * 7) % ((at + 1) * 200));
      const nullBitmap = Uint8Array.from({ length: length / 8 }, (_, byte) => (byte % 5 === 0 ? 0b1011_0111 : 0xff));
      const dictionary = new arrow.Vector(chunks.slice(0, at + 1));
      const stack = arrow.makeData({ type, length, nullCount: 150, nullBitmap, data, dictionary } as never);
      return new arrow.RecordBatch(
        schema,
        arrow.makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children: [stack as never] }),
      );
    });
    const wanted = parts.flatMap((part) => [...part.getChild("stack")!] as (string | null)[]);
    expect(wanted.filter((text) => text === null)).toHaveLength(450);
    const path = folder.path("stacks.parquet");
    await write(path, parts);
    expect([...(await open(path)).getChild("stack")!]).toEqual(wanted);
    // Texts that are no dictionary, sliced in the middle of a byte of their nulls.
    const plain = (await open(path)).slice(1003, 5009);
    expect([...(await query("from t", { tables: { t: plain } })).getChild("stack")!]).toEqual(wanted.slice(1003, 5009));
  });

  it("DuckDB's own types of a Parquet file are those of the columns", async () => {
    const path = folder.path("types.parquet");
    const [parts] = fc.sample(batches, { numRuns: 1, seed: 1 });
    await write(path, parts!);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const described = await connection.runAndReadAll(`describe from '${path}'`);
    connection.closeSync();
    expect(Object.fromEntries(described.getRows().map(([name, type]) => [name, type]))).toEqual({
      bool: "BOOLEAN",
      int8: "TINYINT",
      int16: "SMALLINT",
      int32: "INTEGER",
      int64: "BIGINT",
      uint8: "UTINYINT",
      uint16: "USMALLINT",
      uint32: "UINTEGER",
      uint64: "UBIGINT",
      float32: "FLOAT",
      float64: "DOUBLE",
      timestamp: "TIMESTAMP WITH TIME ZONE",
      date: "DATE",
      utf8: "VARCHAR",
      code: "VARCHAR",
    });
  });
});
