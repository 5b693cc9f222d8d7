import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { elfCore } from "../images/elf-core.ts";
import { rawMemory } from "../images/raw-memory.ts";
import { elfFile, pageOf } from "./elf-file.ts";
import { openRows } from "./open-rows.ts";

const pages = new Uint8Array(Buffer.concat([new Uint8Array(4096), pageOf("eight by"), pageOf("12345")]));
const note = { type: 4, content: new Uint8Array(100) };

/** A core of a guest: four pages at 0, one at 1 MiB; the file has them the other way round. */
const guest = elfFile({
  type: 4,
  segments: [note, { type: 1, physical: 0x100000, content: pageOf("high") }, { type: 1, physical: 0, content: pages }],
});
const task = elfFile({
  type: 4,
  bits: 32,
  many: true,
  segments: [note, { type: 1, virtual: 0x8048000, content: pageOf("stack of a task") }],
});

conforms(elfCore, {
  "of a guest": { content: guest, rows: 4 },
  "of a process of 32 bits, with its segments counted elsewhere": { content: task, rows: 1 },
});
conforms(rawMemory, { "of three pages": { content: pages, rows: 3, recognised: false } });

const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest().readBigUInt64BE(0);
// sha1sum of 4096 zero bytes begins 1ceaf73df40e531d.
const zeroHash = 0x1ceaf73df40e531dn;

describe("a memory image", () => {
  const folder = temporaryFolder();
  const values = async (name: string, content: Uint8Array, options = {}) =>
    (await openRows(folder.write(name, content), options)).map((row) => Object.values(row));

  it("of a guest has these pages, at their physical addresses", async () => {
    expect(await values("guest", guest)).toEqual([
      [0x100, "uniform", sha1(pageOf("high"))],
      [0, "zero", zeroHash],
      [1, "uniform", sha1(pageOf("eight by"))],
      [2, "data", sha1(pageOf("12345"))],
    ]);
    expect((await open(folder.path("guest"))).schema.metadata.get("veelab.addresses")).toBe("physical");
  });

  it("of a process has these pages, at their virtual addresses", async () => {
    expect(await values("task", task)).toEqual([[0x8048, "data", sha1(pageOf("stack of a task"))]]);
    expect((await open(folder.path("task"))).schema.metadata.get("veelab.addresses")).toBe("virtual");
  });

  it("that is raw has these pages", async () => {
    expect((await values("raw", pages, { as: "raw-memory" })).map(([page, of]) => [page, of])).toEqual([
      [0, "zero"],
      [1, "uniform"],
      [2, "data"],
    ]);
  });

  it("that is cut says how much is missing", async () => {
    await expect(values("cut", guest.subarray(0, guest.length - 4097))).rejects.toThrow(
      `cut, offset ${guest.length - 8192}: expected 2 more pages of 4096 bytes, got 4095 bytes at the end`,
    );
    await expect(values("cut", pages.subarray(1), { as: "raw-memory" })).rejects.toThrow(
      "cut, offset 8192: expected pages of 4096 bytes, got 4095 at the end",
    );
    expect(await values("cut", pages.subarray(1), { as: "raw-memory", skipBad: 1 })).toHaveLength(2);
  });

  it("that is big endian, or has broken headers, is refused, with the place", async () => {
    const bigEndian = guest.slice();
    bigEndian[5] = 2;
    bigEndian.set([0, 4], 16);
    await expect(values("big", bigEndian)).rejects.toThrow(
      'big, offset 5, field "data": expected a little-endian ELF file (1), got a big-endian one (2)',
    );
    const many = task.slice();
    new DataView(many.buffer).setUint32(52 + 28, 0xffff_fff0, true);
    await expect(values("many", many)).rejects.toThrow("expected at most 4000000 segments, got 4294967280");
  });

  it.skipIf(!tool("qemu-system-x86_64", ["--version"], "qemu-system-x86"))("is what QEMU dumps", async () => {
    const [dump, raw] = [folder.path("dump"), folder.path("pmem")];
    const commands = [
      { execute: "qmp_capabilities" },
      { execute: "dump-guest-memory", arguments: { paging: false, protocol: `file:${dump}` } },
      { execute: "pmemsave", arguments: { val: 0, size: 16 << 20, filename: raw } },
      { execute: "quit" },
    ];
    const { status, stderr } = spawnSync(
      "qemu-system-x86_64",
      ["-machine", "accel=tcg", "-m", "16", "-S", "-display", "none", "-nodefaults", "-qmp", "stdio"],
      { input: commands.map((command) => `${JSON.stringify(command)}\n`).join(""), encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const core = await openRows(dump);
    const byPage = new Map(core.map((row) => [row["page"], row["hash"]]));
    const image = readFileSync(raw);
    const rows = await openRows(raw, { as: "raw-memory" });
    expect(rows).toHaveLength(4096);
    // Where there is plain memory, and not the screen's or a ROM's window.
    const plain = rows.filter((row) => (row["page"] as number) < 0xa0 || (row["page"] as number) >= 0x100);
    expect(plain.every((row) => byPage.get(row["page"]) === row["hash"])).toBe(true);
    const other = rows.find((row) => row["class"] === "data")!;
    const at = (other["page"] as number) * 4096;
    expect(other["hash"]).toBe(sha1(image.subarray(at, at + 4096)));
  });
});
