import { type FileHandle, open } from "node:fs/promises";
import { crc32, inflateRawSync } from "node:zlib";
import { TraceFormatError } from "../../../datasets/errors.ts";
import { writeAtomically } from "../../../datasets/write/atomic.ts";
import {
  decodeHeader,
  decodeTable,
  entryBytes,
  type Extent,
  headerBytes,
  type ImageHeader,
  mostExtentBytes,
} from "./format.ts";
import { readAll } from "./pieces.ts";
import { writeAll } from "./save.ts";

/** An image's own account of itself. */
export interface ImageParts {
  readonly header: ImageHeader;
  readonly extents: readonly Extent[];
}

/** Reads and checks an image's header and table; memory for the table, 24 bytes and an object an extent. */
async function readParts(image: FileHandle, file: string): Promise<ImageParts> {
  const { size } = await image.stat();
  const head = new Uint8Array(Math.min(headerBytes, size));
  await readAll(image, head, 0, file);
  const header = decodeHeader(head, file, size);
  const table = new Uint8Array(header.extents * entryBytes);
  await readAll(image, table, header.tableAt, file);
  return { header, extents: decodeTable(table, header, file) };
}

/**
 * Writes the memory file that an image was saved from, byte for byte; whole or not at all. Blocks are read in the disk's order.
 * Every checksum is compared. `signal` ends it, and no file is left. Memory: the table and a MiB.
 *
 * Throws TraceFormatError naming the file and the place of what does not have its checksum: the image is damaged, or the disk
 * has changed.
 */
export async function restoreImage(
  imagePath: string,
  diskPath: string,
  outPath: string,
  signal?: AbortSignal,
): Promise<ImageHeader> {
  return withFiles(imagePath, diskPath, async (image, disk) => {
    const { header, extents } = await readParts(image, imagePath);
    await writeAtomically(outPath, async (out) => {
      // What is not written is zeros.
      await out.truncate(header.memoryBytes);
      await each(extents, { image, imagePath, disk, diskPath }, (content, to) => {
        signal?.throwIfAborted();
        return writeAll(out, content, to);
      });
    });
    return header;
  });
}

/** Compares every checksum of an image and, with a disk, of the blocks that it needs. Throws as {@link restoreImage} does. */
export async function verifyImage(imagePath: string, diskPath: string | undefined): Promise<ImageParts> {
  return withFiles(imagePath, diskPath, async (image, disk) => {
    const parts = await readParts(image, imagePath);
    await each(parts.extents, { image, imagePath, disk, diskPath }, () => Promise.resolve());
    return parts;
  });
}

interface Files {
  readonly image: FileHandle;
  readonly imagePath: string;
  readonly disk: FileHandle | undefined;
  readonly diskPath: string | undefined;
}

/** Reads the contents of all extents but zeros, the image's in its order, then the disk's in its order, and checks each. */
async function each(
  extents: readonly Extent[],
  { image, imagePath, disk, diskPath }: Files,
  use: (content: Uint8Array, to: number) => Promise<void>,
): Promise<void> {
  const buffer = Buffer.alloc(mostExtentBytes);
  const later: { readonly extent: Extent; readonly to: number }[] = [];
  let to = 0;
  const check = async (extent: Extent, from: FileHandle, file: string, place: number): Promise<void> => {
    const held = buffer.subarray(0, extent.kind === "packed" ? extent.held : extent.bytes);
    await readAll(from, held, extent.at, file);
    const content = extent.kind === "packed" ? unpacked(held, extent, file) : held;
    if (crc32(content) !== extent.crc) {
      const why = extent.kind === "disk" ? "the disk has changed since the image was saved" : "the image is damaged";
      throw new TraceFormatError(
        { file, offset: extent.at, field: "checksum" },
        `expected CRC-32 ${hex(extent.crc)}, got ${hex(crc32(content))}: ${why}`,
      );
    }
    await use(content, place);
  };
  for (const extent of extents) {
    if (extent.held > 0) await check(extent, image, imagePath, to);
    else if (extent.kind === "disk") later.push({ extent, to });
    to += extent.bytes;
  }
  if (disk === undefined || diskPath === undefined) return;
  for (const { extent, to: place } of later.sort((a, b) => a.extent.at - b.extent.at))
    await check(extent, disk, diskPath, place);
}

/** What was compressed; TraceFormatError for bytes that are no DEFLATE stream, or one of more than the extent. */
function unpacked(held: Uint8Array, { at, bytes }: Extent, file: string): Uint8Array {
  try {
    return inflateRawSync(held, { maxOutputLength: bytes });
  } catch {
    throw new TraceFormatError(
      { file, offset: at, field: "contents" },
      `expected ${bytes} bytes, compressed: the image is damaged`,
    );
  }
}

const hex = (crc: number): string => crc.toString(16).padStart(8, "0");

async function withFiles<T>(
  imagePath: string,
  diskPath: string | undefined,
  use: (image: FileHandle, disk: FileHandle | undefined) => Promise<T>,
): Promise<T> {
  const image = await open(imagePath);
  try {
    const disk = diskPath === undefined ? undefined : await open(diskPath);
    try {
      return await use(image, disk);
    } finally {
      await disk?.close();
    }
  } finally {
    await image.close();
  }
}
