import * as arrow from "apache-arrow";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { columnTypeOf } from "../column-type.ts";
import { open } from "../open.ts";
import { query } from "../query.ts";
import { writeParquet } from "../write/parquet.ts";
import { rows, sample } from "./plain-rows.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();

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
