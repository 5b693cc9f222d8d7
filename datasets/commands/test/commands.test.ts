import * as arrow from "apache-arrow";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { importTrace } from "../../import.ts";
import { open } from "../../open.ts";
import { writeArrow } from "../../write/arrow.ts";
import { temporaryFolder } from "../../test/temporary.ts";

const cli = fileURLToPath(new URL("../../../dist/kernel/cli.js", import.meta.url));
const folder = temporaryFolder();
const three = "419,W,8192,4096,1577808000000046\n725,R,4096,512,1577808000000074\n419,R,0,512,1577808000000060\n";

const veelab = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder.path("."),
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

describe("veelab import", () => {
  it("finds the format, writes the file, and says what it was", async () => {
    folder.write("disk.csv", three);
    expect(veelab("import", "disk.csv")).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^disk\.arrow: 3 rows of a block trace \(alibaba\), [\d,]+ bytes\n$/) as string,
      stderr: "times out of order: 1 rows lie before the row above\n",
    });
    const table = await open(folder.path("disk.arrow"));
    expect(table.schema.metadata.get("veelab.kind")).toBe("block");
    expect(table.numRows).toBe(3);
  });

  it("names what is wrong, with file, line and field, and writes nothing", () => {
    folder.write("bad.csv", `${three}725,X,0,512,1577808000000080\n`);
    expect(veelab("import", "bad.csv", "-o", "bad.parquet")).toEqual({
      status: 1,
      stdout: "",
      stderr: 'veelab import: bad.csv, line 4, field "opcode": expected R or W, got "X,0,512,1577808000000080"\n',
    });
    expect(existsSync(folder.path("bad.parquet"))).toBe(false);
  });

  it("leaves out as many bad records as is allowed, and says which", () => {
    folder.write("bad.csv", `${three}725,X,0,512,1577808000000080\n${three}nothing\n`);
    const { status, stderr, stdout } = veelab("import", "bad.csv", "-o", "bad.parquet", "--skip-bad", "2");
    expect({ status, stdout: stdout.slice(0, 19) }).toEqual({ status: 0, stdout: "bad.parquet: 6 rows" });
    expect(stderr).toContain('left out: bad.csv, line 4, field "opcode"');
    expect(stderr).toContain('left out: bad.csv, line 8, field "device_id"');
    expect(veelab("import", "bad.csv", "--skip-bad", "1").status).toBe(1);
  });

  it.each([
    [["import"], "veelab import: expected a file to import (see veelab import --help)\n"],
    [
      ["import", "none.csv"],
      'veelab import: source: expected a file that exists or a name of the catalogue, got "none.csv"',
    ],
    [["import", "disk.csv", "--as", "x"], 'veelab import: as: expected one of "arrow", '],
    [["import", "disk.csv", "--skip-bad", "-1"], "veelab import: "],
    [["import", "disk.csv", "--to", "spc"], "veelab import: expected --out with --to spc (see veelab import --help)\n"],
    [["import", "disk.csv", "-o", "x.txt"], "veelab import: path: expected a file name that ends in .arrow"],
    [["convert", "disk.csv", "x", "--to", "perf"], "veelab convert: to: expected a format that is written ("],
    [
      ["describe", "disk.csv", "--chart", "x.pdf"],
      'veelab describe: --chart: expected a file name that ends in .svg, .png or .json, got "x.pdf"\n',
    ],
    [["head"], "veelab head: expected one file, got 0 (see veelab head --help)\n"],
    [["head", "disk.csv", "-n", "x"], 'veelab head: --rows: expected a whole number of at least 1, got "x"\n'],
    [["head", "disk.csv", "-n", "0"], 'veelab head: --rows: expected a whole number of at least 1, got "0"\n'],
    [["sql", "select 1; select 2"], 'veelab sql: sql: expected one statement, got "select 1; select 2"\n'],
    [
      ["sql", "pivot 'disk.csv' on op using count(*)"],
      "veelab sql: sql: expected PIVOT with its values: on name in ('a', 'b'), got \"pivot 'disk.csv' on op using count(*)\"\n",
    ],
    [
      ["sql", "selec"],
      "veelab sql: sql: expected a query that DuckDB can run, got Failed to extract statements: Parser Error",
    ],
    [["sql", "select 1", "--memory", "much"], 'veelab sql: --memory: expected a size as 4GB or 512MB, got "much"\n'],
    [["sql", "select 1", "--format", "xml"], 'veelab sql: --format: expected table, csv or json, got "xml"\n'],
    [["import", "own.arrow"], "veelab import: expected --out, as own.arrow is the file itself"],
    [
      ["convert", "disk.csv", "x.parquet", "--to", "csv"],
      "veelab convert: path: expected a file name that ends in .csv",
    ],
    [
      ["convert", "disk.csv", "x.csv", "--to", "arrow"],
      "veelab convert: path: expected a file name that ends in .arrow",
    ],
    [
      ["convert", "disk.csv", "x.parquet", "--to", "alibaba"],
      'veelab convert: path: expected a file name that does not say parquet, for the format alibaba, got "x.parquet"\n',
    ],
    [["formats", "extra"], "veelab formats: expected nothing more, got extra (see veelab formats --help)\n"],
    [["head", "/dev/null"], "veelab head: source: expected a regular file, as a pipe cannot be read twice, got"],
    [["catalog"], "veelab catalog: expected list, verify or add FILE (see veelab catalog --help)\n"],
  ])("%j is one sentence", (args, message) => {
    const { status, stdout, stderr } = veelab(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    ["SIGINT", 130, "arrow"],
    ["SIGINT", 130, "parquet"],
    ["SIGTERM", 143, "csv"],
    ["SIGKILL", null, "arrow"],
  ] as const)(
    "ended by %s leaves no half file",
    async (signal, status, ending) => {
      const large = createWriteStream(folder.path("large.csv"));
      for (let line = 0; line < 300; line += 1) large.write(three.repeat(3000));
      await new Promise((resolve) => large.end(resolve));
      const out = `half.${ending}`;
      const child = spawn(process.execPath, [cli, "import", "large.csv", "-o", out], {
        cwd: folder.path("."),
      });
      const ended = new Promise<[number | null, string | null]>((resolve) => {
        child.on("exit", (code, by) => {
          resolve([code, by]);
        });
      });
      while (!readdirSync(folder.path(".")).some((name) => name.startsWith(`${out}.`))) await setTimeout(5);
      let said = "";
      child.stderr.on("data", (text: Buffer) => (said += text.toString()));
      child.kill(signal);
      expect(await ended).toEqual([status, signal === "SIGKILL" ? "SIGKILL" : null]);
      expect(said).toBe(signal === "SIGKILL" ? "" : "veelab import: interrupted, nothing is written\n");
      expect(existsSync(folder.path(out))).toBe(false);
      const left = readdirSync(folder.path(".")).filter((name) => name.startsWith(out));
      // Nothing of ours runs behind a SIGKILL: the temporary file stays, under a name that nothing opens.
      expect(left).toHaveLength(signal === "SIGKILL" ? 1 : 0);
    },
    60_000,
  );
});

