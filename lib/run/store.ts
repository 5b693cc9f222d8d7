import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { isSystemError } from "../../datasets/commands/arguments.ts";

/** What is told of a sweep in its folder of the store, for `veelab cache ls`. */
export interface StoredRun {
  /** Of the code that made its points. */
  readonly version: string;
  /** The names of its parameters, and how its function begins. */
  readonly title: string;
}

/** The finished points of one run function with what it shares. */
export interface Store {
  /** What is kept under a key, if it is whole: a damaged file is as none. */
  readonly get: (key: string) => Promise<{ readonly value: unknown } | undefined>;
  /**
   * Keeps a point's value, before it returns: an interrupt cannot come in between. Where the disk is full, or the folder cannot be written, the
   * trouble is told once and nothing more is kept.
   */
  readonly put: (key: string, value: unknown) => void;
}

export const RUN_FILE = "run.json";
export const POINT_SUFFIX = ".point";
const DIGEST_BYTES = 32;

/**
 * Opens the place of a run in a store: a folder with a file a point, named by its key. A file is the SHA-256 of what follows, written
 * beside and renamed, so that it is there whole or not at all, however the process ends and whoever else writes.
 *
 * @param tell - told once, in one sentence, why nothing more is kept
 */
export function openStore(folder: string, hash: string, run: StoredRun, tell: (trouble: string) => void): Store {
  const place = join(folder, hash);
  let state: "new" | "open" | "broken" = "new";
  const write = (name: string, bytes: Uint8Array): void => {
    const temporary = join(place, `${name}.${randomBytes(6).toString("hex")}.tmp`);
    try {
      writeFileSync(temporary, bytes, { flag: "wx" });
      renameSync(temporary, join(place, name));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  const open = (): void => {
    mkdirSync(place, { recursive: true });
    write(RUN_FILE, Buffer.from(JSON.stringify(run)));
    state = "open";
  };
  return {
    async get(key) {
      const path = join(place, key + POINT_SUFFIX);
      const file = await readFile(path).catch(() => undefined);
      if (file === undefined) return undefined;
      const payload = file.subarray(DIGEST_BYTES);
      if (!sha256(payload).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
      // Used now: pruning by age leaves it.
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      return { value: deserialize(payload) as unknown };
    },
    put(key, value) {
      if (state === "broken") return;
      try {
        if (state === "new") open();
        const payload = serialize(value);
        write(key + POINT_SUFFIX, Buffer.concat([sha256(payload), payload]));
      } catch (error) {
        if (!isSystemError(error)) throw error;
        state = "broken";
        tell(`the results of this sweep are no longer kept in ${folder}: ${error.message}`);
      }
    },
  };
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
