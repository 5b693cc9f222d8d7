import { realpathSync } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";

import { HttpError } from "../http/route.ts";
import { absent, isName, namesIn, pathIn, shown, splitPath } from "./api-path.ts";
import { at, errorCode } from "./refusal.ts";

/** Something under the root: its path in the API, and where it is, without symbolic links on the way. */
export interface Place {
  readonly path: string;
  readonly file: string;
}

/**
 * The folder that is served. Nothing leads out of it: names are checked before the file system is asked, links after
 * they are followed. What may not be seen is answered like what is not there.
 */
export interface Root {
  /** The place of something that is there, where links lead to. */
  existing(path: string): Promise<Place>;
  /** The place of something that is there, but of a link itself: for what moves or removes it. */
  entry(path: string): Promise<Place>;
  /** A place to write to, in a folder that is there: where a link leads to, or of a link that leads nowhere, its own. */
  target(path: string): Promise<Place>;
  /** Whether files of this name are shown. */
  shows(name: string): boolean;
  /** Whether a place, links followed, is under the root. */
  holds(file: string): boolean;
}

/**
 * @param folder the folder that is served
 * @param allowHidden whether names that begin with a dot are served
 * @throws the file system's error when the folder is not there
 */
export function createRoot(folder: string, allowHidden: boolean): Root {
  const top = realpathSync(folder);
  const prefix = top.endsWith(sep) ? top : top + sep;
  const holds = (file: string): boolean => file === top || file.startsWith(prefix);

  const follow = async (path: string, file: string): Promise<Place> => {
    let real: string;
    try {
      real = await realpath(file);
    } catch (cause) {
      // Nothing can be where no name that long can be.
      if (errorCode(cause) === "ENAMETOOLONG") throw absent(path);
      throw cause;
    }
    if (!holds(real)) throw absent(path);
    return { path, file: real };
  };

  const checked = (path: string): string[] => {
    const names = namesIn(path);
    if (!names.every((name) => isName(name, allowHidden))) throw absent(path);
    return names;
  };

  const existing = async (path: string): Promise<Place> => {
    const names = checked(path);
    return at(path, () => follow(names.join("/"), join(top, ...names)));
  };

  /** The folder of a path, which must be there, and the path's last name in it. */
  const inFolder = async (path: string): Promise<Place> => {
    const { folder, name } = splitPath(path);
    if (!isName(name, allowHidden)) throw absent(path);
    const parent = await existing(folder);
    if (!(await at(folder, () => stat(parent.file))).isDirectory()) throw absent(folder);
    return { path: pathIn(folder, name), file: join(parent.file, name) };
  };

  return {
    existing,
    async entry(path) {
      if (namesIn(path).length === 0) throw new HttpError(400, "expected a path inside the root, got the root itself");
      const place = await inFolder(path);
      await at(path, () => follow(place.path, place.file));
      return place;
    },
    async target(path) {
      if (namesIn(path).length === 0) return existing(path);
      const place = await inFolder(path);
      return at(path, async () => {
        const found = await lstat(place.file).catch((cause: unknown) => {
          if (errorCode(cause) === "ENOENT") return undefined;
          throw cause;
        });
        if (found?.isSymbolicLink() !== true) return place;
        try {
          return await follow(place.path, place.file);
        } catch (cause) {
          if (errorCode(cause) === "ENOENT") return place;
          throw cause;
        }
      });
    },
    shows: (name) => isName(name, allowHidden),
    holds,
  };
}

/** The kind of a file that is neither file nor folder: it is not opened, since that could wait for ever. */
export function specialFile(path: string): HttpError {
  return new HttpError(400, `expected a file or folder at ${shown(path)}, found a pipe, socket or device`);
}
