import { constants, type BigIntStats } from "node:fs";
import { access, stat, utimes } from "node:fs/promises";

import { HttpError } from "../http/route.ts";
import { shown } from "./api-path.ts";
import { at, errorCode } from "./refusal.ts";
import { specialFile, type Place } from "./root.ts";

/**
 * Does what puts a file in a place, and sees to it that the file is then newer than what was there: file systems count
 * time in steps of milliseconds, and the front end tells by the time whether someone else has saved.
 *
 * @returns whether there was nothing before
 */
export async function replacing(place: Place, put: () => Promise<void>): Promise<boolean> {
  return at(place.path, async () => {
    const before = await replaceable(place);
    await put();
    if (before === undefined) return true;
    const { mtimeNs, atimeNs } = await stat(place.file, { bigint: true });
    // Two, since a time in seconds as a double may be cut to the microsecond below.
    if (mtimeNs <= before.mtimeNs) await utimes(place.file, seconds(atimeNs), seconds(before.mtimeNs + 2000n));
    return false;
  });
}

/**
 * What is in a place, undefined for nothing.
 *
 * @throws HttpError where no file may be put there: a file that its owner protected is not replaced behind its back,
 *   though its folder would permit it
 */
export async function replaceable({ path, file }: Place): Promise<BigIntStats | undefined> {
  return at(path, async () => {
    let found: BigIntStats;
    try {
      found = await stat(file, { bigint: true });
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw cause;
    }
    if (found.isDirectory()) throw new HttpError(400, `expected a file at ${shown(path)}, found a folder`);
    if (!found.isFile()) throw specialFile(path);
    await access(file, constants.W_OK);
    return found;
  });
}

const seconds = (nanoseconds: bigint): number => Number(nanoseconds / 1000n) / 1e6;
