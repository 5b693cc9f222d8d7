import { createGzip, gzipSync } from "node:zlib";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { open, stream } from "../../open.ts";
import { outcome, randomBelow, valuesOf } from "../../test/reading.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { zipFile } from "./zip-file.ts";

const folder = temporaryFolder();
const base64 = (text: string) => Buffer.from(text, "base64");

const three =
  "419,W,8792731648,16384,1577808000000046\n725,R,23992905728,4096,1577808000000074\n419,R,0,512,1577808000000060\n";
const text = three.repeat(4);

/** The text as the tools of Debian 12 compress it: zstd 1.5.4, lz4 1.9.4 (linked blocks), xz 5.4.1. */
const files = {
  gzip: gzipSync(text),
  zstd: base64(
    "KLUv/WS0ACUCAIJEDA6gpQ5oFT2Z3nA7VRXZCmEjxSDAS0Ntj/LGFZ+fhgBrHKxxcXYJe2TCqwl57mPASwMFAEBwUAAIGFCdaqk+HkAe6SmLiQ==",
  ),
  lz4: base64(
    "BCJNGGRAp2AAAADyEDQxOSxXLDg3OTI3MzE2NDgsMTYzODQsMTU3NzgwODABAPsKNDYKNzI1LFIsMjM5OTI5MDU3MjgsNDA5NigAMDc0ClAAe1IsMCw1MTIdACE2MB0AD20A/yxQMDA2MAoAAAAAMHXubQ==",
  ),
  xz: base64(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AGzAExdABoMQ4/UW+6aq57Aztga6G1hIx8XtwLqvRQ9PY1AO9GkT7oa8q0Ia+FJ1nYTZjmKEy/IifxUL4XgZ7al96M2QO6WBePSKQBNlQhWqAAAw3XiJhj3E6kAAWi0AwAAANBYANCxxGf7AgAAAAAEWVo=",
  ),
  zip: zipFile({ "trace.csv": text }),
};

const plain = valuesOf(await open(folder.write("plain", text)));

describe.each(Object.entries(files))("a file in %s", (compression, bytes) => {
  it("is read in place, whatever its name", async () => {
    expect(plain).toHaveLength(12);
    expect(valuesOf(await open(folder.write("trace", bytes)))).toEqual(plain);
  });

  it.runIf(compression !== "zip")("may be several, one behind the other", async () => {
    const twice = await open(folder.write("twice", Buffer.concat([bytes, bytes])));
    expect(valuesOf(twice)).toEqual([...plain, ...plain]);
  });

  it("cut after any byte is an error, never fewer rows", async () => {
    for (let length = 8; length < bytes.length; length += 1) {
      const { error } = await outcome(folder.write("cut", bytes.subarray(0, length)));
      expect(error, `${length} of ${bytes.length} bytes`).toContain(`expected a whole ${compression} file`);
    }
  });

  it("with flipped bits is an error or rows, nothing else", async () => {
    const random = randomBelow(11);
    for (let round = 0; round < 150; round += 1) {
      const damaged = Buffer.from(bytes);
      for (let flips = 1 + random(3); flips > 0; flips -= 1) damaged[8 + random(damaged.length - 8)]! ^= 1 << random(8);
      await outcome(folder.write("flipped", damaged));
    }
  });

  it("that is left early leaves nothing open", async () => {
    for await (const batch of stream(folder.write("early", bytes), { batchRows: 1 })) {
      expect(batch.numRows).toBe(1);
      break;
    }
  });
});

describe("compressed files", () => {
  it("a zip file's parts are in the order of their numbers", async () => {
    const [first, second, third] = three.trim().split("\n");
    const parts = zipFile({ "chunk.10": `${third!}\n`, "chunk.2": `${second!}\n`, "chunk.1": `${first!}\n` });
    expect(valuesOf(await open(folder.write("parts.zip", parts)))).toEqual(plain.slice(0, 3));
  });

  it("a zip file of different files is refused, and names them", async () => {
    const { error } = await outcome(folder.write("two.zip", zipFile({ "a.csv": text, "b.txt": text })));
    expect(error).toBe(
      "two.zip, offset 0: expected a whole zip file (a zip file of one file, or of parts of one, got a.csv, b.txt: take out the one to read)",
    );
  });

  it("a bomb costs no memory: a line of a gigabyte ends at its first mebibyte", async () => {
    const path = folder.path("bomb.csv.gz");
    const zeros = Buffer.alloc(1 << 20, "1");
    const content = function* () {
      yield three;
      for (let chunk = 0; chunk < 1024; chunk += 1) yield zeros;
    };
    await pipeline(Readable.from(content()), createGzip(), createWriteStream(path));
    const before = process.memoryUsage().rss;
    expect((await outcome(path)).error).toContain("expected lines of at most 1048576 bytes");
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  it("a bomb in zstd costs no memory: a gigabyte in blocks of one repeated byte, in 32 KB", async () => {
    // A window of 128 KiB, a raw block that is not the last, and blocks of 131,072 times "1".
    const raw = three.length << 3;
    const repeated = Buffer.alloc(32_000, Buffer.from([0x02, 0x00, 0x10, 0x31]));
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, raw & 0xff, raw >> 8, 0]);
    const path = folder.write("bomb.zst", Buffer.concat([header, Buffer.from(three), repeated]));
    const before = process.memoryUsage().rss;
    expect((await outcome(path)).error).toContain("expected lines of at most 1048576 bytes");
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  it("a zstd block that is larger than its format allows is refused", async () => {
    const block = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, 0x0b, 0x00, 0x10, 0x31]);
    expect((await outcome(folder.write("block.zst", block))).error).toContain("a zstd block of 131073 bytes");
  });

  it("a zstd frame that asks for a window of 2 GiB is refused, also behind another", async () => {
    const frame = Buffer.from(files.zstd);
    const large = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8]), frame.subarray(9)]);
    for (const bytes of [large, Buffer.concat([frame, large])])
      expect((await outcome(folder.write("window.zst", bytes))).error).toContain("a zstd window of 2147483648 bytes");
  });

  it("zstd's skippable frames are skipped, and a frame of a few bytes is read", async () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const empty = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38, 0x01, 0x00, 0x00]);
    const path = folder.write("skippable.zst", Buffer.concat([empty, skippable, files.zstd, skippable, empty]));
    expect(valuesOf(await open(path))).toEqual(plain);
  });

  it("progress ends at the file's size", async () => {
    const path = folder.write("progress.gz", files.gzip);
    let last = { bytes: 0, totalBytes: 0 };
    await open(path, { onProgress: (read) => (last = read) });
    expect(last).toEqual({ bytes: files.gzip.length, totalBytes: files.gzip.length });
  });
});
