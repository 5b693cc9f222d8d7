import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { TraceFormatError } from "./errors.ts";

/** The largest piece of a file that is read at once. */
const chunkBytes = 1024 * 1024;

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

/** Whether bytes begin as a gzip file does. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * A file's content in chunks, uncompressed when it is a gzip file. What was opened is closed when the loop ends, however it
 * ends. A gzip file that is truncated or damaged is a {@link TraceFormatError}.
 */
export async function* contentOf(file: string, path: string, gzip: boolean): AsyncGenerator<Uint8Array, void> {
  const raw = createReadStream(path, { highWaterMark: chunkBytes });
  if (!gzip) {
    try {
      for await (const chunk of raw) yield chunk as Uint8Array;
    } finally {
      raw.destroy();
    }
    return;
  }
  const plain = createGunzip({ chunkSize: chunkBytes / 4 });
  raw.on("error", (error) => plain.destroy(error));
  raw.pipe(plain);
  let offset = 0;
  try {
    for await (const chunk of plain) {
      offset += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("Z_") !== true) throw error;
    throw new TraceFormatError({ file, offset }, `expected a whole gzip file (${message})`, { cause: error });
  } finally {
    raw.destroy();
    plain.destroy();
  }
}

/** Reads a gzip file by way of an uncompressed copy, which is removed afterwards: for formats that are read from their end. */
export async function* gunzipped<T>(
  file: string,
  path: string,
  read: (plain: string) => AsyncIterable<T>,
): AsyncGenerator<T, void> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-"));
  try {
    const plain = join(folder, "plain");
    await pipeline(contentOf(file, path, true), createWriteStream(plain));
    yield* read(plain);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