describe("the other dataset commands", () => {
  it("convert gives a trace back byte for byte, by way of Parquet", () => {
    folder.write("disk.csv", three);
    veelab("import", "disk.csv", "-o", "disk.parquet");
    expect(veelab("convert", "disk.parquet", "again.csv", "--to", "alibaba").status).toBe(0);
    expect(readFileSync(folder.path("again.csv"), "utf8")).toBe(three);
  });

  it("describe says what is in a trace, and draws it", () => {
    folder.write("disk.csv", three);
    expect(veelab("describe", "disk.csv").stdout).toMatch(/^3 rows, /);
    for (const [name, start] of [
      ["disk.svg", "<svg"],
      ["disk.png", "\u0089PNG"],
      ["disk.vl.json", "{"],
    ] as const) {
      const { status, stdout } = veelab("describe", "disk.csv", "--chart", name);
      expect(status).toBe(0);
      expect(stdout).toContain("Mix of operations: read 66.7 %, write 33.3 %");
      expect(readFileSync(folder.path(name)).toString("latin1").startsWith(start)).toBe(true);
    }
  });

  it("head and sql print tables; sql also CSV", () => {
    folder.write("disk.csv", three);
    expect(veelab("head", "disk.csv", "-n", "1").stdout).toBe(
      [
        "timeNs  op     offsetBytes  sizeBytes  device",
        "------  -----  -----------  ---------  ------",
        "     0  write         8192       4096     419",
        "",
      ].join("\n"),
    );
    const sql = `select op, sum("sizeBytes") as total from 'disk.csv' group by op order by op`;
    expect(veelab("sql", sql).stdout).toBe("op     total\n-----  -----\nread    1024\nwrite   4096\n");
    expect(veelab("sql", "--format", "csv", sql).stdout).toBe("op,total\nread,1024\nwrite,4096\n");
    const json = `select op, 9007199254740993 as big, timestamp '2011-03-09 10:00:00' as at, null as none from 'disk.csv' limit 1`;
    expect(veelab("sql", "--format", "json", json).stdout).toBe(
      '{"op":"write","big":9007199254740993,"at":"2011-03-09T10:00:00.000Z","none":null}\n',
    );
  });

  it("sql goes through a Parquet file of more than its memory, writes what it finds, and leaves nothing behind", () => {
    // Random numbers do not compress: 72 MB, sorted within 64.
    const made = `select random() as x, random() as y, random() as z from range(3000000)`;
    expect(veelab("sql", made, "-o", "large.parquet")).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^large\.parquet: [\d,]+ rows, [\d,]+ bytes\n$/) as string,
      stderr: "",
    });
    expect(statSync(folder.path("large.parquet")).size).toBeGreaterThan(64e6);
    mkdirSync(folder.path("tmp"), { recursive: true });
    const sorted = spawnSync(
      process.execPath,
      [cli, "sql", "from 'large.parquet' order by x", "-o", "sorted.arrow", "--memory", "64MB"],
      { cwd: folder.path("."), encoding: "utf8", env: { ...process.env, TMPDIR: folder.path("tmp") } },
    );
    expect({ ...sorted, pid: 0, output: [] }).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("3,000,000 rows") as string,
      stderr: "",
    });
    expect(readdirSync(folder.path("tmp"))).toEqual([]);
    const check = `select count(*)::integer as rows, bool_and(x >= before) as ascending
      from (select x, lag(x, 1, 0) over () as before from 'sorted.arrow')`;
    expect(veelab("sql", "--format", "csv", check).stdout).toBe("rows,ascending\n3000000,true\n");
  }, 120_000);

  it("sql ended by SIGINT leaves neither a file nor its temporary folder", async () => {
    mkdirSync(folder.path("tmp"), { recursive: true });
    const child = spawn(
      process.execPath,
      [cli, "sql", "select random() as x from range(2000000000) order by x", "-o", "never.parquet"],
      { cwd: folder.path("."), env: { ...process.env, TMPDIR: folder.path("tmp") } },
    );
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    while (readdirSync(folder.path("tmp")).length === 0) await setTimeout(5);
    await setTimeout(300);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(readdirSync(folder.path("tmp"))).toEqual([]);
    expect(readdirSync(folder.path(".")).filter((name) => name.startsWith("never"))).toEqual([]);
  }, 180_000);

  it("checkpoint ended by a signal leaves no file, and says so", async () => {
    // Text of hexadecimal digits takes DEFLATE seconds.
    const memory = createWriteStream(folder.path("vm.core"));
    for (let mib = 0; mib < 128; mib += 1) memory.write(randomBytes(2 ** 19).toString("hex"));
    await new Promise((resolve) => memory.end(resolve));
    folder.write("vm.raw", "");
    const ended = async (out: string, signal: NodeJS.Signals, ...args: readonly string[]) => {
      const child = spawn(process.execPath, [cli, "checkpoint", ...args, "-o", out], { cwd: folder.path(".") });
      let said = "";
      child.stderr.on("data", (text: Buffer) => (said += text.toString()));
      const status = new Promise<number | null>((resolve) => child.on("close", resolve));
      while (!readdirSync(folder.path(".")).some((name) => name.startsWith(`${out}.`))) await setTimeout(2);
      child.kill(signal);
      return [await status, said, readdirSync(folder.path(".")).filter((name) => name.startsWith(out))];
    };
    const said = "veelab checkpoint: interrupted, nothing is written\n";
    expect(await ended("no.image", "SIGINT", "save", "vm.core", "vm.raw", "--compress")).toEqual([130, said, []]);
    expect(veelab("checkpoint", "save", "vm.core", "vm.raw", "--compress", "-o", "vm.image").status).toBe(0);
    expect(await ended("no.core", "SIGTERM", "restore", "vm.image", "vm.raw")).toEqual([143, said, []]);
  }, 120_000);

  it("a reader that goes away is no error", () => {
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", `"${process.execPath}" "${cli}" sql --format csv "select i from range(10000000) t(i)" | head -n 2`],
      { encoding: "utf8" },
    );
    expect({ stdout, stderr }).toEqual({ stdout: "i\n0\n", stderr: "" });
  });

  it("catalog: a file that was added is found by its name, and a changed one is refused", () => {
    folder.write("disk.csv", three);
    veelab("import", "disk.csv", "-o", "mine.arrow");
    expect(veelab("catalog", "add", "mine.arrow", "--name", "my-disk", "--license", "CC0-1.0").stdout).toMatch(
      /^my-disk: 3 rows/,
    );
    expect(veelab("catalog", "list", "--folder", ".").stdout).toContain("my-disk");
    expect(veelab("head", "my-disk", "-n", "1").stdout).toContain("write");
    expect(veelab("catalog", "verify", "--folder", ".")).toMatchObject({ status: 0, stdout: "my-disk: verified\n" });
    folder.write("mine.arrow", `${readFileSync(folder.path("mine.arrow"), "latin1")}x`);
    expect(veelab("catalog", "verify", "--folder", ".").status).toBe(1);
    expect(veelab("head", "my-disk").stderr).toContain("bytes by the catalogue, got");
  });

  it("a datapackage.json that is no catalogue is in the way of names of its own only", () => {
    mkdirSync(folder.path("foreign"));
    folder.write("foreign/datapackage.json", '{"name":"mydata"}');
    folder.write("foreign/one.csv", "x\n1\n");
    const within = (source: string) =>
      spawnSync(process.execPath, [cli, "head", "-n", "1", source], { cwd: folder.path("foreign"), encoding: "utf8" });
    expect(within("one.csv")).toMatchObject({ status: 0, stdout: "x\n-\n1\n" });
    expect(within("published/bsp-noise").status).toBe(0);
    expect(within("nothing")).toMatchObject({ status: 1, stdout: "" });
    expect(within("nothing").stderr).toContain('datapackage.json, field "resources": expected a list of datasets');
  });

  it("a pipe is refused by its name", () => {
    const { status, stderr } = spawnSync("sh", ["-c", `echo x | "${process.execPath}" "${cli}" head /dev/stdin`], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'veelab head: source: expected a regular file, as a pipe cannot be read twice, got "/dev/stdin"\n',
    });
  });

  it("~ at the start of a name is no home folder", () => {
    folder.write("~.csv", "x\n1\n");
    expect(veelab("convert", "~.csv", "~.parquet").status).toBe(0);
    for (const name of ["~.csv", "~.parquet"]) {
      expect(veelab("head", name)).toEqual({ status: 0, stdout: "x\n-\n1\n", stderr: "" });
      expect(veelab("sql", `from '${name}'`)).toEqual({ status: 0, stdout: "x\n-\n1\n", stderr: "" });
    }
  });

  it("a table's format may be named as well", async () => {
    folder.write("disk.csv", three);
    for (const ending of ["arrow", "parquet", "csv"]) {
      expect(veelab("convert", "disk.csv", `named.${ending}`, "--to", ending).status).toBe(0);
      expect((await open(folder.path(`named.${ending}`))).numRows).toBe(3);
    }
  });

  it("formats lists what is read", () => {
    const { stdout } = veelab("formats");
    expect(stdout).toMatch(/^alibaba +block +w +Alibaba block trace \(CSV\)$/m);
    expect(stdout).toMatch(/^parquet +table +w +Parquet$/m);
  });
});

