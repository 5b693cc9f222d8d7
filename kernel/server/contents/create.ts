import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Json } from "../../protocol/json.ts";
import { putInPlace } from "../../run/write-file-atomic.ts";
import { HttpError } from "../http/route.ts";
import { pathIn, shown, splitPath } from "./api-path.ts";
import { copyBeside, permissionsOf } from "./copy-file.ts";
import { namesLike, withoutCopyMark } from "./free-name.ts";
import type { ContentsType, Model } from "./model.ts";
import { notebookSent } from "./notebook-text.ts";
import { openFile } from "./open-file.ts";
import type { Parts } from "./parts.ts";
import { at, errorCode } from "./refusal.ts";
import type { Place } from "./root.ts";
import { emptyNotebook, unknownType } from "./save.ts";

/** What is made, as Jupyter's front end asks for it. */
export interface Untitled {
  /** `notebook`, `file` or `directory`; by `ext` where it is not said. */
  readonly type?: Json | undefined;
  /** A new file's ending, with its dot. */
  readonly ext?: Json | undefined;
}

/** Makes what gets its name here. */
export interface Creator {
  /** A new and empty notebook, file or folder, in a folder. */
  untitled(folder: string, kind?: Untitled): Promise<Model>;
  /** A copy of a file: in the folder `to`, beside others of its name, or, where `to` is no folder, at that path. */
  copy(from: string, to: string): Promise<Model>;
}

/** What makes files under a root. */
export function createCreator({ root, reader, trust, checkpoints, inTurn }: Parts): Creator {
  const folderAt = async (path: string): Promise<Place> => {
    const folder = await root.existing(path);
    await reader.describe(folder, "directory");
    return folder;
  };

  const free = async (folder: Place, name: string, insert: string): Promise<Place> => {
    for (const tried of namesLike(name, insert)) {
      if (!root.shows(tried)) break;
      const place = { path: pathIn(folder.path, tried), file: join(folder.file, tried) };
      if (await at(place.path, () => isFree(place.file))) return place;
    }
    throw new HttpError(400, `expected what a file can be called, got ${shown(name)}`);
  };

  /** As after any save of a notebook; without it the notebook is still made. */
  const firstCheckpoint = (place: Place): Promise<unknown> => checkpoints.create(place.path).catch(() => undefined);

  const newNotebook = async (place: Place): Promise<void> => {
    const { text } = notebookSent(emptyNotebook, place.path);
    await newFile(place.file, text);
    await trust.add(text);
    await firstCheckpoint(place);
  };

  return {
    untitled: (path, { type: asked, ext = "" } = {}) =>
      inTurn(async () => {
        const folder = await folderAt(path);
        if (typeof ext !== "string") throw new HttpError(400, "expected ext to be text, got other JSON");
        const type = kindOf(asked, ext);
        const name =
          type === "directory" ? "Untitled Folder" : type === "notebook" ? "Untitled.ipynb" : `untitled${ext}`;
        const place = await free(folder, name, type === "directory" ? " " : "");
        await at(place.path, async () => {
          if (type === "directory") await mkdir(place.file);
          else if (type === "notebook") await newNotebook(place);
          else await newFile(place.file, "");
        });
        return reader.describe(place, type);
      }),

    async copy(from, to) {
      const source = await openFile(await root.existing(from));
      try {
        const into = await root.existing(to).catch((cause: unknown) => {
          if (cause instanceof HttpError && cause.status === 404) return undefined;
          throw cause;
        });
        if (into !== undefined && (await reader.describe(into)).type !== "directory")
          throw new HttpError(409, `${shown(into.path)} already exists`);
        const like = into ?? (await root.target(to));
        const { name } = splitPath(from);
        const first = into === undefined ? like : { path: pathIn(like.path, name), file: join(like.file, name) };
        const mode = permissionsOf(source);
        // Only the last step is in turn: no one waits while a large file is copied.
        const temporary = await at(to, () => copyBeside(source, first, mode));
        try {
          return await inTurn(async () => {
            const place = into === undefined ? first : await free(into, withoutCopyMark(name), "-Copy");
            if (!(await isFree(place.file))) throw new HttpError(409, `${shown(place.path)} already exists`);
            await at(place.path, () => putInPlace(temporary, place.file, mode));
            const model = await reader.describe(place);
            if (model.type === "notebook") await firstCheckpoint(place);
            return model;
          });
        } finally {
          await rm(temporary, { force: true });
        }
      } finally {
        await source.handle.close();
      }
    },
  };
}

function kindOf(type: Json | undefined, ext: string): ContentsType {
  if (type === undefined || type === "") return ext === ".ipynb" ? "notebook" : "file";
  if (type === "notebook" || type === "file" || type === "directory") return type;
  throw unknownType(type);
}

async function isFree(file: string): Promise<boolean> {
  return lstat(file).then(
    () => false,
    (cause: unknown) => {
      if (errorCode(cause) === "ENOENT") return true;
      throw cause;
    },
  );
}

/** Writes a file where there is none; what was half written is removed. */
async function newFile(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    if (errorCode(cause) !== "EEXIST") await rm(file, { force: true });
    throw cause;
  }
}
