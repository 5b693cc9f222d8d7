import { createWriteStream } from "node:fs";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import xz from "xz-decompress";
import { OptionError, TraceFormatError } from "../errors.ts";
import { type Compression, compressionOf } from "./compression.ts";
import { lz4Chunks } from "./lz4.ts";
import { zipChunks } from "./zip.ts";
import { zstdChunks } from "./zstd.ts";

/** The largest piece of a file that is read at once. */
const chunkBytes = 1024 * 1024;

/** How far a read has come, in bytes of the file as it is stored. */
export interface ReadProgress {
  /** Bytes read. */
  readonly bytes: number;
  /** Bytes in all. */
  readonly totalBytes: number;
}

/** A file to read a trace from. */
export interface Source {
  /** Its name in errors. */
  readonly file: string;
  /** Where it is. */
  readonly path: string;
  /** Its size as it is stored. */
  readonly bytes: number;
  /** The compression around its content. */
  readonly compression: Compression | undefined;
  /**
   * The content from its beginning, in chunks, uncompressed. What was opened is closed when the loop ends, however it ends. A
   * compressed file that is damaged or cut is a {@link TraceFormatError}. With `passing`, a chunk may be overwritten once the next one is
   * asked for: twice as fast for who holds none.
   */
  chunks(passing?: "passing"): AsyncGenerator<Uint8Array, void>;
  /** A file of another name in the same folder; undefined when there is none. */
  sibling(name: string): Promise<Source | undefined>;
}

/**
 * Opens a file; `progress` is called for each chunk that is read. The error of a file that is not there is Node's own; a pipe or device, which
 * can be read only once, is an OptionError.
 */
export async function openSource(
  path: string,
  file: string = basename(path),
  progress?: (read: ReadProgress) => void,
): Promise<Source> {
  const there = await stat(path);
  if (!there.isFile() && !there.isDirectory())
    throw new OptionError("source", "a regular file, as a pipe cannot be read twice", path);
  const compression = compressionOf(await head(path, 8));
  const { size } = there;
  return {
    file,
    path,
    bytes: size,
    compression,
    chunks: (passing) => content(file, path, size, compression, passing !== undefined, progress),
    async sibling(name) {
      const beside = join(dirname(path), name);
      const there = await stat(beside).catch(() => undefined);
      return there?.isFile() === true ? await openSource(beside) : undefined;
    },
  };
}

/** The first bytes of a file, fewer at its end. */
export async function head(path: string, length: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const bytes = new Uint8Array(length);
    let read = 0;
    while (read < length) {
      const { bytesRead } = await handle.read(bytes, read, length - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await handle.close();
  }
}

async function* content(
  file: string,
  path: string,
  totalBytes: number,
  compression: Compression | undefined,
  passing: boolean,
  progress?: (read: ReadProgress) => void,
): AsyncGenerator<Uint8Array, void> {
  // What uncompresses holds the chunks that it was given.
  const stored = storedChunks(path, totalBytes, passing && compression === undefined, progress);
  // A zip file is read from its end.
  const plain = compression === "zip" ? zipChunks(path) : decompressed(stored, compression);
  let offset = 0;
  try {
    for await (const chunk of plain) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (compression === undefined || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new TraceFormatError({ file, offset }, `expected a whole ${compression} file (${problem})`, { cause: error });
  }
}

/**
 * The bytes of a file as it is stored, read one chunk ahead, as plain Uint8Arrays: hot loops are slower on two classes of array. Chunks
 * that pass share two pieces of memory: with a new one each, most of a fast reader's time is the garbage collector's.
 */
async function* storedChunks(
  path: string,
  totalBytes: number,
  passing: boolean,
  progress?: (read: ReadProgress) => void,
): AsyncGenerator<Uint8Array, void> {
  const file = await open(path);
  // A small file takes little memory; one of the system's own (/proc) says 0 of whatever it has.
  const pieceBytes = totalBytes === 0 ? chunkBytes : Math.min(chunkBytes, totalBytes);
  let free: Uint8Array | undefined;
  const read = () => {
    const reading = file.read(free ?? new Uint8Array(pieceBytes), 0, pieceBytes);
    // It may fail while the chunk before it is still in use; whoever awaits it is told.
    void reading.catch(ignored);
    return reading;
  };
  let next = read();
  let bytes = 0;
  try {
    for (;;) {
      const { bytesRead, buffer } = await next;
      if (bytesRead === 0) return;
      next = read();
      bytes += bytesRead;
      progress?.({ bytes, totalBytes });
      yield buffer.subarray(0, bytesRead);
      if (passing) free = buffer;
    }
  } finally {
    await next.catch(ignored);
    await file.close();
  }
}

const ignored = (): void => undefined;

/** Uncompressed chunks of compressed ones, for formats that hold compressed parts, too. */
export async function* decompressed(
  chunks: AsyncGenerator<Uint8Array, void>,
  compression: Exclude<Compression, "zip"> | undefined,
): AsyncGenerator<Uint8Array, void> {
  if (compression === undefined) yield* chunks;
  else if (compression === "zstd") yield* zstdChunks(chunks);
  else if (compression === "lz4") yield* lz4Chunks(chunks);
  else {
    // A stream that is destroyed early ends the chunks that feed it.
    const raw = Readable.from(chunks, { objectMode: false, highWaterMark: chunkBytes });
    const plain =
      compression === "gzip"
        ? raw.pipe(createGunzip({ chunkSize: chunkBytes / 4 }))
        : Readable.fromWeb(new xz.XzReadableStream(Readable.toWeb(raw) as ReadableStream<Uint8Array>) as never);
    raw.on("error", (error) => plain.destroy(error));
    try {
      for await (const chunk of plain as AsyncIterable<Buffer>)
        yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
    } finally {
      raw.destroy();
      plain.destroy();
    }
  }
}

/** Reads a compressed file by way of an uncompressed copy, which is removed afterwards: for formats that are read from their end. */
export async function* uncompressed<T>(
  source: Source,
  read: (path: string) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  if (source.compression === undefined) {
    yield* read(source.path);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "veelab-"));
  try {
    const plain = join(folder, "plain");
    await pipeline(source.chunks(), createWriteStream(plain));
    yield* read(plain);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
