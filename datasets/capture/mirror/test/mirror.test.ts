import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { tool } from "../../../../kernel/test/tool.ts";
import { columnTypeOf } from "../../../column-type.ts";
import { kindColumns } from "../../../formats/kinds.ts";
import { open } from "../../../open.ts";
import { temporaryFolder } from "../../../test/temporary.ts";
import { capture } from "../../capture-command.ts";
import { captureMirror } from "../capture-mirror.ts";

const folder = temporaryFolder();
const daemon = tool("qemu-storage-daemon", ["--version"], "qemu-system-common");
const present = tool("qemu-io", ["--version"], "qemu-utils") && daemon;
const MIB = 2 ** 20;

/** A block trace as a file: time in s, operation, place and size in MiB. */
async function traceFile(name: string, rows: readonly (readonly [number, string, number, number])[]): Promise<string> {
  const path = folder.path(name);
  const lines = rows.map(([s, op, at, size]) => `${s * 1e9},${op},${at * MIB},${size * MIB}`);
  await writeFile(path, `timeNs,op,offsetBytes,sizeBytes\n${lines.join("\n")}\n`);
  return path;
}

describe.skipIf(!present)("QEMU's copy of a disk that is written", () => {
  it("sends again what was written behind it, and ends with equal disks", { timeout: 60_000 }, async () => {
    // 16 MiB at 4 MiB/s: the copy is at block 4 after a second, when blocks 0 and 1 are written (and block 3 is read): behind the copy, sent
    // again. Block 14 is before it. The last write is long after the copy, and is not done.
    const trace = await traceFile("trace.csv", [
      [1, "write", 0, 2],
      [1, "read", 3, 1],
      [1.1, "write", 14, 1],
      [100, "write", 5, 1],
    ]);
    const out = folder.path("copied.arrow");
    const provenance = await captureMirror({ trace, out, diskMegabytes: 16, megabytesPerS: 4 });
    expect(provenance).toMatchObject({ diskBytes: String(16 * MIB), writes: "2", trace });
    expect(Number(provenance["sentBytes"])).toBe(18 * MIB);
    // The throttle lets a block or two through at once when it was idle.
    expect(Number(provenance["readyNs"]) / 1e9).toBeGreaterThan((18 - 2) / 4);
    const table = await open(out);
    const types = table.schema.fields.map(({ name, type }) => [name, columnTypeOf(type as never)]);
    expect(Object.fromEntries(types)).toMatchObject(kindColumns.block);
    const rows = table.toArray().map((row: { toJSON: () => Record<string, unknown> }) => row.toJSON());
    expect(rows.map(({ op, offsetBytes, sizeBytes }) => [op, offsetBytes, sizeBytes])).toEqual([
      ["write", 0, 2 * MIB],
      ["write", 14 * MIB, MIB],
    ]);
    expect(rows[0]!["timeNs"]).toBeGreaterThanOrEqual(1e9);
    expect(rows[0]!["durationNs"]).toBeGreaterThan(0);
  });

  it("an abort ends the copy and leaves no file", async () => {
    const out = folder.path("aborted.arrow");
    const trace = await traceFile("later.csv", [[100, "write", 0, 1]]);
    const signal = AbortSignal.timeout(1000);
    await expect(captureMirror({ trace, out, diskMegabytes: 16, megabytesPerS: 1, signal })).rejects.toThrow();
    expect(existsSync(out)).toBe(false);
  });

  it("a write beyond the disk is refused", async () => {
    const trace = await traceFile("beyond.csv", [[0, "write", 16, 1]]);
    await expect(captureMirror({ trace, out: folder.path("none.arrow"), diskMegabytes: 16 })).rejects.toThrow(
      `diskMegabytes: expected a disk that has the trace's write of ${MIB} bytes at ${16 * MIB}, got 16`,
    );
  });
});

it("the command says what it takes", async () => {
  const written = { stdout: "", stderr: "" };
  const to = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  expect(await capture(["mirror", "--help"], to)).toBe(0);
  expect(written.stdout).toContain("--rate N");
  expect(await capture(["mirror", "-o", "copied.arrow"], to)).toBe(2);
  expect(await capture(["mirror", "-o", "copied.csv", "--trace", "guest/blkio-idle"], to)).toBe(2);
  expect(await capture(["mirror", "-o", "copied.arrow", "--trace", "guest/blkio-idle", "--disk", "1.5"], to)).toBe(2);
  expect(written.stderr).toBe(
    [
      "veelab capture mirror: expected --trace TRACE, got none",
      'veelab capture mirror: out: expected a file name that ends in .arrow or .arrow.gz, got "copied.csv"',
      "veelab capture mirror: diskMegabytes: expected a whole number from 1 to 65536, got 1.5",
      "",
    ].join("\n"),
  );
});
