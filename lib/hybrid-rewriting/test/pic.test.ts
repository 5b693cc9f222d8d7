import fc from "fast-check";
import { readFile, writeFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { open } from "../../../datasets/index.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { activeRun, bytesOf, type CachedBlock, openPic, type ProgramImage, readImage } from "../index.ts";
import { decodeHead, decodeRecords, encodeHead, encodeRecord, headerBytes } from "../pic.ts";
import { codeImage } from "./elf-program.ts";

const folder = temporaryFolder();
let kernels: ProgramImage;
let path: string;
let whole: Buffer;
beforeAll(async () => {
  kernels = await readImage(bytesOf(await open("executions/kernels")), "kernels");
  path = folder.path("kernels.pic");
  await activeRun(kernels, await open("executions/packets"), path);
  whole = await readFile(path);
});

const address = fc.integer({ min: 0, max: 2 ** 47 });
const link = fc.option(fc.integer({ min: 0, max: 2 ** 31 }), { nil: undefined });
const defined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
const block = fc
  .record({
    start: address,
    bytes: fc.integer({ min: 1, max: 10_000 }),
    instructions: fc.integer({ min: 1, max: 512 }),
    exits: fc.array(
      fc.record({
        kind: fc.constantFrom(
          "next",
          "jump",
          "branch",
          "call",
          "return",
          "indirect-jump",
          "indirect-call",
          "none",
          "leave",
        ),
        target: fc.option(address, { nil: undefined }),
        link,
      }),
      { maxLength: 2 },
    ),
    accesses: fc.array(
      fc.record({
        pc: address,
        write: fc.boolean(),
        size: fc.integer({ min: 0, max: 0xffff }),
        privacy: fc.constantFrom("shared", "stack", "thread", "profile"),
        link,
      }),
      { maxLength: 6 },
    ),
    code: fc.uint8Array({ maxLength: 80 }),
  })
  .map(({ bytes, exits, accesses, ...rest }) => ({
    ...{ ...rest, end: rest.start + bytes, address: 0 },
    ...{ exits: exits.map(defined), accesses: accesses.map(defined) },
  })) as fc.Arbitrary<CachedBlock>;

const head = { buildId: "00112233445566778899aabbccddeeff00112233", base: 0x60_0000, linkBase: 0x260_0000 };
const plain = ({ code, ...rest }: CachedBlock) => ({ ...rest, address: 0, code: [...code] });

describe("the file's form", () => {
  it("by hand: a header of 128 bytes, and a record whose code lies where it is to be mapped", () => {
    const code = Uint8Array.of(0x90, 0xc3);
    const one: CachedBlock = {
      ...{ start: 0x401000, end: 0x401003, instructions: 2, address: 0, code },
      exits: [{ kind: "return" }],
      accesses: [{ pc: 0x401000, write: true, size: 8, privacy: "shared", link: 5 }],
    };
    const record = encodeRecord(one);
    // 48 bytes of head, 16 for the exit, 16 for the access, the code, int3 to a multiple of 16.
    expect(record.length).toBe(96);
    expect(Buffer.from(record).toString("hex", 12)).toBe(
      "01000100" +
        "0010400000000000" +
        "03000000" +
        "02000000" +
        "02000000" +
        "50000000" +
        "0000000000000000" +
        ("04000000" + "ffffffff" + "ffffffffffffffff") +
        ("0010400000000000" + "0800" + "01" + "00" + "05000000") +
        ("90c3" + "cc".repeat(14)),
    );
    const file = Buffer.concat([encodeHead(head), record]);
    expect(file.toString("latin1", 0, 8)).toBe("veelpic\0");
    expect(decodeHead(file, "x.pic")).toEqual(head);
    expect(decodeRecords(file, head.base)).toEqual({
      blocks: [{ ...one, address: head.base + 128 + 80, code: Buffer.from(code) }],
      wholeBytes: 224,
      tornBytes: 0,
    });
  });

  it("gives back what was written", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), (blocks) => {
        const file = Buffer.concat([encodeHead(head), ...blocks.map(encodeRecord)]);
        const read = decodeRecords(file, head.base);
        expect(read.blocks.map(plain)).toEqual(blocks.map(plain));
        expect([read.wholeBytes, read.tornBytes]).toEqual([file.length, 0]);
      }),
    );
  });

  it("every code lies in the file where the block's address says", async () => {
    const pic = await openPic(path, kernels);
    expect(pic.blocks.size).toBe(25);
    for (const { address: at, code } of pic.blocks.values()) {
      expect(at % 16).toBe(0);
      expect(whole.subarray(at - pic.base, at - pic.base + code.length)).toEqual(code);
    }
    // Each pointer has one use.
    const links = [...pic.blocks.values()].flatMap(({ exits, accesses }) =>
      [...exits, ...accesses].flatMap(({ link: number }) => number ?? []),
    );
    expect(links.sort((a, b) => a - b)).toEqual(links.map((_, number) => number));
    expect(pic.links).toBe(links.length);
  });
});

