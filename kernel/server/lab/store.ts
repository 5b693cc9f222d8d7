import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { reason } from "../../run/input-error.ts";
import { writeFileAtomic } from "../../run/write-file-atomic.ts";
import { HttpError } from "../http/route.ts";

/** A text that is kept under a name. */
export interface Stored {
  readonly text: string;
  /** ISO 8601. */
  readonly modified: string;
  readonly created: string;
}

/** Texts by name, in files of one folder, which only this user can read. */
export interface Store {
  read(name: string): Promise<Stored | undefined>;
  /** @throws HttpError 500 in one sentence where the file system refuses */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<boolean>;
  names(): Promise<string[]>;
}

/** A store in a folder, which is made with the first text. Any name will do: it is encoded as one file's name. */
export function createStore(folder: string): Store {
  const fileOf = (name: string): string => {
    // A name such as ".." stays a name.
    const encoded = encodeURIComponent(name).replace(/^\./u, "%2E");
    if (encoded.length > 200) throw new HttpError(400, "expected a name of at most 200 characters, got a longer one");
    return join(folder, encoded);
  };
  return {
    async read(name) {
      try {
        const file = fileOf(name);
        const [text, { mtime, birthtime }] = await Promise.all([readFile(file, "utf8"), stat(file)]);
        return { text, modified: mtime.toISOString(), created: birthtime.toISOString() };
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw cause;
      }
    },
    async write(name, text) {
      const file = fileOf(name);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFileAtomic(file, text);
      } catch (cause) {
        throw new HttpError(500, `${folder} cannot be written: ${reason(cause)}`, { cause });
      }
    },
    async remove(name) {
      try {
        await rm(fileOf(name));
        return true;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw cause;
      }
    },
    async names() {
      const files = await readdir(folder).catch(() => []);
      return files.flatMap(nameOf);
    },
  };
}

/** The name that a file stands for; none when it is not of this store. */
function nameOf(file: string): string[] {
  if (file.startsWith(".")) return [];
  try {
    return [decodeURIComponent(file)];
  } catch {
    return [];
  }
}

/** A stored text as a JSON object; undefined where there is none, or it was damaged. */
export function storedObject(stored: Stored | undefined): JsonObject | undefined {
  if (stored === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(stored.text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