describe("importTrace", () => {
  it("puts several sources on the first one's zero", async () => {
    const first = folder.write("a.csv", "1,R,0,512,1577808000000046\n");
    const second = folder.write("b.csv", "1,W,0,512,1577808001000046\n");
    const out = folder.path("both.arrow");
    expect(await importTrace([first, second], out)).toMatchObject({ rows: 2, outOfOrder: 0, format: "alibaba" });
    const times = (await open(out)).getChild("timeNs")!;
    expect([...times]).toEqual([0, 1e9]);
  });

  it("counts times that lie before the one above, and passes over rows without a time", async () => {
    const table = new arrow.Table({
      timeNs: arrow.vectorFromArray([5, null, 7, 6, null, 8], new arrow.Float64()),
    });
    await writeArrow(folder.path("gaps.arrow"), table);
    expect(await importTrace(folder.path("gaps.arrow"), folder.path("again.arrow"))).toMatchObject({
      rows: 6,
      outOfOrder: 1,
    });
  });

  it("refuses to write over a source, by whatever name", async () => {
    const source = folder.write("raw.csv", "x,day\n1,2011-03-09\n");
    symlinkSync("raw.csv", folder.path("link.csv"));
    for (const out of [source, folder.path("link.csv")])
      await expect(importTrace(source, out)).rejects.toThrow(`out: expected another file than the sources, got "`);
    expect(readFileSync(source, "utf8")).toBe("x,day\n1,2011-03-09\n");
  });

  it("refuses sources of different columns", async () => {
    const first = folder.write("a.csv", "1,R,0,512,1577808000000046\n");
    const other = folder.write("c.csv", "x\n1\n");
    await expect(importTrace([first, other], folder.path("mixed.arrow"))).rejects.toThrow(
      "sources: expected columns as in",
    );
    expect(existsSync(folder.path("mixed.arrow"))).toBe(false);
  });

  it.each([[null], [[]], [[1]]])("%j is no list of files", async (sources) => {
    await expect(importTrace(sources as never, folder.path("none.arrow"))).rejects.toThrow(
      "sources: expected a file, or a list of at least one, got",
    );
  });
});
