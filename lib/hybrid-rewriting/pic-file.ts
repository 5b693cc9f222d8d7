import { type FileHandle, open, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { OptionError, TraceFormatError } from "../core/errors.ts";
import type { ProgramImage } from "./image.ts";
import type { CachedBlock } from "./instrument.ts";
import { codeOffset, decodeHead, decodeRecords, encodeHead, encodeRecord, headerBytes, type PicHead } from "./pic.ts";

/**
 * An open persistent instrumentation cache.
 *
 * @example
 * ```ts
 * import type { Pic } from "veelab/hybrid-rewriting";
 * export const codeBytes = (pic: Pic) => [...pic.blocks.values()].reduce((sum, { code }) => sum + code.length, 0);
 * ```
 */
export interface Pic extends PicHead {
  /** The file's name, for errors. */
  readonly file: string;
  /** By the address of the original block. */
  readonly blocks: ReadonlyMap<number, CachedBlock>;
  /** The file's bytes that hold whole records, as they are to be mapped at `base`. */
  readonly bytes: Uint8Array;
  /** Pointers that its blocks use: the first number that is free. */
  readonly links: number;
  /** Bytes that were cut off when it was opened, as the crash of a run that wrote it leaves them. */
  readonly tornBytes: number;
}

const pageBytes = 4096;
const mebibyte = 2 ** 20;
/** Code may grow to this; the pointers lie behind it, near enough for 32 bits. */
const mostCodeBytes = 32 * mebibyte;

const alignTo = (value: number, unit: number): number => Math.ceil(value / unit) * unit;

/**
 * Where a new cache of a program is to be mapped: behind the program, and behind where its file would end if all of it were loaded, as the stubs stand there; with
 * room for these, and 2 MiB aligned.
 */
function headOf(image: ProgramImage): PicHead {
  const base = alignTo(Math.max(image.memoryEnd, biasOf(image) + image.bytes.length) + mebibyte, 2 * mebibyte);
  return { buildId: image.buildId, base, linkBase: base + mostCodeBytes };
}

/**
 * Opens a cache to read it, as a passive run does. What a crash left behind its last whole record is not read; `tornBytes` says how much.
 * Linear in the file.
 *
 * @throws OptionError where there is no such file; TraceFormatError for a file that is no cache, of another version or damaged in its header, or of another build of the program
 *
 * @example
 * ```ts
 * import { openPic, type ProgramImage } from "veelab/hybrid-rewriting";
 * export const cached = async (image: ProgramImage) => (await openPic("kernels.pic", image)).blocks.size;
 * ```
 */
export async function openPic(path: string, image: ProgramImage): Promise<Pic> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (!isAbsent(error)) throw error;
    throw new OptionError("path", "the file of a cache, as activeRun makes it", path);
  });
  return picOf(bytes, basename(path), image);
}

/** A cache of a file's bytes. */
function picOf(bytes: Uint8Array, file: string, image: ProgramImage): Pic {
  const head = decodeHead(bytes, file);
  checkBuild({ file, buildId: head.buildId }, image);
  const { blocks, wholeBytes, tornBytes } = decodeRecords(bytes, head.base);
  return {
    ...{ ...head, file, tornBytes, bytes: bytes.subarray(0, wholeBytes) },
    blocks: new Map(blocks.map((block) => [block.start, block])),
    links: blocks.reduce((most, block) => Math.max(most, linksOf(block)), 0),
  };
}

/** Refuses the cache of another program than the image's. */
export function checkBuild({ file, buildId }: Pick<Pic, "file" | "buildId">, image: ProgramImage): void {
  if (buildId !== image.buildId)
    throw new TraceFormatError(
      { file, offset: 16, field: "build id" },
      `expected the cache of ${image.file} (${image.buildId}), got one of another build (${buildId})`,
    );
}

const linksOf = ({ exits, accesses }: CachedBlock): number =>
  [...exits, ...accesses].reduce((most, { link }) => Math.max(most, link === undefined ? 0 : link + 1), 0);

/** Where the next block's code will be, and its first pointer. */
export interface NextPlace {
  readonly address: number;
  readonly firstLink: number;
}

/** A cache that an active run writes. */
export interface PicWriter {
  readonly head: PicHead;
  /** Whether a block is there. */
  has(start: number): boolean;
  /** Where a block with so many exits and accesses would go. */
  next(exits: number, accesses: number): NextPlace;
  /** Appends a block that was made for `next`. */
  append(block: CachedBlock): Promise<void>;
}

/**
 * Opens a cache to append to it, or makes a new one, for the time of a function; what a crash left is cut off first. Each block is a record of its
 * own, whole or not there.
 */
export async function writingPic<T>(
  path: string,
  image: ProgramImage,
  use: (writer: PicWriter) => Promise<T>,
): Promise<T> {
  const handle = await openOrMake(path, image);
  try {
    const pic = picOf(await handle.readFile(), basename(path), image);
    let [end, links] = [pic.bytes.length, pic.links];
    if (pic.tornBytes > 0) await handle.truncate(end);
    const starts = new Set(pic.blocks.keys());
    return await use({
      head: pic,
      has: (start) => starts.has(start),
      next: (exits, accesses) => ({ address: pic.base + end + codeOffset(exits, accesses), firstLink: links }),
      async append(block) {
        const record = encodeRecord(block);
        if (end + record.length > mostCodeBytes)
          throw new OptionError("pic", `a cache of at most ${mostCodeBytes} bytes`, end + record.length);
        await handle.write(record, 0, record.length, end);
        end += record.length;
        links = Math.max(links, linksOf(block));
        starts.add(block.start);
      },
    });
  } finally {
    await handle.close();
  }
}

async function openOrMake(path: string, image: ProgramImage): Promise<FileHandle> {
  const old = await open(path, "r+").catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
  if (old !== undefined) return old;
  const handle = await open(path, "wx+");
  await handle.write(encodeHead(headOf(image)), 0, headerBytes, 0);
  return handle;
}

/** What is added to a place in the file to have its address, if it is loaded with the code. */
export const biasOf = ({ code: [first] }: ProgramImage): number => first!.start - first!.offset;

const isAbsent = (error: unknown): boolean => (error as { code?: unknown }).code === "ENOENT";

/** The page after an address. */
export const pageAfter = (address: number): number => alignTo(address, pageBytes);
