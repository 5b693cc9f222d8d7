import { randomBytes } from "node:crypto";
import { appendFile, chmod, link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { temporaryBeside, writeFileAtomic } from "../../run/write-file-atomic.ts";
import { errorCode } from "./refusal.ts";

/** The user's key, and the marks of what the user trusts, kept between runs. */
export interface Signatures {
  key(): Promise<Buffer>;
  has(signature: string): Promise<boolean>;
  add(signature: string): Promise<void>;
}

/**
 * Signatures in two files that only the user can read: `notebook-key`, made once, and `notebook-signatures`, a line for
 * each, to which servers beside this one may add. Where the folder cannot be written, they last as long as the server.
 *
 * @param capacity how many are kept; the ones that were not met for the longest time go first
 */
export function createSignatures(folder: string, capacity = 20_000): Signatures {
  const file = join(folder, "notebook-signatures");
  /** The least recently met first. */
  const known = new Set<string>();
  let read = { size: 0n, mtimeNs: 0n };
  /** Before the next line: what a crash left of the last one must not swallow it. */
  let separator = "";
  let key: Promise<Buffer> | undefined;

  const refresh = async (): Promise<void> => {
    let text: string;
    try {
      const { size, mtimeNs } = await stat(file, { bigint: true });
      if (size === read.size && mtimeNs === read.mtimeNs) return;
      text = await readFile(file, "utf8");
      read = { size, mtimeNs };
    } catch {
      return; // Not there yet, or not for us: what this server knows remains.
    }
    separator = text === "" || text.endsWith("\n") ? "" : "\n";
    for (const line of text.split("\n")) if (/^[\da-f]{64}$/u.test(line)) known.add(line);
  };

  const touch = (signature: string): void => {
    known.delete(signature);
    known.add(signature);
  };

  return {
    key: () => (key ??= userKey(join(folder, "notebook-key"))),
    async has(signature) {
      await refresh();
      if (!known.has(signature)) return false;
      touch(signature);
      return true;
    },
    async add(signature) {
      await refresh();
      const isNew = !known.has(signature);
      touch(signature);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        if (isNew) await appendFile(file, `${separator}${signature}\n`, { mode: 0o600 });
        separator = "";
        if (known.size < 2 * capacity) return;
        for (const old of Array.from(known).slice(0, -capacity)) known.delete(old);
        await writeFileAtomic(file, `${Array.from(known).join("\n")}\n`);
      } catch {
        // A notebook is saved even where its signature is not; it will ask for trust again.
      }
    },
  };
}

/** A key that only the user can read, made where there is none: the same for all who ask at the same time. */
async function userKey(file: string): Promise<Buffer> {
  const fresh = randomBytes(32);
  const temporary = temporaryBeside(file);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(temporary, fresh, { mode: 0o600, flag: "wx" });
    await link(temporary, file).catch((cause: unknown) => {
      if (errorCode(cause) !== "EEXIST") throw cause;
    });
    const key = await readFile(file);
    // With an empty key anyone could sign.
    if (key.length < fresh.length) await rename(temporary, file);
    await chmod(file, 0o600);
    return key.length < fresh.length ? fresh : key;
  } catch {
    return fresh;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
