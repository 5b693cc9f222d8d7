import { type FileHandle, open } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { pageBytes } from "../../../datasets/formats/page.ts";
import { writeAtomically } from "../../../datasets/write/atomic.ts";
import { encodeHeader, encodeTable, type Extent, headerBytes, mostExtentBytes } from "./format.ts";
import { matchPages } from "./match.ts";
import { piecesOf, readAll } from "./pieces.ts";

/** What an image leaves out. */
export interface ImageCounts {
  /** Whole pages of the memory file. */
  readonly pages: number;
  readonly zeroPages: number;
  readonly diskPages: number;
  /** Pages in the image. */
  readonly storedPages: number;
  /** Bytes that are no whole pages, in the image, too. */
  readonly otherBytes: number;
  readonly extents: number;
  readonly memoryBytes: number;
  readonly imageBytes: number;
}

/** A stretch that is not yet written. */
interface Run {
  kind: Extent["kind"];
  offset: number;
  bytes: number;
  at: number;
}

/**
 * Writes an image of a memory file (an ELF core or raw) that leaves out zeros and what a raw disk image holds; whole or not at
 * all. Neither file may change meanwhile: the guest is stopped. `compresses`: what is stored is compressed, an extent at a time
 * (DEFLATE at its fastest level), where that makes it smaller. `signal` ends it, and no file is left. Memory: 14 bytes a page and some MiB. Linear.
 *
 * Throws TraceFormatError for a file that is cut or an ELF file that is no core, a system error for one that cannot be read.
 */
export async function saveImage(
  memoryPath: string,
  diskPath: string,
  imagePath: string,
  compresses = false,
  signal?: AbortSignal,
): Promise<ImageCounts> {
  const memory = await open(memoryPath);
  try {
    const disk = await open(diskPath);
    try {
      const pieces = await piecesOf(memoryPath, memory);
      const { size: memoryBytes } = await memory.stat();
      const diskBytes = await sizeOf(disk);
      const matches = await matchPages(
        { handle: memory, file: memoryPath, pieces },
        { handle: disk, file: diskPath, bytes: diskBytes },
        signal,
      );
      let counts: ImageCounts | undefined;
      await writeAtomically(imagePath, async (image) => {
        const writer = new ExtentWriter(memory, memoryPath, image, compresses);
        const tally = { stored: 0, zero: 0, disk: 0 };
        let page = 0;
        for (const { offset, bytes, isPages } of pieces) {
          const whole = isPages ? bytes - (bytes % pageBytes) : 0;
          for (let from = 0; from < whole; from += pageBytes, page++) {
            const block = matches.block[page]!;
            const kind = matches.zero[page] === 1 ? "zero" : block === 0xffff_ffff ? "stored" : "disk";
            tally[kind]++;
            signal?.throwIfAborted();
            await writer.add(kind, offset + from, pageBytes, kind === "disk" ? block * pageBytes : 0);
          }
          await writer.add("stored", offset + whole, bytes - whole, 0);
        }
        await writer.flush();
        const table = encodeTable(writer.extents);
        await writeAll(image, table, writer.end);
        const header = {
          memoryBytes,
          diskBytes,
          extents: writer.extents.length,
          tableAt: writer.end,
          tableCrc: crc32(table),
        };
        await writeAll(image, encodeHeader(header), 0);
        counts = {
          pages: page,
          zeroPages: tally.zero,
          diskPages: tally.disk,
          storedPages: tally.stored,
          otherBytes: memoryBytes - page * pageBytes,
          extents: writer.extents.length,
          memoryBytes,
          imageBytes: writer.end + table.length,
        };
      });
      return counts!;
    } finally {
      await disk.close();
    }
  } finally {
    await memory.close();
  }
}

/** Joins stretches of one kind and writes each when it ends or is long. */
class ExtentWriter {
  readonly extents: Extent[] = [];
  /** Where the next contents go. */
  end: number = headerBytes;
  readonly #memory: FileHandle;
  readonly #file: string;
  readonly #image: FileHandle;
  readonly #compresses: boolean;
  readonly #buffer: Buffer = Buffer.alloc(mostExtentBytes);
  #run: Run | undefined;

  constructor(memory: FileHandle, file: string, image: FileHandle, compresses: boolean) {
    this.#memory = memory;
    this.#file = file;
    this.#image = image;
    this.#compresses = compresses;
  }

  async add(kind: Extent["kind"], offset: number, bytes: number, at: number): Promise<void> {
    const run = this.#run;
    for (let done = 0; done < bytes;) {
      const open = done === 0 ? run : this.#run;
      const goesOn =
        open?.kind === kind &&
        (kind !== "disk" || at === open.at + open.bytes) &&
        (kind === "zero" || open.bytes < mostExtentBytes);
      if (!goesOn) {
        await this.flush();
        this.#run = { kind, offset: offset + done, bytes: 0, at };
      }
      const current = this.#run!;
      const part = kind === "zero" ? bytes - done : Math.min(bytes - done, mostExtentBytes - current.bytes);
      current.bytes += part;
      done += part;
    }
  }

  async flush(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined) return;
    const { kind, offset, bytes, at } = run;
    if (kind === "zero") {
      this.extents.push({ kind, bytes, at: 0, held: 0, crc: 0 });
      return;
    }
    // The checksum is of the memory, also where the disk has the content: a restore compares the disk with it.
    const content = this.#buffer.subarray(0, bytes);
    await readAll(this.#memory, content, offset, this.#file);
    const crc = crc32(content);
    if (kind === "disk") {
      this.extents.push({ kind, bytes, at, held: 0, crc });
      return;
    }
    const packed = this.#compresses ? deflateRawSync(content, { level: 1 }) : content;
    const isPacked = packed.length < bytes;
    const held = isPacked ? packed : content;
    this.extents.push({ kind: isPacked ? "packed" : "stored", bytes, at: this.end, held: held.length, crc });
    await writeAll(this.#image, held, this.end);
    this.end += held.length;
  }
}

/** The length of a file or a block device. */
async function sizeOf(handle: FileHandle): Promise<number> {
  const status = await handle.stat();
  if (status.isFile()) return status.size;
  // A device's size is where reads begin to give nothing.
  const byte = new Uint8Array(1);
  let [low, high] = [0, 2 ** 52];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { bytesRead } = await handle.read(byte, 0, 1, middle);
    if (bytesRead === 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Writes all of a buffer at a place. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}
