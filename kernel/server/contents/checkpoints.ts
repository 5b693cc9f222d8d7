import { lstat, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { extname, join } from "node:path";

import { HttpError } from "../http/route.ts";
import { absent, shown, splitPath } from "./api-path.ts";
import { copyFileTo } from "./copy-file.ts";
import { isoTime } from "./model.ts";
import { openFile } from "./open-file.ts";
import { at } from "./refusal.ts";
import type { Place, Root } from "./root.ts";

/** The folder in which checkpoints stand, beside their files. */
export const checkpointFolder = ".ipynb_checkpoints";

/** The one checkpoint of a file. */
export interface Checkpoint {
  readonly id: string;
  readonly last_modified: string;
}

const id = "checkpoint";

/** An earlier state of each file, in `.ipynb_checkpoints/<name>-checkpoint.<ext>` as Jupyter keeps it. */
export interface Checkpoints {
  /** None or one: also of a file that is gone, which can be had back from it. */
  list(path: string): Promise<Checkpoint[]>;
  /** Makes the file's present state its checkpoint. */
  create(path: string): Promise<Checkpoint>;
  /** The place of a checkpoint that is there. @throws HttpError 404 */
  find(path: string, wanted: string): Promise<Place>;
  remove(path: string, wanted: string): Promise<void>;
  /** Takes a file's checkpoint to the file's new place, or removes the one that was there. */
  follow(from: string, to: string): Promise<void>;
}

/** The checkpoints below a root. */
export function createCheckpoints(root: Root): Checkpoints {
  /** Where the checkpoint of a file is, or would be. */
  const placeOf = async (path: string, make: boolean): Promise<Place> => {
    const { folder, name } = splitPath(path);
    if (!root.shows(name)) throw absent(path);
    const parent = await root.existing(folder);
    return at(path, async () => {
      const checkpoints = join(parent.file, checkpointFolder);
      if (make) await mkdir(checkpoints, { recursive: true });
      const real = await realpath(checkpoints);
      if (!root.holds(real)) throw absent(path);
      const ext = extname(name);
      return { path, file: join(real, `${name.slice(0, name.length - ext.length)}-${id}${ext}`) };
    });
  };

  const existing = async (path: string): Promise<Place | undefined> => {
    try {
      const place = await placeOf(path, false);
      return (await lstat(place.file)).isFile() ? place : undefined;
    } catch {
      return undefined;
    }
  };

  const describe = async ({ file }: Place): Promise<Checkpoint> => ({
    id,
    last_modified: isoTime((await stat(file, { bigint: true })).mtimeNs),
  });

  const find = async (path: string, wanted: string): Promise<Place> => {
    const place = wanted === id ? await existing(path) : undefined;
    if (place === undefined)
      throw new HttpError(404, `expected a checkpoint ${shown(wanted)} of ${shown(path)}, found none`);
    return place;
  };

  return {
    find,
    async list(path) {
      const place = await existing(path);
      return place === undefined ? [] : [await at(path, () => describe(place))];
    },
    async create(path) {
      const opened = await openFile(await root.existing(path));
      try {
        const place = await placeOf(path, true);
        return await at(path, async () => {
          await copyFileTo(opened, place);
          return describe(place);
        });
      } finally {
        await opened.handle.close();
      }
    },
    async remove(path, wanted) {
      const { file } = await find(path, wanted);
      await at(path, () => rm(file));
    },
    async follow(from, to) {
      const source = await existing(from);
      if (source === undefined) {
        const stale = await existing(to);
        if (stale !== undefined) await rm(stale.file);
        return;
      }
      await rename(source.file, (await placeOf(to, true)).file);
    },
  };
}
