import { constants, isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { constants as modes, type BigIntStats, type Dirent } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { HttpError } from "../http/route.ts";
import { pathIn, shown } from "./api-path.ts";
import { mimeTypeOf } from "./mime-types.ts";
import { modelOf, type ContentsFormat, type ContentsType, type Model } from "./model.ts";
import { notebookInFile, type NotebookText } from "./notebook-text.ts";
import { hashOf, openFile, readWhole } from "./open-file.ts";
import { at } from "./refusal.ts";
import { specialFile, type Place, type Root } from "./root.ts";
import { marked, type Trust } from "./trust.ts";

/** What is wanted of a path. */
export interface Wanted {
  /** As what it is read; by its name where it is not said. */
  readonly type?: ContentsType;
  /** How a file's content is given: as text where it is UTF-8, if it is not said. */
  readonly format?: ContentsFormat;
  readonly content?: boolean;
  readonly hash?: boolean;
}

/** Reads what is under the root. */
export interface Reader {
  get(path: string, wanted?: Wanted): Promise<Model>;
  /** What is at a place, without its content. */
  describe(place: Place, type?: ContentsType): Promise<Model>;
  notebook(path: string): Promise<NotebookText & { readonly place: Place }>;
}

/** Names that are made by tools, which Jupyter lists neither. */
const clutter = /^(?:__pycache__|.*\.py[co]|\.DS_Store|.*\.so|.*\.dylib|.*~)$/su;

/** @param maxBytes the largest file that is read into an answer of JSON, where it grows and must still be one string */
export function createReader(root: Root, trust: Trust, maxBytes: number): Reader {
  const limit = Math.min(maxBytes, constants.MAX_STRING_LENGTH);

  const describe = async (place: Place, type?: ContentsType): Promise<Model> => {
    const stats = await at(place.path, () => stat(place.file, { bigint: true }));
    const kind = kindOf(place.path, stats);
    if (kind === undefined) throw specialFile(place.path);
    const writable =
      (await isWritable(place.file)) && (kind === "directory" || (await isWritable(dirname(place.file))));
    return modelIn(place.path, agreed(place.path, kind, type), stats, writable);
  };

  const list = async (place: Place): Promise<Model[]> => {
    const entries = await at(place.path, () => readdir(place.file, { withFileTypes: true }));
    const seen = entries.filter(({ name }) => root.shows(name) && !clutter.test(name));
    const writable = await isWritable(place.file);
    const models: Model[] = [];
    // A folder of a hundred thousand files is not asked for all at once.
    for (let start = 0; start < seen.length; start += 256) {
      const some = await Promise.all(seen.slice(start, start + 256).map((entry) => listed(place, entry, writable)));
      models.push(...some.filter((model) => model !== undefined));
    }
    return models.sort((a, b) => (a.name < b.name ? -1 : 1));
  };

  /** An entry of a folder; undefined where it is no file or folder, or leads nowhere that is served. */
  const listed = async (folder: Place, entry: Dirent, writable: boolean): Promise<Model | undefined> => {
    const path = pathIn(folder.path, entry.name);
    try {
      const place = entry.isSymbolicLink() ? await root.existing(path) : { path, file: join(folder.file, entry.name) };
      const stats = await stat(place.file, { bigint: true });
      const kind = kindOf(path, stats);
      if (kind === undefined) return undefined;
      // Saving replaces a file in its folder.
      const inFolder = entry.isSymbolicLink() ? await isWritable(dirname(place.file)) : writable;
      return modelIn(path, kind, stats, (kind === "directory" || inFolder) && (await isWritable(place.file)));
    } catch {
      return undefined; // It went while the folder was listed.
    }
  };

  const bytesAt = (place: Place): Promise<Buffer> =>
    at(place.path, async () => readWhole(await openFile(place), limit));

  const notebookIn = (bytes: Buffer, path: string): NotebookText => {
    if (isUtf8(bytes)) return notebookInFile(bytes.toString("utf8"), path);
    throw new HttpError(400, `Unreadable Notebook: ${shown(path)}: expected text in UTF-8, found other bytes`);
  };

  return {
    describe,
    async notebook(path) {
      const place = await root.existing(path);
      return { ...notebookIn(await bytesAt(place), path), place };
    },
    async get(path, { type, format, content = true, hash = false } = {}) {
      const place = await root.existing(path);
      const model = await describe(place, type);
      if (model.type === "directory") return content ? { ...model, content: await list(place), format: "json" } : model;
      if (model.type === "file" && format === "json") throw badFormat(path, "text or base64", "json");
      if (!content) {
        if (!hash) return model;
        return { ...model, ...hashed(await at(path, async () => hashOf(await openFile(place)))) };
      }
      const bytes = await bytesAt(place);
      const known = hash ? { ...model, ...hashed(createHash("sha256").update(bytes).digest("hex")) } : model;
      if (model.type === "file") return { ...known, ...fileContent(bytes, path, format, model.mimetype) };
      const { notebook, text } = notebookIn(bytes, path);
      return { ...known, content: marked(notebook, await trust.has(text)), format: "json" };
    },
  };
}

/** A file's bytes as text where they are text, unless base64 is asked for. */
function fileContent(
  bytes: Buffer,
  path: string,
  format: ContentsFormat | undefined,
  mimetype: string | null,
): Pick<Model, "content" | "format" | "mimetype"> {
  if (format !== "base64" && isUtf8(bytes))
    return { content: bytes.toString("utf8"), format: "text", mimetype: mimetype ?? "text/plain" };
  if (format === "text") throw badFormat(path, "text in UTF-8", "other bytes");
  return { content: bytes.toString("base64"), format: "base64", mimetype: mimetype ?? "application/octet-stream" };
}

function kindOf(path: string, stats: BigIntStats): ContentsType | undefined {
  if (stats.isDirectory()) return "directory";
  if (!stats.isFile()) return undefined;
  return path.endsWith(".ipynb") ? "notebook" : "file";
}

/** As what something is read: what was asked for, where it can be that. */
function agreed(path: string, kind: ContentsType, asked: ContentsType = kind): ContentsType {
  if ((kind === "directory") === (asked === "directory")) return asked;
  const found = kind === "directory" ? "a folder" : "a file";
  throw new HttpError(400, `expected a ${asked} at ${shown(path)}, found ${found}`, { reason: "bad type" });
}

function modelIn(path: string, type: ContentsType, stats: BigIntStats, writable: boolean): Model {
  const model = modelOf(path, type, stats, writable);
  return type === "file" ? { ...model, mimetype: mimeTypeOf(model.name) } : model;
}

async function isWritable(file: string): Promise<boolean> {
  return access(file, modes.W_OK).then(
    () => true,
    () => false,
  );
}

function hashed(hash: string): Pick<Model, "hash" | "hash_algorithm"> {
  return { hash, hash_algorithm: "sha256" };
}

function badFormat(path: string, wanted: string, got: string): HttpError {
  return new HttpError(400, `expected ${wanted} at ${shown(path)}, got ${got}`, { reason: "bad format" });
}
