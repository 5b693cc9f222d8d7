import * as arrow from "apache-arrow";
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { boundsOf } from "../build/bounds.ts";
import { publishedTables } from "../build/published-table.ts";
import { addToCatalogue } from "../catalogue-update.ts";
import { catalogue, pathOf, verifyCatalogue, verifyEntry } from "../catalogue.ts";
import { tableSchemaType } from "../catalogue-type.ts";
import { open, stream } from "../open.ts";
import { packageRoot } from "../package-root.ts";
import { writeArrow } from "../write/arrow.ts";
import { writeCsv } from "../write/csv.ts";
import { writeParquet } from "../write/parquet.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = join(packageRoot(), "datasets");
const published = await publishedTables(folder);
const listed = await catalogue();
const { entries } = listed;

describe("the catalogue", () => {
  it("lists every file of the data, and no other", () => {
    const files = readdirSync(join(folder, "data"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(entries.map(pathOf).sort()).toEqual(files.sort());
  });

  it("every file has its hash and size", async () => {
    expect((await verifyCatalogue()).filter(({ problem }) => problem !== null)).toEqual([]);
  });

  it.each(entries.map(({ name }) => name))("%s has the columns, types and rows that it says", async (name) => {
    const entry = listed.get(name);
    const schema = Object.fromEntries(entry.schema.fields.map(({ name: field, arrowType }) => [field, arrowType]));
    let rows = 0;
    for await (const batch of stream(name, { schema })) {
      expect(batch.schema.names).toEqual(Object.keys(schema));
      rows += batch.numRows;
    }
    expect(rows).toBe(entry.rows);
    for (const { type, arrowType, description } of entry.schema.fields) {
      expect(type).toBe(tableSchemaType(arrowType));
      expect(description).not.toBe("");
    }
    expect(entry.sources.length).toBeGreaterThan(0);
    expect(entry.licenses.length).toBeGreaterThan(0);
  });

  it("a file that differs, in size or in content, and a name that is none are one sentence", async () => {
    const entry = listed.get("published/bsp-noise");
    const other = { ...entry, hash: `sha256:${"0".repeat(64)}` };
    await expect(verifyEntry(other)).rejects.toThrow(
      `data/published/bsp-noise.arrow: expected the catalogue's ${other.hash}, got ${entry.hash}`,
    );
    await expect(verifyEntry({ ...entry, bytes: 1 })).rejects.toThrow("expected 1 bytes by the catalogue, got");
    await expect(verifyEntry({ ...entry, path: "data/none.arrow" })).rejects.toThrow(
      "expected the file data/none.arrow",
    );
    await expect(open("memory/gcc-cc2")).rejects.toThrow(
      /^source: expected a file that exists or a name of the catalogue like "memory\/gcc-cc1", .*, got "memory\/gcc-cc2"$/,
    );
  });

  it("is shown as text and as a table", async () => {
    const shown = await catalogue();
    const bundle = (shown as unknown as Record<symbol, () => Record<string, string>>)[Symbol.for("Jupyter.display")]!();
    expect(bundle["text/plain"]).toContain("published/selective-paging-table-1: ");
    expect(bundle["text/html"]!.match(/<tr>/g)!.length).toBe(entries.length + 1);
  });
});

describe("a catalogue of a folder", () => {
  const own = temporaryFolder();
  const entry = { ...entries[0]!, name: "a", path: "a.csv" };
  const without = (field: string) => Object.fromEntries(Object.entries(entry).filter(([key]) => key !== field));

  it.each([
    [{ name: "mydata" }, 'field "resources": expected a list of datasets, got none'],
    [null, 'field "resources": expected a list of datasets, got none'],
    [{ resources: [entry, null] }, 'field "resources[1]": expected a dataset, got null'],
    [{ resources: [{ ...entry, name: "" }] }, 'field "resources[0].name": expected a name, got ""'],
    [{ resources: [entry, entry] }, 'field "resources[1].name": expected each name once, got "a"'],
    [
      { resources: [{ ...entry, path: ["a.csv"] }] },
      `field "resources[0].path": expected one file in the catalogue's folder`,
    ],
    [
      { resources: [{ ...entry, path: "b/../../a.csv" }] },
      `expected one file in the catalogue's folder, got "b/../../a.csv"`,
    ],
    [{ resources: [{ ...entry, path: "/a.csv" }] }, `expected one file in the catalogue's folder, got "/a.csv"`],
    [
      { resources: [without("hash")] },
      'field "resources[0].hash": expected sha256: and 64 hexadecimal digits, got none',
    ],
    [{ resources: [without("bytes")] }, `field "resources[0].bytes": expected the file's size, got none`],
    [{ resources: [without("rows")] }, 'field "resources[0].rows": expected the number of rows, got none'],
    [{ resources: [{ ...entry, sources: [null] }] }, 'field "resources[0].sources": expected a list of sources'],
    [{ resources: [{ ...entry, schema: null }] }, 'field "resources[0].schema": expected a list of fields'],
  ])("that holds %j is refused", async (descriptor, problem) => {
    own.write("datapackage.json", JSON.stringify(descriptor));
    await expect(catalogue(own.path("."))).rejects.toMatchObject({
      name: "TraceFormatError",
      message: expect.stringContaining(problem) as string,
    });
  });

  it("guesses units of columns by their names, and keeps what is written there when an entry is replaced", async () => {
    const file = own.write("units.csv", "IOPS,timeMs,cpuS\n1,2,3\n");
    const folder = own.path(".");
    own.write("datapackage.json", JSON.stringify({ resources: [] }));
    const { schema } = await addToCatalogue(file, {}, folder);
    expect(schema.fields.map(({ unit }) => unit)).toEqual(["", "ms", "s"]);

    const descriptor = own.path("datapackage.json");
    const written = readFileSync(descriptor, "utf8").replace('"unit": ""', '"unit": "1/s"');
    writeFileSync(descriptor, written);
    own.write("units.csv", "cpuS,IOPS\n1,2\n");
    const replaced = await addToCatalogue(file, { replace: true }, folder);
    expect(replaced.schema.fields.map(({ name, unit }) => [name, unit])).toEqual([
      ["cpuS", "s"],
      ["IOPS", "1/s"],
    ]);
  });

  it("refuses options that it does not have", async () => {
    const file = own.write("one.csv", "x\n1\n");
    await expect(addToCatalogue(file, { titel: "x" } as never, own.path("."))).rejects.toThrow(
      'options.titel: expected one of "name", "title", "description", "source", "license", "replace", got "x"',
    );
    await expect(addToCatalogue(file, { replace: "no" } as never, own.path("."))).rejects.toThrow(
      'replace: expected true or false, got "no"',
    );
  });

  it("takes each name once, unless the entry is to be replaced", async () => {
    const first = own.write("twice.csv", "x\n1\n");
    const second = own.write("other.csv", "x\n1\n2\n");
    const folder = own.path(".");
    own.write("datapackage.json", JSON.stringify({ resources: [] }));
    const said = { title: "A", description: "B", source: "C", license: "MIT" };
    await addToCatalogue(first, said, folder);
    await expect(addToCatalogue(second, { name: "twice" }, folder)).rejects.toThrow(
      `name: expected a name that the folder's catalogue does not have, or the option replace, got "twice"`,
    );
    await expect(addToCatalogue(second, { name: "" }, folder)).rejects.toThrow(
      'name: expected a name without line ends or other control characters, got ""',
    );
    expect((await catalogue(folder)).get("twice").rows).toBe(1);
    await addToCatalogue(second, { name: "twice", title: "D", replace: true }, folder);
    const { entries: after } = await catalogue(folder);
    expect(after).toMatchObject([
      { name: "twice", rows: 2, title: "D", description: "B", sources: [{ title: "C" }], licenses: [{ name: "MIT" }] },
    ]);
    expect(after).toHaveLength(1);
  });
});

describe("what is said of a file", () => {
  const own = temporaryFolder();

  it.each([
    [{ title: "" }, 'title: expected one line, got ""'],
    [{ title: "two\nlines" }, 'title: expected one line, got "two\\nlines"'],
    [{ title: 5 }, "title: expected one line, got 5"],
    [{ name: "a\nb" }, 'name: expected a name without line ends or other control characters, got "a\\nb"'],
    [{ source: {} }, "source: expected a text, got an object with no keys"],
    [{ license: "../terms" }, 'license: expected an SPDX identifier, got "../terms"'],
  ])("%j cannot be used, and leaves the catalogue as it was", async (addition, sentence) => {
    const file = own.write("load.csv", "x\n1\n");
    await addToCatalogue(file, { replace: true }, own.path("."));
    const before = readFileSync(own.path("datapackage.json"), "utf8");
    await expect(addToCatalogue(file, { replace: true, ...(addition as object) }, own.path("."))).rejects.toMatchObject(
      { name: "OptionError", message: sentence },
    );
    expect(readFileSync(own.path("datapackage.json"), "utf8")).toBe(before);
  });

  it("which lies above the folder is no file in it", async () => {
    await expect(addToCatalogue(own.path(".."), {}, own.path("."))).rejects.toThrow("file: expected a file in ");
  });
});

describe("a link in a catalogue's folder", () => {
  const own = temporaryFolder();

  it("is followed inside of the folder, and refused where it leaves it", async () => {
    mkdirSync(own.path("mine/below"), { recursive: true });
    const folder = own.path("mine");
    own.write("outside.csv", "x\n1\n");
    own.write("mine/below/inside.csv", "x\n1\n");
    symlinkSync("below/inside.csv", own.path("mine/near.csv"));
    await addToCatalogue(own.path("mine/near.csv"), {}, folder);
    expect(await verifyCatalogue(folder)).toEqual([{ name: "near", problem: null }]);
    symlinkSync("../outside.csv", own.path("mine/far.csv"));
    await expect(addToCatalogue(own.path("mine/far.csv"), {}, folder)).rejects.toThrow(
      `file: expected a file in ${folder}, not a link that leaves it, got "${realpathSync(own.path("outside.csv"))}"`,
    );
    // The same bytes, so that size and hash are right.
    rmSync(own.path("mine/below/inside.csv"));
    symlinkSync("../../outside.csv", own.path("mine/below/inside.csv"));
    expect(await verifyCatalogue(folder)).toEqual([
      {
        name: "near",
        problem: `near.csv: expected a file in the catalogue's folder, got a link to "${realpathSync(own.path("outside.csv"))}"`,
      },
    ]);
  });

  it("may be the folder itself", async () => {
    symlinkSync("mine", own.path("linked"));
    own.write("mine/one.csv", "x\n1\n");
    await addToCatalogue(own.path("linked/one.csv"), {}, own.path("linked"));
    expect((await verifyCatalogue(own.path("linked"))).find(({ name }) => name === "one")).toEqual({
      name: "one",
      problem: null,
    });
  });
});

describe("a column's type in a catalogue", () => {
  const own = temporaryFolder();

  it("of dates is date, by which the file is read again", async () => {
    const days = new arrow.Table({ day: arrow.vectorFromArray([new Date("2011-03-09"), null], new arrow.DateDay()) });
    await writeParquet(own.path("days.parquet"), days);
    await writeArrow(own.path("days.arrow"), days);
    await writeCsv(own.path("days.csv"), days);
    for (const file of ["days.parquet", "days.arrow"]) {
      const { schema } = await addToCatalogue(own.path(file), { replace: true }, own.path("."));
      expect(schema.fields).toEqual([{ name: "day", type: "date", arrowType: "date", unit: "", description: "" }]);
    }
    for (const file of ["days.parquet", "days.arrow", "days.csv"]) {
      const table = await open(own.path(file), { schema: { day: "date" } });
      expect([...table.getChild("day")!]).toEqual([Date.parse("2011-03-09"), null]);
    }
  });

  it("of dates in milliseconds is no column of days, nor is a time", async () => {
    const table = new arrow.Table({ day: arrow.vectorFromArray([new Date(0)], new arrow.DateMillisecond()) });
    await writeArrow(own.path("ms.arrow"), table);
    await expect(open(own.path("ms.arrow"), { schema: { day: "date" } })).rejects.toThrow(
      'ms.arrow, field "day": expected date in days, got Date64<MILLISECOND>',
    );
    const file = own.write("times.csv", "day\n2011-03-09\n2011-03-09T10:00\n");
    await expect(open(file, { schema: { day: "date" } })).rejects.toThrow(
      'times.csv, offset 15, row 2, field "day": expected date, got "2011-03-09T10:00"',
    );
  });

  it("that no schema can name is refused with those that it can", async () => {
    const table = new arrow.Table({ at: arrow.vectorFromArray([1], new arrow.TimeMillisecond()) });
    await writeArrow(own.path("clock.arrow"), table);
    await expect(addToCatalogue(own.path("clock.arrow"), {}, own.path("."))).rejects.toThrow(
      /^at: expected a column of bool, int8, .*, date, utf8, got "Time32<MILLISECOND>"$/,
    );
  });
});

describe("the published tables", () => {
  it.each(published)("%s holds what its CSV says, cell by cell", async (csv) => {
    const [header, ...lines] = readFileSync(join(folder, "published", `${csv}.csv`), "utf8")
      .trim()
      .split("\n");
    const table = await open(`published/${csv}`);
    expect(table.numRows).toBe(lines.length);
    for (const [row, line] of lines.entries()) {
      // The only quoted fields are texts without a doubled quote.
      const cells = [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map((match) => match[2] ?? match[1]!);
      for (const [at, name] of header!.split(",").entries()) {
        const value: unknown = table.getChild(name)!.get(row);
        if (cells[at] === "") expect(value).toBeNull();
        else if (typeof value === "number") expect(value).toBe(Number(cells[at]));
        else expect(value).toBe(cells[at]);
      }
    }
  });

  it("bounds are taken only where a cell has one meaning", () => {
    expect(
      ["40", "-81", "75..140", "-0.72..0.95", "<50", ">150000", "0|10000", "sometimes >10000", null].map(boundsOf),
    ).toEqual([
      [40, 40],
      [-81, -81],
      [75, 140],
      [-0.72, 0.95],
      [null, 50],
      [150000, null],
      [null, null],
      [null, null],
      [null, null],
    ]);
  });
});

describe("the memory traces", () => {
  it.each(["memory/gcc-cc1", "memory/sqlite-join"])("%s has the totals of its provenance", async (name) => {
    const { provenance } = listed.get(name);
    const references = [0, 0, 0];
    const pages = new Set<number>();
    for await (const batch of stream(name)) {
      const column = (field: string) => batch.getChild(field)!.data[0]!.values as Uint32Array;
      const [page, count, kind] = [column("page"), column("count"), column("kind")];
      for (let row = 0; row < page.length; row += 1) {
        references[kind[row]!]! += count[row]!;
        if (row === 0 || page[row] !== page[row - 1]) pages.add(page[row]!);
      }
    }
    expect({
      instructionFetches: String(references[0]),
      reads: String(references[1]),
      writes: String(references[2]),
      pages: String(pages.size),
    }).toEqual({
      instructionFetches: provenance!["instructionFetches"],
      reads: provenance!["reads"],
      writes: provenance!["writes"],
      pages: provenance!["pages"],
    });
  });
});
