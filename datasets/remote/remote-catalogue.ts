import { createHash } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { checkedEntries } from "../catalogue-check.ts";
import type { CatalogueEntry } from "../catalogue-type.ts";
import { TraceFormatError } from "../errors.ts";
import { writeAtomically } from "../write/atomic.ts";
import { fetchBelow } from "./location.ts";

const asked = new Map<string, Promise<readonly CatalogueEntry[]>>();

/** The entries of the catalogue at an address. Asked for once a process. */
export function remoteEntries(address: string, catalogueFile: string): Promise<readonly CatalogueEntry[]> {
  let entries = asked.get(address);
  if (entries === undefined) {
    entries = readEntries(address, catalogueFile);
    asked.set(address, entries);
    // Another call may have better luck.
    entries.catch(() => asked.delete(address));
  }
  return entries;
}

async function readEntries(address: string, catalogueFile: string): Promise<readonly CatalogueEntry[]> {
  const file = `${address.replace(/\/$/, "")}/${catalogueFile}`;
  const text = await (await fetchBelow(address, catalogueFile)).text();
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new TraceFormatError({ file }, "expected a data package, got no JSON", { cause: error });
  }
  return checkedEntries(file, (read as { resources?: unknown } | null)?.resources);
}

/** Where files of addresses are kept, each under its hash: what is there needs not be asked for again. */
export const entryCache = (): string => cacheFolder("datasets");

/**
 * Brings an entry's file from an address into the cache, once, and gives its entry there. Linear in the file the first time.
 *
 * @throws TraceFormatError when the file that comes has not the catalogue's SHA-256: it is not kept
 */
export async function cachedEntry(address: string, entry: CatalogueEntry): Promise<CatalogueEntry> {
  const name = entry.hash.replace(":", "-");
  const path = join(entryCache(), name);
  if ((await stat(path).catch(() => undefined))?.size !== entry.bytes) {
    const { body } = await fetchBelow(address, entry.path);
    await mkdir(entryCache(), { recursive: true });
    await writeAtomically(path, async (handle) => {
      const hash = createHash("sha256");
      for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      const got = `sha256:${hash.digest("hex")}`;
      if (got !== entry.hash)
        throw new TraceFormatError(
          { file: `${address.replace(/\/$/, "")}/${entry.path}` },
          `expected the catalogue's ${entry.hash}, got ${got}`,
        );
    });
  }
  return { ...entry, path: name };
}
