import * as arrow from "apache-arrow";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { open, stream } from "../open.ts";
import { readCsv } from "../readers/csv.ts";
import { writeCsv } from "../write/csv.ts";
import { outcome, randomBelow } from "./reading.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
const rows = (table: arrow.Table) => table.toArray().map((row: { toJSON: () => unknown }) => row.toJSON());
const types = (table: arrow.Table) => table.schema.fields.map(({ type }) => String(type as unknown));

describe("CSV", () => {
  it("types are inferred, empty fields are nulls, quoted empty ones are empty strings", async () => {
    const path = folder.write(
      "inferred.csv",
      'name,count,share,ok,at,id\na,1,0.5,true,2011-03-09T10:00:00Z,9007199254740993\n"",-2,1e-9,FALSE,2011-03-09,\n,,,,,\n',
    );
    const table = await open(path);
    expect(types(table)).toEqual(["Utf8", "Float64", "Float64", "Bool", "Timestamp<MILLISECOND, UTC>", "Int64"]);
    expect(rows(table)).toEqual([
      { name: "a", count: 1, share: 0.5, ok: true, at: Date.UTC(2011, 2, 9, 10), id: 9007199254740993n },
      { name: "", count: -2, share: 1e-9, ok: false, at: Date.UTC(2011, 2, 9), id: null },
      { name: null, count: null, share: null, ok: null, at: null, id: null },
    ]);
  });

  it.each([
    ["LF", "a,b\n1,x\n2,y\n"],
    ["CRLF", "a,b\r\n1,x\r\n2,y\r\n"],
    ["no newline at the end", "a,b\n1,x\n2,y"],
    ["a byte order mark", "\ufeffa,b\n1,x\n2,y\n"],
    ["blank lines", "a,b\n1,x\n\n2,y\n\n"],
    ["quotes around all", '"a","b"\r\n"1","x"\r\n"2","y"'],
  ])("%s", async (_, text) => {
    const table = await open(folder.write("ends.csv", text), { schema: { a: "int32", b: "utf8" } });
    expect(rows(table)).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: "y" },
    ]);
  });

  it("times with digits below the millisecond are texts, and no timestamps", async () => {
    const path = folder.write(
      "digits.csv",
      "a,b\n2011-03-09T10:00:00.123456Z,2011-03-09T10:00:00.123000Z\n2011-03-09T10:00:00.123999Z,2011-03-09\n",
    );
    const table = await open(path);
    expect(types(table)).toEqual(["Utf8", "Timestamp<MILLISECOND, UTC>"]);
    expect(table.getChild("a")!.get(1)).toBe("2011-03-09T10:00:00.123999Z");
    await expect(open(path, { schema: { a: "timestamp" } })).rejects.toThrow(
      'row 1, field "a": expected timestamp, got "2011-03-09T10:00:00.123456Z"',
    );
  });

  it("a schema chooses columns and types, also in gzip", async () => {
    const path = folder.write("typed.csv.gz", gzipSync("page,count,kind,note\n4294967295,1,255,x\n0,2,0,y\n"));
    const table = await open(path, { schema: { kind: "uint8", page: "uint32" }, batchRows: 1 });
    expect(types(table)).toEqual(["Uint8", "Uint32"]);
    expect(table.batches.map((batch) => [...(batch.getChild("page")!.data[0]!.values as Uint32Array)])).toEqual([
      [4294967295],
      [0],
    ]);
  });

  it.each([
    ["a wrong number", "a,b\n1,2\n3,x\n", { a: "int32", b: "int32" }, 'field "b": expected int32, got "x"', 2],
    ["a number out of range", "a\n256\n", { a: "uint8" }, 'field "a": expected uint8, got "256"', 1],
    ["a number that a double would change", "a\n9007199254740993\n", { a: "float64" }, "expected float64", 1],
    ["too few fields", "a,b\n1,2\n3\n", { a: "int32" }, "expected 2 fields, got 1", 2],
    ["too many fields", "a,b\n1,2\n1,2,3\n", { a: "int32" }, "expected 2 fields, got 3", 2],
    [
      "a day that is not in the calendar",
      "at\n2011-02-30\n",
      { at: "timestamp" },
      'expected timestamp, got "2011-02-30"',
      1,
    ],
    ["a quote that is not closed", 'a,b\n1,"x\n2,y\n', { a: "int32" }, "closed at its end", 1],
    ["text after a quote", 'a,b\n1,"x"y\n', { a: "int32" }, "expected quotes around a whole field", 1],
    ["a day that is none", "a\n2011-02-30T25:00:00Z\n", { a: "timestamp" }, "expected timestamp", 1],
  ] as const)("%s is one sentence with row and field", async (_, text, schema, sentence, row) => {
    const path = folder.write("wrong.csv", text);
    await expect(open(path, { schema })).rejects.toMatchObject({
      name: "TraceFormatError",
      message: expect.stringContaining(sentence) as string,
      place: { file: "wrong.csv", row },
    });
  });

  it.each([
    ["a column that is missing", "a,b\n1,2\n", 'no.csv, field "c": expected this column, got "a", "b"'],
    ["a name that occurs twice", "c,c\n1,2\n", 'field "c": expected each column\'s name once'],
    ["lines that end in CR alone", "c,d\r1,2\r", "no.csv, line 1: expected lines that end in LF or CRLF, got CR"],
    ["a name that is empty", "c,\n1,2\n", "expected a name for every column"],
  ])("%s", async (_, text, sentence) => {
    await expect(open(folder.write("no.csv", text), { columns: ["c"] })).rejects.toThrow(sentence);
  });

  it("a value that the sample did not show is an error with its row", async () => {
    const path = folder.write("late.csv", `a\n${"1\n".repeat(20_000)}x\n`);
    await expect(open(path)).rejects.toThrow('row 20001, field "a": expected float64, got "x"');
  });

  it("rows that cannot be read are left out where that is allowed, and told, with their places", async () => {
    const schema = { at: "timestamp", text: "utf8", ok: "bool", wide: "int64", count: "uint8" } as const;
    const good = fc.constantFrom("2011-03-09,a,true,7,1", ",,,,", '2012-01-01,"b""c",false,-1,255', ",é,TRUE,,0");
    const bad = fc.constantFrom(
      "2011-03-09,a,true,7",
      ",,,,x",
      ",,,,256",
      "x,a,true,7,1",
      "2011-03-09,z,true,1.5,1",
      "a;b",
      ",q,no,1,1",
    );
    const line = fc.oneof(
      good.map((text) => [text, true] as const),
      bad.map((text) => [text, false] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), async (lines, batchRows) => {
        const file = (of: typeof lines) => `at,text,ok,wide,count\n${of.map(([text]) => `${text}\n`).join("")}`;
        const mixed = folder.write("mixed.csv", file(lines));
        const clean = folder.write("clean.csv", file(lines.filter(([, isGood]) => isGood)));
        const told: (number | undefined)[] = [];
        const skipBad = lines.filter(([, isGood]) => !isGood).length;
        const found = await open(mixed, { schema, batchRows, skipBad, onSkip: ({ place }) => told.push(place.row) });

        expect(rows(found)).toEqual(rows(await open(clean, { schema })));
        expect(told).toEqual(lines.flatMap(([, isGood], at) => (isGood ? [] : [at + 1])));
        if (skipBad > 0)
          await expect(open(mixed, { schema, batchRows, skipBad: skipBad - 1 })).rejects.toMatchObject({
            place: { row: told.at(-1) },
          });
      }),
    );
  });

  it("a row that is left out shows no types", async () => {
    const path = folder.write("few.csv", "a,b\n1,2\nx\n3,4\n");
    expect(types(await open(path, { skipBad: 1 }))).toEqual(["Float64", "Float64"]);
    await expect(open(path)).rejects.toThrow("row 2: expected 2 fields, got 1");
  });

  it("a number in the header is a name only in quotes, or where the format is named", async () => {
    const text = "7,W,22446252032,16384,1577808000\n725,R,4096,512,1577808001\n";
    const path = folder.write("short.csv", text);
    await expect(open(path)).rejects.toThrow(
      `short.csv, line 1: expected a trace of a known format or a header with the columns' names, got "7"`,
    );
    expect((await open(path, { as: "csv" })).schema.names).toEqual(["7", "W", "22446252032", "16384", "1577808000"]);
    expect((await open(folder.write("quoted.csv", 'a,"7","b,8,c"\n1,2,3\n'))).schema.names).toEqual([
      "a",
      "7",
      "b,8,c",
    ]);
    await writeCsv(
      folder.path("years.csv"),
      new arrow.Table({ "2011": arrow.vectorFromArray([1], new arrow.Float64()) }),
    );
    expect(rows(await open(folder.path("years.csv")))).toEqual([{ "2011": 1 }]);
  });

  it("any table comes back, however the bytes are cut", async () => {
    const cell = fc.oneof(
      fc.constant(null),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom('"', ",", "\r\n", "a\nb", ""),
    );
    const quote = (value: string | null) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (table, cuts) => {
          const bytes = Buffer.from(`a,b\n${table.map((row) => `${row.map(quote).join(",")}\n`).join("")}`);
          const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
          async function* chunks() {
            await Promise.resolve();
            for (const [at, place] of places.entries()) yield bytes.subarray(place, places[at + 1]);
          }
          const batches: arrow.RecordBatch[] = [];
          for await (const batch of readCsv("x", chunks(), { schema: { a: "utf8", b: "utf8" }, batchRows: 3 }))
            batches.push(batch);
          expect(rows(new arrow.Table(batches))).toEqual(table.map(([a, b]) => ({ a, b })));
        },
      ),
    );
  });

  it("numbers come back exactly", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ noNaN: false }), { minLength: 1 }), async (numbers) => {
        const path = folder.write("numbers.csv", `x\n${numbers.map((x) => String(x)).join("\n")}\n`);
        const read: number[] = [];
        // Whole numbers beyond 2^53 are refused by design.
        if (numbers.some((x) => Number.isInteger(x) && !Number.isSafeInteger(x) && !String(x).includes("e"))) return;
        for await (const batch of stream(path, { schema: { x: "float64" } }))
          read.push(...(batch.getChild("x")!.toArray() as Float64Array));
        expect(read).toEqual(numbers.map((x) => (Object.is(x, -0) ? 0 : x)));
      }),
    );
  });

  it("a file cut after any byte is an error or its whole rows", async () => {
    const whole = Buffer.from('a,b\r\n1,"x ""y"""\r\n22,z\r\n');
    const all = rows(await open(folder.write("whole.csv", whole), { schema: { a: "utf8", b: "utf8" } }));
    for (let length = 1; length < whole.length; length += 1) {
      const path = folder.write("cut.csv", whole.subarray(0, length));
      const { error } = await outcome(path);
      if (error !== undefined) continue;
      // Text has no end mark: the last row may be cut inside a value, the ones before are whole.
      const got = rows(await open(path)).slice(0, -1);
      expect(JSON.stringify(got)).toBe(JSON.stringify(all.slice(0, got.length)).replaceAll(/"a":"(\d+)"/g, '"a":$1'));
    }
    expect((await outcome(folder.write("none.csv", ""))).error).toContain("got an empty one");
  });

  it("random text ends in an error or a table", async () => {
    const below = randomBelow(5);
    const signs = ['"', ",", "\n", "\r", "a", "1", "-", ".", "\ufeff", "é", "\u0000"];
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: 1 + below(60) }, () => signs[below(signs.length)]).join("");
      await outcome(folder.write("random.csv", text));
    }
  });

  it("a file that is cut in its gzip is an error", async () => {
    const whole = gzipSync("a,b\n1,2\n3,4\n");
    for (let length = 1; length < whole.length; length += 1)
      expect((await outcome(folder.write("cut.csv.gz", whole.subarray(0, length)))).error).toBeDefined();
  });

  it("options are checked at the edge", () => {
    expect(() => stream("x", { batchRows: 0 })).toThrow("batchRows: expected a whole number from 1 to 16777216, got 0");
    expect(() => stream("x", { columns: [] })).toThrow("columns: expected a list of different column names");
    expect(() => stream("x", { schema: { a: "float" as never } })).toThrow('schema.a: expected one of "bool", "int8"');
    expect(() => stream("x", { rows: 1 } as never)).toThrow("options.rows: expected one of");
    expect(() => stream("")).toThrow("source: expected a file name or a name of the catalogue");
  });
});
