import fc from "fast-check";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { checkpointFiles } from "../command.ts";
import { decodeTable, encodeTable, type Extent } from "../image/format.ts";
import { piecesOf } from "../image/pieces.ts";
import { restoreImage, verifyImage } from "../image/restore.ts";
import { saveImage } from "../image/save.ts";
import { random } from "../../core/random.ts";
import { ByteMachine, pageBytes, steps } from "./script.ts";

const folder = temporaryFolder();

/** An ELF core of 64 bits whose one segment begins at an odd place, as QEMU writes it behind its notes. */
function elfCore(memory: Uint8Array, at: number): Buffer {
  const file = Buffer.alloc(at + memory.length + 5, 0x5a);
  file.fill(0, 0, 120);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(4, 16);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64);
  file.writeBigUInt64LE(BigInt(at), 64 + 8);
  file.writeBigUInt64LE(BigInt(memory.length), 64 + 32);
  file.set(memory, at);
  return file;
}

async function roundTrip(
  memory: Uint8Array,
  disk: Uint8Array,
  compresses?: boolean,
): Promise<Awaited<ReturnType<typeof saveImage>>> {
  const [m, d, i, o] = ["memory", "disk", "image", "out"].map((name) => folder.path(name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(m, memory);
  writeFileSync(d, disk);
  const counts = await saveImage(m, d, i, compresses);
  expect(statSync(i).size).toBe(counts.imageBytes);
  await verifyImage(i, d);
  await restoreImage(i, d, o);
  expect(Buffer.compare(readFileSync(o), memory)).toBe(0);
  return counts;
}

describe("save and restore", () => {
  it("by hand: zeros, two blocks in order, a page of its own and a page cut short", async () => {
    const disk = new Uint8Array(4 * pageBytes);
    for (const block of [0, 1, 2, 3]) disk.fill(block + 1, block * pageBytes, (block + 1) * pageBytes);
    const memory = new Uint8Array(6 * pageBytes + 7);
    memory.set(disk.subarray(pageBytes, 3 * pageBytes), 2 * pageBytes); // pages 2 and 3 are blocks 1 and 2
    memory.fill(9, 4 * pageBytes, 5 * pageBytes);
    memory.fill(8, 6 * pageBytes);
    // Pages 0, 1, 5 are zeros; 2 and 3 one extent of the disk; 4 and the last 7 bytes are stored: 5 extents.
    expect(await roundTrip(memory, disk)).toEqual({
      ...{
        pages: 6,
        zeroPages: 3,
        diskPages: 2,
        storedPages: 1,
        otherBytes: 7,
        extents: 5,
        memoryBytes: memory.length,
      },
      imageBytes: 128 + pageBytes + 7 + 5 * 24,
    });
  });

  it("of random scripts gives the memory back, raw and as a core whose pages begin anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(steps(9, 7), fc.integer({ min: 120, max: 9000 }), async (script, at) => {
        const machine = new ByteMachine(9, 7);
        for (const step of script) machine.do(step);
        const raw = await roundTrip(machine.memory, machine.disk);
        expect(raw.zeroPages + raw.diskPages + raw.storedPages).toBe(9);
        const core = await roundTrip(elfCore(machine.memory, at), machine.disk);
        expect([core.zeroPages, core.diskPages, core.storedPages]).toEqual([
          raw.zeroPages,
          raw.diskPages,
          raw.storedPages,
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it("a block with a page's checksum and another content is not the page's", async () => {
    const memory = new Uint8Array(pageBytes).map((_, at) => at);
    // CRC-32 is linear: what differs by its generator polynomial, as bits from x^32 on, has the same remainder.
    const other = memory.slice();
    for (const power of [32, 26, 23, 22, 16, 12, 11, 10, 8, 7, 5, 4, 2, 1, 0])
      other[(32 - power) >> 3]! ^= 1 << (-power & 7);
    expect(crc32(other)).toBe(crc32(memory));
    expect((await roundTrip(memory, other)).storedPages).toBe(1);
  });

  it("of two equal blocks the one that goes on is taken", async () => {
    const disk = new Uint8Array(3 * pageBytes).fill(1).fill(2, pageBytes, 2 * pageBytes); // 1 2 1
    const { extents, diskPages } = await roundTrip(disk.slice(pageBytes), disk); // 2 1
    expect([extents, diskPages]).toEqual([1, 2]);
  });

  it("compressed: smaller where contents repeat, as they are where they do not, and byte for byte", async () => {
    const noise = random(1);
    const memory = new Uint8Array(300 * pageBytes).map((_, at) => (at < 256 * pageBytes ? noise.int(256) : at % 7));
    const [plain, packed] = [
      await roundTrip(memory, new Uint8Array(0)),
      await roundTrip(memory, new Uint8Array(0), true),
    ];
    // Two extents of a MiB and 44 pages: the first cannot shrink, the second hardly takes anything.
    expect([plain.imageBytes, packed.extents]).toEqual([128 + memory.length + 2 * 24, 2]);
    expect(packed.imageBytes).toBeGreaterThan(128 + 256 * pageBytes + 2 * 24);
    expect(packed.imageBytes).toBeLessThan(128 + 256 * pageBytes + 2 * 24 + 4096);
  });

  it("of empty files and of more than an extent's length", async () => {
    expect((await roundTrip(new Uint8Array(0), new Uint8Array(0))).extents).toBe(0);
    const long = new Uint8Array(600 * pageBytes).map((_, at) => (at * 2654435761) >>> 11);
    expect((await roundTrip(long, new Uint8Array(0))).extents).toBe(3); // 256 + 256 + 88 pages
    expect((await roundTrip(long, long)).diskPages).toBe(600);
  });
});

it("the pieces of a core tile it: overlapping segments, a gap of a byte, what is behind", async () => {
  // Offset and length: the second begins in the first, the fourth lies in it, a byte is between the second and the third.
  const segments = [
    [200, 9192],
    [5000, 8192],
    [13_193, 4096],
    [200, 100],
  ] as const;
  const file = Buffer.alloc(13_193 + 4096 + 5);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(4, 16);
  file.writeBigUInt64LE(1000n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(segments.length, 56);
  for (const [at, [offset, bytes]] of segments.entries()) {
    file.writeUInt32LE(1, 1000 + 56 * at);
    file.writeBigUInt64LE(BigInt(offset), 1000 + 56 * at + 8);
    file.writeBigUInt64LE(BigInt(bytes), 1000 + 56 * at + 32);
  }
  writeFileSync(folder.path("core"), file);
  const handle = await open(folder.path("core"));
  const pieces = await piecesOf(folder.path("core"), handle);
  await handle.close();
  // The rest of the second segment does not begin with one of its pages: 9392 - 5000 = 4392.
  expect(pieces.map(({ offset, bytes, isPages }) => [offset, bytes, isPages])).toEqual([
    [0, 200, false],
    [200, 9192, true],
    [9392, 3800, false],
    [13_192, 1, false],
    [13_193, 4096, true],
    [17_289, 5, false],
  ]);
});

describe("damage", () => {
  const disk = new Uint8Array(3 * pageBytes).fill(3);
  const memory = new Uint8Array(4 * pageBytes).fill(3, 0, pageBytes).fill(5, pageBytes, 2 * pageBytes);
  const make = async (compresses?: boolean): Promise<[string, string, string]> => {
    const [m, d, i] = ["m", "d", "i"].map((name) => folder.path(name)) as [string, string, string];
    writeFileSync(m, memory);
    writeFileSync(d, disk);
    await saveImage(m, d, i, compresses);
    return [m, d, i];
  };

  it("of any byte of an image is found, and nothing is left", async () => {
    const [, d, image] = await make();
    const bytes = readFileSync(image);
    const broken = folder.path("broken");
    // All of the header and the table, and bytes of the contents.
    const places = [...Array(128).keys(), 128, 3000, 128 + pageBytes - 1];
    for (let at = 128 + pageBytes; at < bytes.length; at++) places.push(at);
    for (const at of places) {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 0x10;
      writeFileSync(broken, copy);
      await expect(restoreImage(broken, d, folder.path("never")), `byte ${at}`).rejects.toThrow(/expected/);
      await expect(verifyImage(broken, undefined), `byte ${at}`).rejects.toThrow(/expected/);
    }
    for (const length of [0, 5, 127, 128, bytes.length - 1]) {
      copyFileSync(image, broken);
      truncateSync(broken, length);
      await expect(restoreImage(broken, d, folder.path("never"))).rejects.toThrow(/expected/);
    }
    const [, , packed] = await make(true);
    const small = readFileSync(packed);
    expect(small.length).toBeLessThan(300);
    for (let at = 0; at < small.length; at++) {
      const copy = Buffer.from(small);
      copy[at]! ^= 0x10;
      writeFileSync(broken, copy);
      // A bit behind the end of a DEFLATE stream changes nothing: then the memory is right.
      const problem = await restoreImage(broken, d, folder.path("may")).then(() => "none", String);
      if (problem === "none") expect(readFileSync(folder.path("may")).equals(memory), `byte ${at}`).toBe(true);
      else expect(problem).toMatch(/expected/);
    }
    expect(readdirSync(folder.path("")).filter((name) => name.startsWith("never"))).toEqual([]);
  });

  it("of a table that has its checksum is found, too", () => {
    const extents: readonly Extent[] = [
      { kind: "stored", bytes: 10, at: 128, held: 10, crc: 1 },
      { kind: "packed", bytes: 100, at: 138, held: 20, crc: 2 },
      { kind: "disk", bytes: 4096, at: 4096, held: 0, crc: 3 },
      { kind: "zero", bytes: 4096, at: 0, held: 0, crc: 0 },
    ];
    const decode = (row: number, change: Partial<Extent>, tableAt = 158): readonly Extent[] => {
      const table = encodeTable(extents.map((extent, at) => (at === row ? { ...extent, ...change } : extent)));
      const header = { memoryBytes: 8302, diskBytes: 8192, extents: 4, tableAt, tableCrc: crc32(table) };
      return decodeTable(table, header, "image");
    };
    expect(decode(0, {})).toEqual(extents);
    expect(() => decode(0, { at: 129 })).toThrow("expected 128, got 129");
    expect(() => decode(1, { at: 139 })).toThrow("expected 138, got 139");
    expect(() => decode(0, { held: 9 })).toThrow("fits stored and 10 bytes, got 9");
    expect(() => decode(1, { held: 100 })).toThrow("fits packed and 100 bytes, got 100");
    expect(() => decode(2, { held: 1 })).toThrow("fits disk and 4096 bytes, got 1");
    expect(() => decode(2, { at: 4097 })).toThrow("inside of the disk of 8192 bytes, got 4097");
    expect(() => decode(3, { bytes: 4097 })).toThrow("expected extents of 8302 bytes in all, got 8303");
    expect(() => decode(0, {}, 159)).toThrow("expected contents up to 159, got 158");
  });

  it("of the disk is found where the image needs it, and nowhere else", async () => {
    const [, d, image] = await make();
    const { extents } = await verifyImage(image, d);
    const used = extents.find(({ kind }) => kind === "disk")!.at;
    const changed = Buffer.from(disk);
    changed[(used + pageBytes) % disk.length] = 0;
    writeFileSync(d, changed);
    await verifyImage(image, d);
    changed[used + 9] = 0;
    writeFileSync(d, changed);
    await expect(restoreImage(image, d, folder.path("never"))).rejects.toThrow("the disk has changed since");
    await verifyImage(image, undefined);
    truncateSync(d, used);
    await expect(verifyImage(image, d)).rejects.toThrow("more bytes, got the end");
  });
});

describe("the command", () => {
  it("saves, verifies and restores; says what is wrong with a status", async () => {
    const [m, d, i, o] = ["cm", "cd", "ci", "co"].map((name) => folder.path(name)) as [string, string, string, string];
    writeFileSync(m, new Uint8Array(3 * pageBytes).fill(1, pageBytes));
    writeFileSync(d, new Uint8Array(pageBytes).fill(1));
    expect(await checkpointFiles(["save", m, d, "-o", i])).toBe(0);
    expect(await checkpointFiles(["verify", i])).toBe(0);
    expect(await checkpointFiles(["verify", i, d])).toBe(0);
    expect(await checkpointFiles(["restore", i, d, "--out", o])).toBe(0);
    expect(readFileSync(o).equals(readFileSync(m))).toBe(true);
    expect(await checkpointFiles(["restore", d, d, "-o", o])).toBe(1); // a disk is no image
    const text = folder.write("notes.txt", "no memory image");
    expect(await checkpointFiles(["save", text, d, "-o", folder.path("none")])).toBe(1);
    expect(existsSync(folder.path("none"))).toBe(false);
    expect(await checkpointFiles(["save", folder.path("absent"), d, "-o", i])).toBe(2);
    expect(await checkpointFiles(["restore", i, folder.path("absent"), "-o", o])).toBe(2);
    expect(await checkpointFiles(["verify", folder.path("absent")])).toBe(2);
    expect(await checkpointFiles(["save", m, d])).toBe(2);
    expect(await checkpointFiles(["save", m])).toBe(2);
    expect(await checkpointFiles(["savior", m])).toBe(2);
    expect(await checkpointFiles([])).toBe(2);
  });
});
