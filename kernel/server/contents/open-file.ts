import { createHash } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";

import { HttpError } from "../http/route.ts";
import { shown } from "./api-path.ts";
import { at } from "./refusal.ts";
import { specialFile, type Place } from "./root.ts";

/** A regular file, open for reading. */
export interface OpenFile extends Place {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/**
 * Opens a regular file. What is no file is not opened at all, and what was put in its place since is not waited for
 * (a pipe) nor followed (a link).
 */
export async function openFile(place: Place): Promise<OpenFile> {
  return at(place.path, async () => {
    checkFile(place.path, await stat(place.file, { bigint: true }));
    const handle = await open(place.file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat({ bigint: true });
      checkFile(place.path, stats);
      return { ...place, handle, stats };
    } catch (cause) {
      await handle.close();
      throw cause;
    }
  });
}

function checkFile(path: string, stats: BigIntStats): void {
  if (stats.isDirectory()) throw new HttpError(400, `expected a file at ${shown(path)}, found a folder`);
  if (!stats.isFile()) throw specialFile(path);
}

/**
 * All bytes of an open file, which is closed.
 *
 * @throws HttpError 413 when they are more than the limit
 */
export async function readWhole({ path, handle, stats }: OpenFile, limit: number): Promise<Buffer> {
  try {
    if (stats.size > limit) throw tooLarge(path, limit);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of chunksOf(handle)) {
      size += chunk.length;
      if (size > limit) throw tooLarge(path, limit);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  } finally {
    await handle.close();
  }
}

/** The SHA-256 of an open file's bytes, in hexadecimal; the file is closed. */
export async function hashOf({ handle }: OpenFile): Promise<string> {
  try {
    const hash = createHash("sha256");
    for await (const chunk of chunksOf(handle)) hash.update(chunk);
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}

/** The bytes of an open file, which stays open. */
export function chunksOf(handle: FileHandle): AsyncIterable<Buffer> {
  return handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>;
}

function tooLarge(path: string, limit: number): HttpError {
  return new HttpError(413, `expected a file of at most ${limit} bytes at ${shown(path)}, found a larger one`);
}
