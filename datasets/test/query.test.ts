import * as arrow from "apache-arrow";
import fc from "fast-check";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { columnTypeOf } from "../column-type.ts";
import { open } from "../open.ts";
import { query, queryStream } from "../query.ts";
import { writeParquet } from "../write/parquet.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const rows = (table: arrow.Table) => table.toArray().map((row: { toJSON: () => unknown }) => row.toJSON());

const sample = new arrow.Table({
  time: arrow.vectorFromArray([1, 2, null, 4], new arrow.Float64()),
  op: arrow.vectorFromArray(
    ["read", "write", "read", "read"],
    new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
  ),
  page: arrow.vectorFromArray([1n, 2n ** 63n, 3n, 4n], new arrow.Uint64()),
  ok: arrow.vectorFromArray([true, false, null, true], new arrow.Bool()),
  at: arrow.vectorFromArray([0, 1e12, 2e12, null], new arrow.TimestampMillisecond("UTC")),
  note: arrow.vectorFromArray(["é", "", null, 'a "quoted", one'], new arrow.Utf8()),
});

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

describe("queries over CSV", () => {
  const both = async (path: string) => {
    const said = async (table: Promise<arrow.Table>) => {
      try {
        const read = await table;
        return [read.schema.fields.map(({ name, type }) => [name, columnTypeOf(type as arrow.DataType)]), rows(read)];
      } catch (error) {
        if ((error as Error).name !== "TraceFormatError") throw error;
        return (error as Error).message;
      }
    };
    return [await said(query(`from "${path}"`)), await said(open(path))];
  };

  it.each([
    ["title\n\na,b\n1,2\n", "expected 1 fields, got 2"],
    ["# comment\na,b\n1,2\n", "expected 1 fields, got 2"],
    ["a,b\n1,2\n3\n4,5\n", "ragged.csv, offset 8, row 2: expected 2 fields, got 1"],
    ["a,a\n1,2\n", 'ragged.csv, line 1, field "a": expected each column\'s name once'],
    ['a,b\n1,"2\n', "closed at its end"],
    [`a\n${"1\n".repeat(30_000)}x\n`, 'ragged.csv, offset 60002, row 30001, field "a": expected float64, got "x"'],
    [`a\n${"1\n".repeat(200_000)}x\n`, 'row 200001, field "a": expected float64, got "x"'],
    [`a\n${"1\n".repeat(30_000)}9007199254740993\n`, 'expected float64, got "9007199254740993"'],
    [`a\n${"1\n".repeat(30_000)}1_000\n`, 'expected float64, got "1_000"'],
    [`a\n${"1\n".repeat(30_000)}+-1\n`, 'expected float64, got "+-1"'],
    [`a\n${"1\n".repeat(30_000)}nan(1)\n`, 'expected float64, got "nan(1)"'],
    [`a,b\n${"1,2\n".repeat(400_000)}1_000,2\n`, 'row 400001, field "a": expected float64, got "1_000"'],
    [`a,b\n${"1,2\n".repeat(400_000)}1,2,\n`, "row 400001: expected 2 fields, got 3"],
    [`a,b\n${"1,2\n".repeat(400_000)}1,2,`, "row 400001: expected 2 fields, got 3"],
    [`a,b\n${"1,2\n".repeat(400_000)}1\r2\n`, "row 400001: expected 2 fields, got 1"],
    [`a\n${"true\n".repeat(30_000)}yes\n`, 'expected bool, got "yes"'],
    [`a\n${"9007199254740993\n".repeat(30_000)}1.5\n`, 'expected int64, got "1.5"'],
  ])("what open refuses is refused, in the same words (%#)", async (text, message) => {
    const [queried, opened] = await both(folder.write("ragged.csv", text));
    expect(queried).toContain(message);
    expect(queried).toBe(opened);
  });

  it.each([
    ["select a from FILE limit 1", true],
    ["select b from FILE where false", true],
    ["select x from (select 1 as x) where exists (from FILE)", true],
    ["from FILE join (select 1 as a where false) using (a)", true],
    ["select count(*) from FILE", true],
    ["select a from FILE order by b limit 1", true],
    ["select a from FILE limit 1", false],
  ])("a row with too few fields far behind is refused, whatever a query reads: %s, %s", async (sql, isRagged) => {
    const path = folder.write("far.csv", `a,b\n${"1,2\n".repeat(600_000)}${isRagged ? "3" : "3,4"}\n`);
    const answer = query(sql.replace("FILE", `'${path}'`));
    if (isRagged) await expect(answer).rejects.toThrow("far.csv, offset 2400004, row 600001: expected 2 fields, got 1");
    else expect((await answer).numRows).toBe(1);
  });

  it("what open reads is the same", async () => {
    const files = [
      'a,b,c,d,e\n007,"",18446744073709551615,a;b,\n1,,2,"x, ""y""",z\n',
      "a,b\r\n1,x\r\n\r\n2,y\r\n",
      "a,b\r\n1,x\n2,y\r\n",
      'a,b\n1, "x"\n2,y ""z""\n',
      "a\n9007199254740993\n1\n\n",
      `a,b\n${"1,x\n".repeat(30_000)}1e300,"x" y"\n`.replace('"x" y"', 'x "y"'),
      "at,b\n2011-03-09T10:00Z,1\n2011-03-09,2\n",
      '"123",b\n1,TRUE\n2,false\n',
      `a,b\n1,${"x".repeat(3_000_000)}\n`,
      "\ufeffa,b\n1,x\n-0,y\n",
      "\ufeffa,b\n1,\n,y\n\n007,z",
      `a,b\n${"1,x\n".repeat(30_000)}1e300,x\n-inf,y\nNaN,1_0\n2,+-\n`,
      `a,b\n${"1,x\n".repeat(30_000)}0.12345678901234567890,12345678901234567890\n`,
      `n,at\n${"1577808000000000290,0.5\n".repeat(30_000)}-9223372036854775808,1e-7\n +7 ,9007199254740991\n0012,2\n`,
    ];
    for (const text of files) {
      const [queried, opened] = await both(folder.write("same.csv", text));
      expect(opened, text.slice(0, 80)).not.toBeTypeOf("string");
      expect(queried).toEqual(opened);
    }
  });

  it("what shows behind the file's beginning changes how it is read, before a row is given", async () => {
    const lines = "1,x\n".repeat(400_000);
    for (const [last, b] of [
      ["2,a_b", "a_b"],
      ["2,1_0", "1_0"],
      ["2,", null],
      ['2,"a,""b"""', 'a,"b"'],
      ['2,y ""z""', 'y ""z""'],
      ["2,12345678901234567890", "12345678901234567890"],
    ] as const) {
      const path = folder.write("late.csv", `a,b\n${lines}${last}\n`);
      const sum = await query(`select sum(a) as a, count(*)::double as n, last(b) as b from "${path}"`);
      expect(rows(sum), last).toEqual([{ a: 400_002, n: 400_001, b }]);
      const all = await query(`from "${path}"`);
      expect(all.numRows, last).toBe(400_001);
      expect(all.get(400_000)?.toJSON(), last).toEqual({ a: 2, b });
    }
  }, 120_000);

  it("a row that has too many or too few fields is refused whatever the query asks for", async () => {
    for (const row of ["1,2,3,4", "1,2,3,", "1,2"])
      for (const asked of ["a", "c", "count(*)"]) {
        const path = folder.write("fields.csv", `a,b,c\n${"1,2,3\n".repeat(20_000)}${row}\n`);
        await expect(query(`select ${asked} from "${path}"`), `${row} ${asked}`).rejects.toThrow(
          `fields.csv, offset 120006, row 20001: expected 3 fields, got ${row.split(",").length}`,
        );
      }
  }, 120_000);

  it("is open, whatever the text", async () => {
    const token = fc.constantFrom(
      ...['"', '""', ",", ",", "\n", "\n", "\r\n", "\r", " ", "\t", "1", "-2.5", "1e5", "nan", "true", "007"],
      ...["+", "_", ".", "9007199254740993", "x", "é", "#", ";", "\ufeff", "\\", "2011-03-09", "NULL"],
    );
    const raw = fc.array(token, { minLength: 1, maxLength: 30 }).map((tokens) => `a,b\n${tokens.join("")}`);
    const field = fc.oneof(
      fc.constantFrom(
        "",
        '""',
        "1",
        "2.5",
        " 3 ",
        "+4",
        "TRUE",
        "false",
        "9007199254740993",
        '"x"',
        '"1"',
        '"a ""b"""',
      ),
      fc.constantFrom(
        "inf",
        "-NaN",
        "5e-400",
        "1e400",
        "-0",
        "nan(1)",
        "9007199254740992",
        "x y",
        '"\n"',
        "0x10",
        "t",
        "1_0",
        "+-1",
        "1.",
        ".5",
      ),
    );
    const table = fc
      .tuple(fc.array(fc.tuple(field, field), { maxLength: 6 }), fc.constantFrom("\n", "\r\n"))
      .map(([lines, end]) => [["a", "b"], ...lines].map((line) => `${line.join(",")}${end}`).join(""));
    await fc.assert(
      fc.asyncProperty(fc.oneof(raw, table), async (text) => {
        const [queried, opened] = await both(folder.write("any.csv", text));
        expect(queried).toEqual(opened);
      }),
      { numRuns: 250 },
    );
  }, 300_000);

  it("a pattern of CSV files is refused", async () => {
    folder.write("part-1.csv", "a,b\n1,2\n");
    await expect(query(`from '${folder.path("part-*.csv")}'`)).rejects.toThrow(
      "sql: expected each CSV file by its name (a pattern is of Parquet files), got ",
    );
  });

  it("a damaged Parquet file is an error with its name", async () => {
    const path = folder.path("cut.parquet");
    await writeParquet(path, sample);
    folder.write("cut.parquet", readFileSync(path).subarray(0, 200));
    await expect(query(`from "${path}"`)).rejects.toMatchObject({
      name: "TraceFormatError",
      message: expect.stringMatching(/^cut\.parquet, row 1: expected a whole Parquet file \(/) as string,
    });
  });
});

describe("Parquet files that are written", () => {
  it("come back with their types, nulls and metadata", async () => {
    const path = folder.path("all.parquet");
    await writeParquet(path, sample, { metadata: { "veelab.kind": "block", "it's": 'a "quote"' } });
    const back = await open(path);
    expect(rows(back)).toEqual(rows(sample));
    expect(Object.fromEntries(back.schema.metadata)).toEqual({ "veelab.kind": "block", "it's": 'a "quote"' });
  });

  it("come back whatever the values, from a table and from a stream", async () => {
    const path = folder.path("random.parquet");
    const row = fc.record({
      number: fc.option(fc.double({ noNaN: true })),
      big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      text: fc.option(fc.string({ unit: "binary" })),
      flag: fc.option(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (values) => {
        const table = new arrow.Table({
          number: arrow.vectorFromArray(
            values.map(({ number }) => number),
            new arrow.Float64(),
          ),
          big: arrow.vectorFromArray(
            values.map(({ big }) => big),
            new arrow.Int64(),
          ),
          text: arrow.vectorFromArray(
            values.map(({ text }) => text),
            new arrow.Utf8(),
          ),
          flag: arrow.vectorFromArray(
            values.map(({ flag }) => flag),
            new arrow.Bool(),
          ),
        });
        await writeParquet(path, table);
        expect(rows(await open(path))).toEqual(rows(table));
        await writeParquet(path, table.batches);
        expect(rows(await open(path))).toEqual(rows(table));
      }),
      { numRuns: 25 },
    );
  });

  it("are whole or not there", async () => {
    const path = folder.path("failed.parquet");
    const failing = function* () {
      yield sample.batches[0]!;
      throw new Error("the source failed");
    };
    await expect(writeParquet(path, failing())).rejects.toThrow("the source failed");
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder.path(".")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
