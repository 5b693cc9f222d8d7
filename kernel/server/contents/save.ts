import { mkdir, stat } from "node:fs/promises";

import { showJson, type Json, type JsonObject } from "../../protocol/json.ts";
import { replaceFile } from "../../run/write-file-atomic.ts";
import { HttpError } from "../http/route.ts";
import { shown, splitPath } from "./api-path.ts";
import { mimeTypeOf } from "./mime-types.ts";
import type { ContentsType, Model } from "./model.ts";
import { notebookSent } from "./notebook-text.ts";
import type { Parts } from "./parts.ts";
import { at, errorCode } from "./refusal.ts";
import { replaceable, replacing } from "./replace.ts";
import type { Place } from "./root.ts";
import { bytesSent } from "./sent-file.ts";
import { isVouchedFor } from "./trust.ts";
import { createUploads } from "./uploads.ts";

/** What a save has led to. */
export interface Saved {
  /** What is there now, without its content. */
  readonly model: Model;
  /** Whether there was nothing before. */
  readonly created: boolean;
}

/** Saves what pages send. */
export interface Saver {
  /** Saves a model of the contents API, or one part of an upload. */
  save(path: string, model: JsonObject): Promise<Saved>;
  close(): Promise<void>;
}

/** An empty notebook, as Jupyter makes them: its kernel is chosen when it is opened. */
export const emptyNotebook: JsonObject = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };

/** @param abandonAfterMs how long the next part of an upload is waited for */
export function createSaver({ root, reader, trust, checkpoints, inTurn }: Parts, abandonAfterMs: number): Saver {
  const uploads = createUploads(abandonAfterMs, (place, put) =>
    inTurn(async () => {
      await replacing(place, put);
    }),
  );

  const saveFolder = async (place: Place): Promise<boolean> =>
    at(place.path, async () => {
      try {
        await mkdir(place.file);
        return true;
      } catch (cause) {
        if (errorCode(cause) !== "EEXIST") throw cause;
      }
      if ((await stat(place.file)).isDirectory()) return false;
      throw new HttpError(400, `expected no file where the folder ${shown(place.path)} should be, found one`);
    });

  const saveNotebook = async (place: Place, content: Json = emptyNotebook): Promise<boolean> => {
    const { text } = notebookSent(content, place.path);
    const created = await replacing(place, () => replaceFile(place.file, text));
    if (isVouchedFor(content as JsonObject)) await trust.add(text);
    // As in Jupyter a notebook always has one; that it could not be made is no reason to call the save failed.
    if ((await checkpoints.list(place.path)).length === 0) await checkpoints.create(place.path).catch(() => undefined);
    return created;
  };

  const saveFile = async (place: Place, { content, format }: JsonObject): Promise<boolean> => {
    const bytes = content === undefined ? Buffer.of() : bytesSent(content, format, place.path);
    return replacing(place, () => replaceFile(place.file, bytes));
  };

  /** What is there is not replaced by something empty. */
  const checkWhole = async (place: Place, model: JsonObject): Promise<void> => {
    const missing = ["type", "content"].find((field) => model[field] === undefined);
    if (missing === undefined || (await replaceable(place)) === undefined) return;
    throw new HttpError(400, `expected a ${missing} for ${shown(place.path)}, got none`);
  };

  const save = async (path: string, model: JsonObject): Promise<Saved> => {
    const place = await root.target(path);
    const { type = place.path.endsWith(".ipynb") ? "notebook" : "file" } = model;
    switch (type) {
      case "directory":
        return saved(place, type, await saveFolder(place));
      case "notebook":
        await checkWhole(place, model);
        return saved(place, type, await saveNotebook(place, model["content"]));
      case "file":
        await checkWhole(place, model);
        return saved(place, type, await saveFile(place, model));
      default:
        throw unknownType(type);
    }
  };

  const saved = async (place: Place, type: ContentsType, created: boolean): Promise<Saved> => ({
    model: await reader.describe(place, type),
    created,
  });

  const upload = async (path: string, { chunk, type, content, format }: JsonObject): Promise<Saved> => {
    if (type !== "file") throw new HttpError(400, `expected type file for an upload in parts, got ${showJson(type)}`);
    const part = chunk === -1 ? "last" : chunk;
    if (part !== "last" && !(typeof part === "number" && Number.isSafeInteger(part) && part > 0))
      throw new HttpError(400, `expected chunk to be 1, 2, … or -1, got ${showJson(chunk)}`);
    const place = await root.target(path);
    const before = await replaceable(place);
    const size = await uploads.add(place, part, bytesSent(content, format, path));
    if (part === "last") return saved(place, "file", before === undefined);
    return { model: await unfinished(place, size), created: false };
  };

  /** The model of a file that is not whole yet: of its folder's time, since there may be none of its own. */
  const unfinished = async (place: Place, size: number): Promise<Model> => {
    const { folder, name } = splitPath(place.path);
    const model = await reader.describe(await root.existing(folder));
    return { ...model, name, path: place.path, type: "file", size, mimetype: mimeTypeOf(name) };
  };

  return {
    save: (path, model) => (model["chunk"] == null ? inTurn(() => save(path, model)) : upload(path, model)),
    close: () => uploads.close(),
  };
}

/** @param type what came instead of a type */
export function unknownType(type: Json | undefined): HttpError {
  return new HttpError(400, `expected type notebook, file or directory, got ${showJson(type)}`);
}
