import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Json } from "../../protocol/json.ts";
import { formatJson } from "../format-json.ts";
import { InputError } from "../input-error.ts";
import type { Notebook } from "../notebook.ts";
import { parseNotebook, readNotebook } from "../read-notebook.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";
import { formatNotebook, splitLines } from "../write-notebook.ts";
import { pythonWith } from "./python.ts";

const text = fc.string({
  unit: fc.constantFrom(
    "a",
    "é",
    "😀",
    "\uFFFD",
    "\n",
    "\r",
    "\r\n",
    "\f",
    "\x1c",
    "\x85",
    "\u2028",
    " ",
    '"',
    "\\",
    "\x07",
  ),
});
const number = fc.oneof(
  fc.integer(),
  // Python reads -0 as 0 and 5.0 as 5.0; what a kernel sends is written by JSON.stringify, which has neither.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
  fc.constantFrom(1e-7, 1.5e-5, 1e-4, 123456789012, 1e15, 1e16, 1e21, 1.5e300, 5e-324, -1e-10),
);
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    number,
    text,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom("10", "9", "_", "Z", "a", "\u{10000}", "\uFFFE")), tie("value"), {
      maxKeys: 4,
    }),
  ),
})).value;
const metadata = fc.dictionary(fc.constantFrom("tags", "a", "B", "custom", "10"), json, { maxKeys: 3 });
const bundle = fc.record(
  {
    "text/plain": text,
    "text/html": text,
    "image/png": fc.base64String(),
    "image/svg+xml": text,
    "application/json": json,
    "application/vnd.x+json": json,
    "application/javascript": text,
  },
  { requiredKeys: [] },
);
const output = fc.oneof(
  fc.record({ output_type: fc.constant("stream"), name: fc.constantFrom("stdout", "stderr"), text }),
  fc.record({ output_type: fc.constant("display_data"), data: bundle, metadata }),
  fc.record({
    output_type: fc.constant("execute_result"),
    data: bundle,
    metadata,
    execution_count: fc.option(fc.nat()),
  }),
  fc.record({
    output_type: fc.constant("error"),
    ename: text,
    evalue: text,
    traceback: fc.array(text, { maxLength: 3 }),
  }),
);
const id = fc.string({ unit: fc.constantFrom("a", "b", "X", "0", "9", "-", "_"), minLength: 1, maxLength: 8 });
const cell = fc.oneof(
  fc.record({ cell_type: fc.constantFrom("markdown", "raw"), id, metadata, source: text }),
  fc.record({
    cell_type: fc.constant("markdown"),
    id,
    metadata,
    source: text,
    attachments: fc.dictionary(fc.constantFrom("a.png"), fc.record({ "image/png": fc.base64String() })),
  }),
  fc.record({
    cell_type: fc.constant("code"),
    id,
    metadata,
    source: text,
    execution_count: fc.option(fc.nat()),
    outputs: fc.array(output, { maxLength: 3 }),
  }),
);
const notebook = fc.record({
  cells: fc.uniqueArray(cell, { selector: (each) => each.id, maxLength: 4 }),
  metadata,
  nbformat: fc.constant(4 as const),
  nbformat_minor: fc.constant(5),
}) as unknown as fc.Arbitrary<Notebook>;

