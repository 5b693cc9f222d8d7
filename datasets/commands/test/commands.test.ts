import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { importTrace } from "../../import.ts";
import { open } from "../../open.ts";
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
    [["import", "none.csv"], "veelab import: source: expected a file that exists or one of "],
    [["import", "disk.csv", "--as", "x"], 'veelab import: as: expected one of "arrow", '],
    [["import", "disk.csv", "--skip-bad", "-1"], "veelab import: "],
    [["import", "disk.csv", "-o", "x.txt"], "veelab import: path: expected a file name that ends in .arrow"],
    [["convert", "disk.csv", "x", "--to", "perf"], "veelab convert: to: expected a format that is written (alibaba"],
    [["head"], "veelab head: expected one file, got 0 (see veelab head --help)\n"],
    [["head", "disk.csv", "-n", "x"], 'veelab head: --rows: expected a whole number of at least 0, got "x"\n'],
    [
      ["sql", "selec"],
      "veelab sql: sql: expected a query that DuckDB can run (Failed to extract statements: Parser Error",
    ],
    [["catalog"], "veelab catalog: expected list, verify or add FILE (see veelab catalog --help)\n"],
  ])("%j is one sentence", (args, message) => {
    const { status, stdout, stderr } = veelab(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)(
    "ended by %s leaves no half file",
    async (signal, status) => {
      const large = createWriteStream(folder.path("large.csv"));
      for (let line = 0; line < 300; line += 1) large.write(three.repeat(3000));
      await new Promise((resolve) => large.end(resolve));
      const child = spawn(process.execPath, [cli, "import", "large.csv", "-o", "large.arrow"], {
        cwd: folder.path("."),
      });
      const ended = new Promise<[number | null, string | null]>((resolve) => {
        child.on("exit", (code, by) => {
          resolve([code, by]);
        });
      });
      while (!readdirSync(folder.path(".")).some((name) => name.startsWith("large.arrow."))) await setTimeout(5);
      child.kill(signal);
      expect(await ended).toEqual([status, signal === "SIGKILL" ? "SIGKILL" : null]);
      expect(existsSync(folder.path("large.arrow"))).toBe(false);
      const left = readdirSync(folder.path(".")).filter((name) => name.startsWith("large.arrow"));
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
    expect(veelab("sql", "--csv", sql).stdout).toBe("op,total\nread,1024\nwrite,4096\n");
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

  it("refuses sources of different columns", async () => {
    const first = folder.write("a.csv", "1,R,0,512,1577808000000046\n");
    const other = folder.write("c.csv", "x\n1\n");
    await expect(importTrace([first, other], folder.path("mixed.arrow"))).rejects.toThrow(
      "sources: expected columns as in",
    );
    expect(existsSync(folder.path("mixed.arrow"))).toBe(false);
  });
});
