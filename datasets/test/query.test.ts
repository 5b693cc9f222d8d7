import * as arrow from "apache-arrow";
import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { query, queryStream } from "../query.ts";
import { writeParquet } from "../write/parquet.ts";
import { rows, sample } from "./plain-rows.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

describe("queries", () => {
  it("over a table in memory, with every type", async () => {
    const table = await query("select * from t", { tables: { t: sample } });
    expect(rows(table)).toEqual(rows(sample));
    const grouped = await query("select op, count(*) as n, sum(time) as total from t group by op order by op", {
      tables: { t: sample },
    });
    expect(rows(grouped)).toEqual([
      { op: "read", n: 3n, total: 5 },
      { op: "write", n: 1n, total: 2 },
    ]);
  });

  it("over several batches whose dictionaries grew or differ", async () => {
    const other = new arrow.Table({
      op: arrow.vectorFromArray(["flush", "read"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    });
    const mine = new arrow.Table({ op: sample.getChild("op")! });
    const both = new arrow.Table([
      ...mine.batches,
      ...other.batches.map((batch) => new arrow.RecordBatch(mine.schema, batch.data)),
    ]);
    const counted = await query("select op, count(*)::integer as n from t group by op order by op", {
      tables: { t: both },
    });
    expect(rows(counted)).toEqual([
      { op: "flush", n: 1 },
      { op: "read", n: 4 },
      { op: "write", n: 1 },
    ]);
  });

  it("over catalogue names, Parquet, CSV and traces, by their names in the query", async () => {
    const parquet = folder.path("a [1].parquet");
    await writeParquet(parquet, sample);
    const csv = folder.write("b's.csv", "x,y\n1,a\n2,b\n");
    const trace = folder.write("t.csv", "419,W,8192,4096,1577808000000046\n725,R,0,512,1577808000000074\n");
    expect(rows(await query(`select count(*)::integer as n from '${parquet}' where ok`))).toEqual([{ n: 2 }]);
    expect(rows(await query(`select sum(x) as total from "${csv}"`))).toEqual([{ total: 3 }]);
    expect(rows(await query(`select op, "timeNs" from '${trace}' order by "timeNs" desc`))).toEqual([
      { op: "read", timeNs: 28_000 },
      { op: "write", timeNs: 0 },
    ]);
    const named = await query(`select count(*)::integer as n from "published/selective-paging-table-3"`);
    expect(rows(named)).toEqual([{ n: 4 }]);
  });

  it.each([
    "select count(*)::integer as n from a join b using (op)",
    "select count(*)::integer as n from a natural join b",
    "with pairs as (from a join b using (op)) select count(*)::integer as n from pairs",
    "select count(*)::integer as n from a where op in (select op from b)",
  ])("finds its tables: %s", async (sql) => {
    const a = new arrow.Table({ op: sample.getChild("op")! });
    const b = new arrow.Table({ op: arrow.vectorFromArray(["read"], new arrow.Utf8()) });
    expect(rows(await query(sql, { tables: { a, b } }))).toEqual([{ n: 3 }]);
  });

  it("over streams, and results as streams", async () => {
    const batches = async function* () {
      for (let at = 0; at < 10; at += 1) {
        await Promise.resolve();
        yield new arrow.Table({ x: arrow.vectorFromArray([at], new arrow.Int32()) }).batches[0]!;
      }
    };
    const sizes: number[] = [];
    for await (const batch of queryStream("from s", { tables: { s: batches() }, batchRows: 4 }))
      sizes.push(batch.numRows);
    expect(sizes).toEqual([4, 4, 2]);
  });

  it("over more than its memory: a stream of 240 MB is sorted within 128 MB, and nothing is left behind", async () => {
    const batchRows = 100_000;
    const batches = function* () {
      let state = 1;
      for (let at = 0; at < 150; at += 1) {
        const x = new Float64Array(batchRows);
        const y = new Float64Array(batchRows);
        for (let row = 0; row < batchRows; row += 1) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          x[row] = state;
          y[row] = at * batchRows + row;
        }
        yield arrow.tableFromArrays({ x, y }).batches[0]!;
      }
    };
    mkdirSync(folder.path("spilled"));
    let last = -1;
    let count = 0;
    for await (const batch of queryStream("select x from s order by x", {
      tables: { s: batches() },
      memoryLimitMb: 128,
      threads: 1,
      temporaryFolder: folder.path("spilled"),
    })) {
      if (count === 0) expect(readdirSync(folder.path("spilled"))).toHaveLength(1);
      for (const value of batch.getChild("x")!.data[0]!.values as Float64Array) {
        if (value < last) throw new Error(`${value} behind ${last}`);
        last = value;
      }
      count += batch.numRows;
    }
    expect(count).toBe(15_000_000);
    expect(readdirSync(folder.path("spilled"))).toEqual([]);
  }, 120_000);

  it.each([
    ["selec 1", "Parser Error"],
    ["from nowhere", "nowhere does not exist"],
    ["select [1, 2] as x", 'column of plain values (cast "x", or unnest it)'],
    [
      "select 9007199254740993::hugeint as x",
      'exactly in a column of HUGEINT (cast "x", or unnest it), got "9007199254740993"',
    ],
    [
      "select 123456789012345.67::decimal(30, 2) as x",
      'of DECIMAL(30,2) (cast "x", or unnest it), got "123456789012345.67"',
    ],
    ["select x::integer from (select 'a' as x)", "Could not convert string 'a' to INT32"],
    [
      "select case when i = 250000 then error('late') else i end as x from range(300000) t(i)",
      "got Invalid Input Error: late",
    ],
  ])("%s is one sentence", async (sql, message) => {
    const error = await query(sql).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ name: "OptionError" });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain("\n");
  });

  it("sums and decimals that float64 holds are float64, enumerations dictionaries", async () => {
    const table = await query(
      "select sum(i) as sum, 12345678901234.56::decimal(30, 2) as price, 'b'::enum('a', 'b') as word from range(5) t(i)",
    );
    expect(rows(table)).toEqual([{ sum: 10, price: 12345678901234.56, word: "b" }]);
    expect(table.schema.fields.map(({ type }) => String(type as unknown))).toEqual([
      "Float64",
      "Float64",
      "Dictionary<Int32, Utf8>",
    ]);
  });

  it("ends when it is told to", async () => {
    const stop = new AbortController();
    const batches = queryStream("select random() as x from range(3000000000) order by x", { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 200);
    await expect(batches.next()).rejects.toMatchObject({ name: "AbortError" });
  }, 60_000);

  it("ends while a table's batches are read", async () => {
    const stop = new AbortController();
    let read = 0;
    const batches = function* () {
      for (const batch of Array<arrow.RecordBatch>(9).fill(arrow.tableFromArrays({ x: [1] }).batches[0]!)) {
        if ((read += 1) === 2) stop.abort();
        yield batch;
      }
    };
    await expect(
      query("select sum(x) from t", { tables: { t: batches() }, signal: stop.signal }),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(read).toBe(2);
  });

  it("options are checked at the edge", () => {
    for (const empty of ["", " ; ", "-- nothing", "/* nothing */;"])
      expect(() => queryStream(empty)).toThrow("sql: expected a query, got ");
    expect(() => queryStream("select 1", { thread: 1 } as never)).toThrow("options.thread: expected one of tables, ");
    expect(() => queryStream("select 1", { threads: 0 })).toThrow("threads: expected a whole number from 1");
  });
});
