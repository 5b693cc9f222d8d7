import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { packageRoot } from "../../package-root.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { criu } from "../images/criu.ts";
import { pageOf } from "./elf-file.ts";
import { openRows } from "./open-rows.ts";

const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest().readBigUInt64BE(0);

/** A number as protobuf has it. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

/** Messages of numbered fields, each behind its size. */
function pagemap(...messages: readonly (readonly (readonly [field: number, value: number])[])[]): Uint8Array {
  const parts = messages.map((fields) => fields.flatMap(([field, value]) => [8 * field, ...varint(value)]));
  return new Uint8Array([
    ...new Uint8Array(Uint32Array.of(0x54564319, 0x56084025).buffer),
    ...parts.flatMap((part) => [part.length, 0, 0, 0, ...part]),
  ]);
}

const map = pagemap(
  [[1, 7]],
  [
    [1, 0x400000],
    [2, 2],
    [4, 4],
  ],
  [
    [1, 0x7ffd_0000_0000],
    [2, 300],
    [3, 1],
    [4, 1],
  ],
  // Of an older CRIU, without flags.
  [
    [1, 0x7ffe_0000_0000],
    [2, 1],
  ],
  [
    [1, 0x7fff_0000_0000],
    [2, 2],
    [3, 1],
  ],
  [
    [1, 0x7fff_8000_0000],
    [2, 1],
    [4, 6],
  ],
);
const pages = new Uint8Array(
  Buffer.concat([new Uint8Array(4096), pageOf("a page of a program"), pageOf("12345678"), pageOf("lazy")]),
);

conforms(criu, {
  "of a process": { content: map, rows: 6, file: "pagemap-100.img", siblings: { "pages-7.img": pages } },
});

/** Images that CRIU 4.2 made of the program beside them. */
const dumped = join(packageRoot(), "datasets/test/fixtures/criu-4.2");
const dumpedMap = readFileSync(join(dumped, "pagemap-1.img"));
const dumpedPages = gunzipSync(readFileSync(join(dumped, "pages-1.img.gz")));

conforms(criu, {
  "of CRIU 4.2": { content: dumpedMap, rows: 8, file: "pagemap-1.img", siblings: { "pages-1.img": dumpedPages } },
});

describe("CRIU's images", () => {
  const folder = temporaryFolder();

  it("of CRIU 4.2 are the memory of the program that was dumped", async () => {
    folder.write("pages-1.img", dumpedPages);
    const rows = await openRows(folder.write("pagemap-1.img", dumpedMap));
    const page = (text: string) => sha1(pageOf(text));
    // Its one page of code and, from 0x404000 on, its three arrays as the linker placed them; the array never is not there.
    const code = sha1(dumpedPages.subarray(0, 4096));
    const stack = sha1(dumpedPages.subarray(7 * 4096));
    expect(rows.map((row) => Object.values(row))).toEqual([
      [0x401, "data", code, 1, false, false],
      [0x404, "data", page("a".repeat(20).padEnd(4096, "\0")), 1, false, true],
      [0x405, "data", page("b".repeat(20).padEnd(4096, "\0")), 1, false, true],
      [0x406, "uniform", page("x".repeat(4096)), 1, false, true],
      [0x407, "uniform", page("x".repeat(4096)), 1, false, true],
      [0x408, "zero", page("\0"), 1, false, true],
      [0x409, "zero", page("\0"), 1, false, true],
      [0x7ffc_4f6f_c, "data", stack, 1, false, true],
    ]);
  });

  it("have these pages", async () => {
    folder.write("pages-7.img", pages);
    const rows = await openRows(folder.write("pagemap-100.img", map));
    expect(rows.map((row) => Object.values(row))).toEqual([
      [0x400, "zero", sha1(new Uint8Array(4096)), 1, false, false],
      [0x401, "data", sha1(pageOf("a page of a program")), 1, false, false],
      [0x7ffd_0000_0, null, null, 300, true, false],
      [0x7ffe_0000_0, "uniform", sha1(pageOf("12345678")), 1, false, false],
      [0x7fff_0000_0, null, null, 2, true, false],
      [0x7fff_8000_0, "uniform", sha1(pageOf("lazy")), 1, false, true],
    ]);
  });

  it("that do not fit each other are refused, with the place", async () => {
    const path = folder.write("pagemap-100.img", map);
    folder.write("pages-7.img", pages.subarray(0, 4096 + 10));
    await expect(openRows(path)).rejects.toThrow(
      "pages-7.img, offset 4096: expected 1 more pages of 4096 bytes, got 10 bytes at the end",
    );
    expect(await openRows(path, { skipBad: 1 })).toHaveLength(1);
    folder.write("pages-7.img", Buffer.concat([pages, pageOf("more")]));
    await expect(openRows(path)).rejects.toThrow("pages-7.img, offset 16384: expected the end");
    const alone = folder.write("pagemap-2.img", pagemap([[1, 8]]));
    await expect(openRows(alone)).rejects.toThrow(
      'pagemap-2.img, field "pages_id": expected the file pages-8.img beside it',
    );
    folder.write("pages-8.img", "");
    folder.write("pagemap-2.img", pagemap([[1, 8]], [[1, 0x1001]]));
    await expect(openRows(alone)).rejects.toThrow('offset 14, field "entry": expected the fields vaddr and nr_pages');
  });

  // CRIU needs rights, and a kernel, that few machines give: it is never required.
  const works = spawnSync("criu", ["check"]).status === 0;
  if (!works) console.warn("skipped: criu check fails here (Debian: criu)");
  it.skipIf(!works)("are what CRIU dumps", async () => {
    const images = folder.path("images");
    mkdirSync(images);
    const child = spawn("sleep", ["100"], { detached: true, stdio: "ignore" });
    try {
      const { status } = spawnSync("criu", ["dump", "-t", String(child.pid), "-D", images, "--leave-running"]);
      expect(status).toBe(0);
    } finally {
      child.kill("SIGKILL");
    }
    const name = readdirSync(images).find((file) => file.startsWith("pagemap-"))!;
    const rows = await openRows(`${images}/${name}`);
    const content = readFileSync(`${images}/pages-1.img`);
    expect(rows).toHaveLength(content.length / 4096);
    expect(rows.map((row) => row["hash"])).toEqual(
      rows.map((_, at) => sha1(content.subarray(4096 * at, 4096 * (at + 1)))),
    );
  });
});
