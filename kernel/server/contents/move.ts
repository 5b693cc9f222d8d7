import { constants, type Stats } from "node:fs";
import { access, lstat, readdir, readlink, realpath, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

import { HttpError } from "../http/route.ts";
import { namesIn, shown } from "./api-path.ts";
import { checkpointFolder } from "./checkpoints.ts";
import { copyFileTo } from "./copy-file.ts";
import type { Model } from "./model.ts";
import { openFile } from "./open-file.ts";
import type { Parts } from "./parts.ts";
import { at, errorCode } from "./refusal.ts";
import { specialFile, type Place } from "./root.ts";

/** Renames, moves and removes. */
export interface Mover {
  rename(from: string, to: string): Promise<Model>;
  remove(path: string): Promise<void>;
}

/** @param deleteNonEmpty whether a folder is removed with what is in it */
export function createMover({ root, reader, checkpoints, inTurn }: Parts, deleteNonEmpty: boolean): Mover {
  const entryAt = async (path: string): Promise<Place & { readonly found: Stats }> => {
    const place = await root.entry(path);
    const found = await at(path, () => lstat(place.file));
    if (!found.isFile() && !found.isDirectory() && !found.isSymbolicLink()) throw specialFile(path);
    return { ...place, found };
  };

  const removeFolder = async ({ path, file }: Place): Promise<void> => {
    if (deleteNonEmpty) {
      await rm(file, { recursive: true });
      return;
    }
    const names = await readdir(file);
    if (names.some((name) => name !== checkpointFolder))
      throw new HttpError(400, `expected an empty folder at ${shown(path)}, found one that is not empty`);
    await access(dirname(file), constants.W_OK);
    await rm(join(file, checkpointFolder), { recursive: true, force: true });
    // Not with what came into it since.
    await rmdir(file);
  };

  return {
    rename: (from, to) =>
      inTurn(async () => {
        const source = await entryAt(from);
        const target = await root.target(to);
        if (target.file === source.file) return reader.describe(await root.existing(from));
        if (target.file.startsWith(source.file + sep))
          throw new HttpError(400, `expected another place than inside itself for ${shown(from)}, got ${shown(to)}`);
        if (source.found.isSymbolicLink() && !(await leadsTheSameFrom(source, target)))
          throw new HttpError(400, `expected a link that leads to the same from ${shown(to)}, got ${shown(from)}`);
        await at(to, async () => {
          if (!(await mayTake(target, source))) throw new HttpError(409, `${shown(target.path)} already exists`);
          await move(source, target);
        });
        // The file has moved; an error of its checkpoint would say that it had not.
        if (!source.found.isDirectory()) await checkpoints.follow(source.path, target.path).catch(() => undefined);
        return reader.describe(await root.existing(to));
      }),

    remove: (path) =>
      inTurn(async () => {
        if (namesIn(path).length === 0)
          throw new HttpError(400, "expected a path inside the root, got the root itself");
        const place = await entryAt(path);
        await at(path, () => (place.found.isDirectory() ? removeFolder(place) : rm(place.file)));
        if (place.found.isDirectory()) return;
        const [checkpoint] = await checkpoints.list(path);
        if (checkpoint !== undefined) await checkpoints.remove(path, checkpoint.id).catch(() => undefined);
      }),
  };
}

/** Whether a place is free, or holds the same file under a name that this file system takes for the same. */
async function mayTake(target: Place, source: Place & { readonly found: Stats }): Promise<boolean> {
  const there = await lstat(target.file).catch((cause: unknown) => {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw cause;
  });
  if (there === undefined) return true;
  const same = there.ino === source.found.ino && there.dev === source.found.dev;
  return same && target.file.toLowerCase() === source.file.toLowerCase();
}

/** Whether a link leads, from another place, to what it leads to now: a relative one may not. */
async function leadsTheSameFrom(link: Place, target: Place): Promise<boolean> {
  const moved = resolve(dirname(target.file), await readlink(link.file));
  return (await realpath(moved).catch(() => undefined)) === (await realpath(link.file));
}

async function move(source: Place & { readonly found: Stats }, target: Place): Promise<void> {
  try {
    await rename(source.file, target.file);
  } catch (cause) {
    if (errorCode(cause) !== "EXDEV") throw cause;
    if (!source.found.isFile())
      throw new HttpError(
        400,
        `${shown(target.path)} is on another file system than ${shown(source.path)}: move its files`,
      );
    const file = await openFile(source);
    try {
      await copyFileTo(file, target);
    } finally {
      await file.handle.close();
    }
    await rm(source.file);
  }
}