describe("a notebook's file", () => {
  it("is read as what was written", () => {
    fc.assert(
      fc.property(notebook, (source) => {
        expect(parseNotebook(formatNotebook(source), "a.ipynb")).toEqual(source);
      }),
    );
  });

  it("does not change when it is read and written again", () => {
    fc.assert(
      fc.property(notebook, (source) => {
        const once = formatNotebook(source);
        expect(formatNotebook(parseNotebook(once, "a.ipynb"))).toBe(once);
      }),
    );
  });

  const python = pythonWith("nbformat");
  it.skipIf(python === undefined)("has the bytes that nbformat writes", () => {
    const sources = fc.sample(notebook, { numRuns: 200, seed: 7 }).map((source) => formatNotebook(source));
    const program =
      "import json, sys, nbformat\n" +
      "texts = json.load(sys.stdin)\n" +
      "out = [nbformat.v4.nbjson.writes(nbformat.v4.nbjson.reads(text)) + '\\n' for text in texts]\n" +
      "json.dump(out, sys.stdout)\n";
    const { stdout, stderr } = spawnSync(python!, ["-c", program], {
      input: JSON.stringify(sources),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual(sources);
  });

  it("splits lines where Python does and loses nothing", () => {
    expect(splitLines("a\nb\r\nc\rd\x0be\u2028f\n")).toEqual(["a\n", "b\r\n", "c\r", "d\x0b", "e\u2028", "f\n"]);
    expect(splitLines("")).toEqual([]);
    fc.assert(
      fc.property(text, (source) => {
        expect(splitLines(source).join("")).toBe(source);
      }),
    );
  });

  it("writes numbers as Python would after reading ours, and keys in Python's order", () => {
    expect(
      formatJson({ b: 1e-7, a: [0.00001, 1e21, 5, 0.1], "10": 1, "9": 2, "\uFFFE": 1, "\u{10000}": 2, z: {}, y: [] }),
    ).toBe(
      '{\n "10": 1,\n "9": 2,\n "a": [\n  1e-05,\n  1e+21,\n  5,\n  0.1\n ],\n "b": 1e-07,\n "y": [],\n "z": {},\n "\uFFFE": 1,\n "\u{10000}": 2\n}',
    );
  });
});

describe("reading", () => {
  const file = (change: object): string =>
    JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5, ...change });
  const code = { cell_type: "code", metadata: {}, source: "1", outputs: [], execution_count: null };

  it.each([
    ["not JSON", "# Title\n\n\x07", /^a\.ipynb: expected a notebook, got text that is not JSON \([^\p{Cc}]+\)$/u],
    ["no object", "[1]", /^a\.ipynb: expected a notebook, got a list$/u],
    ["other JSON", "{}", /without the numbers nbformat/u],
    ["too old", file({ nbformat: 3 }), /^a\.ipynb: expected a notebook of format 4, got format 3\.5: open and save/u],
    ["too new", file({ nbformat: 5 }), /got format 5\.5: it is newer/u],
    ["no list of cells", file({ cells: {} }), /^a\.ipynb: expected a list of cells, got an object$/u],
    [
      "a cell of no type",
      file({ cells: [code, { ...code, cell_type: "sql" }] }),
      /^a\.ipynb, cell 2: expected cell_type .* got "sql"$/u,
    ],
    ["a source of numbers", file({ cells: [{ ...code, source: [1] }] }), /^a\.ipynb, cell 1: source: expected text/u],
    [
      "no metadata",
      file({ cells: [{ ...code, metadata: null }] }),
      /^a\.ipynb, cell 1: metadata: expected an object, got null$/u,
    ],
    ["a wrong id", file({ cells: [{ ...code, id: "a b" }] }), /^a\.ipynb, cell 1: expected an id/u],
    [
      "a wrong output",
      file({ cells: [{ ...code, outputs: [{ output_type: "pyout" }] }] }),
      /^a\.ipynb, cell 1, output 1: expected output_type/u,
    ],
  ])("refuses %s in one sentence", (_, source, sentence) => {
    expect(() => parseNotebook(source, "a.ipynb")).toThrow(InputError);
    expect(() => parseNotebook(source, "a.ipynb")).toThrow(sentence);
  });

  it("refuses a file that is not there, with its name", async () => {
    await expect(readNotebook("no/such.ipynb")).rejects.toThrow(
      /^no\/such\.ipynb: cannot be read: no such file or directory$/u,
    );
  });

  it("makes 4.5 of older minors, with the same ids each time, and keeps the first holder of an id", () => {
    const cells = [code, code, { ...code, id: "x" }, { ...code, id: "x" }];
    const read = parseNotebook(file({ cells, nbformat_minor: 2 }), "a.ipynb");
    expect(read.nbformat_minor).toBe(5);
    const ids = read.cells.map((each) => each.id);
    expect(new Set(ids).size).toBe(4);
    expect(ids[2]).toBe("x");
    expect(parseNotebook(file({ cells, nbformat_minor: 2 }), "b.ipynb").cells.map((each) => each.id)).toEqual(ids);
  });

  it("drops transient metadata and keeps the rest, a byte order mark aside", () => {
    const metadata = { orig_nbformat: 4, signature: "x", custom: { kept: [1] } };
    const read = parseNotebook(
      `\uFEFF${file({ metadata, cells: [{ ...code, metadata: { trusted: true, tags: ["t"] } }] })}`,
      "a.ipynb",
    );
    expect(read.metadata).toEqual({ custom: { kept: [1] } });
    expect(read.cells[0]?.metadata).toEqual({ tags: ["t"] });
  });
});

describe("writing", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "veelab-write-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("replaces a file whole, through a link, with its permissions, and leaves nothing beside it", async () => {
    const file = join(folder, "a.txt");
    const link = join(folder, "link.txt");
    await writeFile(file, "old");
    await chmod(file, 0o640);
    await symlink("a.txt", link);
    await Promise.all([writeFileAtomic(link, "new"), writeFileAtomic(file, "new")]);
    expect(await readFile(file, "utf8")).toBe("new");
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).sort()).toEqual(["a.txt", "link.txt"]);
  });

  it("leaves what was there when it cannot write", async () => {
    await expect(writeFileAtomic(join(folder, "none", "a.txt"), "x")).rejects.toThrow(/ENOENT/u);
    const taken = join(folder, "folder");
    await writeFileAtomic(join(folder, "a.txt"), "kept");
    await mkdir(taken);
    await expect(writeFileAtomic(taken, "x")).rejects.toThrow();
    expect((await readdir(folder)).sort()).toEqual(["a.txt", "folder"]);
  });
});
