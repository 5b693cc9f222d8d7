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

  it("of a guest has its processors' registers, from QEMU's notes", async () => {
    const state = Buffer.alloc(440);
    state.writeUInt32LE(1, 0);
    state.writeUInt32LE(440, 4);
    for (let at = 8; at < 432; at += 8) state.writeBigUInt64LE(BigInt(at), at);
    const notes = Buffer.concat(
      [["CORE\0\0\0\0", Buffer.alloc(5), 1] as const, ["QEMU\0\0\0\0", state, 0] as const].flatMap(
        ([name, content, type]) => [
          new Uint8Array(Uint32Array.of(5, content.length, type).buffer),
          Buffer.from(name),
          content,
          Buffer.alloc((4 - (content.length % 4)) % 4),
        ],
      ),
    );
    const segments = (content: Uint8Array) => [
      { type: 4, content },
      { type: 1, content: pageOf("x") },
    ];
    const table = await open(folder.write("noted", elfFile({ type: 4, segments: segments(notes) })));
    const [first, ...others] = JSON.parse(table.schema.metadata.get("veelab.processors")!) as Record<string, string>[];
    // rip is the 17th register; the control registers stand behind ten descriptors: 8 + 18 * 8 + 10 * 24.
    expect(first).toMatchObject({ rax: "0x8", rip: "0x88", rflags: "0x90", cr0: "0x188", cr3: "0x1a0", cr4: "0x1a8" });
    expect(others).toEqual([]);
    await expect(
      open(folder.write("cut", elfFile({ type: 4, segments: segments(notes.subarray(0, 100)) }))),
    ).rejects.toThrow('field "PT_NOTE": expected a note inside of its segment, got one that ends');
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

  it("that is cut before a segment begins says so; segments that share a part of a page are refused", async () => {
    await expect(values("before", guest.subarray(0, 4096 + 150))).rejects.toThrow(
      `before, offset ${4096 + 150}: expected 1 more pages of 4096 bytes, got 0 bytes at the end`,
    );
    const crossed = guest.slice();
    // The offset of the second PT_LOAD, the third program header: half a page into the first one's.
    new DataView(crossed.buffer).setBigUint64(64 + 2 * 56 + 8, 2n * 4096n + 2048n, true);
    await expect(values("crossed", crossed)).rejects.toThrow(
      "expected pages that overlap others in the file as a whole",
    );
  });

  it("shows what two segments share once", async () => {
    const shared = guest.slice();
    const view = new DataView(shared.buffer);
    // The second PT_LOAD begins with the first one's page, as QEMU writes it with paging.
    view.setBigUint64(64 + 2 * 56 + 8, 2n * 4096n, true);
    view.setBigUint64(64 + 2 * 56 + 24, 0x100000n, true);
    expect((await values("shared", shared)).map(([page]) => page)).toEqual([0x100, 0x101, 0x102]);
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
    const [processor] = JSON.parse((await open(dump)).schema.metadata.get("veelab.processors")!) as unknown[];
    // Where an x86 processor begins after a reset: 16 bytes below the end of its segment of 64 KiB.
    expect(processor).toMatchObject({ rip: "0xfff0", cr0: "0x60000010", cr3: "0x0" });
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