describe("after a crash", () => {
  it("wherever the file is cut, the whole records before are read and the rest is said", async () => {
    const { blocks } = decodeRecords(whole, 0);
    const ends: number[] = [];
    for (let end = headerBytes; end <= whole.length; end += end < whole.length ? whole.readUInt32LE(end + 4) : 1)
      ends.push(end);
    expect(ends).toHaveLength(blocks.length + 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: headerBytes, max: whole.length }), async (length) => {
        const cut = folder.path("cut.pic");
        await writeFile(cut, whole.subarray(0, length));
        const pic = await openPic(cut, kernels);
        const kept = ends.filter((end) => end <= length).length - 1;
        expect(pic.blocks.size).toBe(kept);
        expect(pic.tornBytes).toBe(length - ends[kept]!);
      }),
      { numRuns: 60 },
    );
  });

  it("an active run cuts the torn end off and appends what is missing: the same file", async () => {
    const cut = folder.path("again.pic");
    await writeFile(cut, whole.subarray(0, whole.length - 5));
    await activeRun(kernels, await open("executions/packets"), cut);
    expect((await readFile(cut)).equals(whole)).toBe(true);
  });

  it("whatever byte is damaged, only records before it are read, or the header is refused", () => {
    const { blocks } = decodeRecords(whole, 0);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= by;
        if (at < 84) {
          expect(() => decodeHead(damaged, "x.pic")).toThrow(/^x\.pic, offset \d+, field "/);
          return;
        }
        const read = decodeRecords(damaged, 0);
        expect(read.wholeBytes).toBeLessThanOrEqual(Math.max(at, at < headerBytes ? whole.length : 0));
        expect(read.blocks.map(plain)).toEqual(blocks.slice(0, read.blocks.length).map(plain));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a cache that is not there", () => {
  it("is refused in one sentence", async () => {
    await expect(openPic("none/none.pic", kernels)).rejects.toThrow(
      'path: expected the file of a cache, as activeRun makes it, got "none/none.pic"',
    );
  });
});

describe("a cache that is not this program's is refused in one sentence", () => {
  it.each([
    [
      "another build's",
      async () => [path, await codeImage(0xc3)] as const,
      /^kernels\.pic, offset 16, field "build id": expected the cache of code \([\da-f]{40}\), got one of another build \([\da-f]{40}\)$/,
    ],
    [
      "no cache",
      async () => [await other("none.pic", Buffer.alloc(500)), kernels] as const,
      /^none\.pic, offset 0, field "magic": expected 7665656c70696300 \(a cache\), got 0{16}$/,
    ],
    [
      "a cut header",
      async () => [await other("short.pic", whole.subarray(0, 60)), kernels] as const,
      /^short\.pic, offset 60, field "header": expected 128 bytes, got 60$/,
    ],
    [
      "another version",
      async () => [await other("old.pic", withByte(8, 2)), kernels] as const,
      /^old\.pic, offset 8, field "version": expected 1, got 2$/,
    ],
    [
      "a damaged header",
      async () => [await other("bad.pic", withByte(20, 1)), kernels] as const,
      /^bad\.pic, offset 80, field "checksum": expected the header's, [\da-f]+, got [\da-f]+$/,
    ],
  ])("%s", async (_, made, message) => {
    const [file, image] = await made();
    await expect(openPic(file, image)).rejects.toThrow(message);
    // Nor is it written to.
    if (image === kernels) await expect(activeRun(image, [], file)).rejects.toThrow(message);
  });
});

async function other(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(folder.path(name), bytes);
  return folder.path(name);
}

function withByte(at: number, by: number): Buffer {
  const bytes = Buffer.from(whole);
  bytes[at] = bytes[at] === by ? by + 1 : by;
  return bytes;
}
