import { dirname } from "node:path";

import type { JsonObject } from "../../protocol/json.ts";
import type { Notebook } from "../../run/notebook.ts";
import { modeOf } from "../../run/write-file-atomic.ts";
import { HttpError } from "../http/route.ts";
import { createCheckpoints, type Checkpoint } from "./checkpoints.ts";
import { createCreator, type Creator } from "./create.ts";
import type { ContentsType, Model } from "./model.ts";
import { createMover, type Mover } from "./move.ts";
import { openFile, type OpenFile } from "./open-file.ts";
import type { Parts } from "./parts.ts";
import { createReader, type Wanted } from "./read.ts";
import { copyFileTo } from "./copy-file.ts";
import { replacing } from "./replace.ts";
import { createRoot } from "./root.ts";
import { createSaver, type Saved } from "./save.ts";
import { createSerial } from "./serial.ts";
import { createSignatures } from "./signatures.ts";
import { createTrust } from "./trust.ts";

/** What is served, and how. */
export interface ContentsOptions {
  /** The folder that is served. */
  readonly root: string;
  /** Where the user's key and the signatures of trusted notebooks are kept. */
  readonly dataFolder: string;
  /** Whether names that begin with a dot are served. Not unless it is said. */
  readonly allowHidden?: boolean;
  /** Whether a folder is deleted with what is in it. Not unless it is said. */
  readonly deleteNonEmpty?: boolean;
  /** The largest file that is read into an answer of JSON; 256 MiB. Larger ones can be downloaded. */
  readonly maxBytes?: number;
  /** How long the next part of an upload is waited for; ten minutes. */
  readonly abandonUploadsAfterMs?: number;
}

/**
 * The files, notebooks and folders below one folder, in the words of Jupyter's contents API. Paths have slashes between
 * their names; nothing outside of the folder is ever read or written. Each operation throws an HttpError in one sentence
 * where it cannot be done, with everything as it was before.
 */
export interface Contents extends Creator, Mover {
  get(path: string, wanted?: Wanted): Promise<Model>;
  /** Saves a model that a page sends, or one part of an upload. */
  save(path: string, model: JsonObject): Promise<Saved>;
  readonly checkpoints: {
    list(path: string): Promise<Checkpoint[]>;
    create(path: string): Promise<Checkpoint>;
    /** Makes the file what it was at its checkpoint. */
    restore(path: string, id: string): Promise<void>;
    remove(path: string, id: string): Promise<void>;
  };
  /** Trusts a notebook as it is now. */
  trust(path: string): Promise<void>;
  /** What is at a path; undefined when it is nothing that is served. */
  kindOf(path: string): Promise<ContentsType | undefined>;
  /** A file, open for reading: whoever opens it closes it. */
  open(path: string): Promise<OpenFile>;
  /** A notebook, and the folder in the file system in which it is. */
  notebook(path: string): Promise<{ readonly notebook: Notebook; readonly folder: string }>;
  /** Gives up uploads that are not complete. */
  close(): Promise<void>;
}

/**
 * Contents of a folder on disk.
 *
 * @throws the file system's error when there is no such folder
 */
export function createContents({
  root: folder,
  dataFolder,
  allowHidden = false,
  deleteNonEmpty = false,
  maxBytes = 256 * 1024 * 1024,
  abandonUploadsAfterMs = 10 * 60 * 1000,
}: ContentsOptions): Contents {
  const root = createRoot(folder, allowHidden);
  const trust = createTrust(createSignatures(dataFolder));
  const reader = createReader(root, trust, maxBytes);
  const checkpoints = createCheckpoints(root);
  const inTurn = createSerial();
  const parts: Parts = { root, reader, trust, checkpoints, inTurn };
  const saver = createSaver(parts, abandonUploadsAfterMs);

  return {
    ...createCreator(parts),
    ...createMover(parts, deleteNonEmpty),
    get: (path, wanted) => reader.get(path, wanted),
    save: (path, model) => saver.save(path, model),
    checkpoints: {
      list: (path) => checkpoints.list(path),
      create: (path) => inTurn(() => checkpoints.create(path)),
      restore: (path, id) =>
        inTurn(async () => {
          const target = await root.target(path);
          const saved = await openFile(await checkpoints.find(path, id));
          try {
            const mode = await modeOf(target.file);
            await replacing(target, () => copyFileTo(saved, target, mode));
          } finally {
            await saved.handle.close();
          }
        }),
      remove: (path, id) => inTurn(() => checkpoints.remove(path, id)),
    },
    async trust(path) {
      const { text } = await reader.notebook(path);
      await inTurn(() => trust.add(text));
    },
    async kindOf(path) {
      try {
        return (await reader.get(path, { content: false })).type;
      } catch (cause) {
        if (cause instanceof HttpError) return undefined;
        throw cause;
      }
    },
    open: async (path) => openFile(await root.existing(path)),
    async notebook(path) {
      const { notebook, place } = await reader.notebook(path);
      return { notebook, folder: dirname(place.file) };
    },
    close: () => saver.close(),
  };
}
