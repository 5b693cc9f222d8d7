import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { checkedEntries } from "./catalogue-check.ts";
import type { CatalogueEntry, DataPackage } from "./catalogue-type.ts";
import { escapeHtml } from "./display.ts";
import { isVeelabError, OptionError, show, TraceFormatError } from "./errors.ts";
import { packageRoot } from "./package-root.ts";
import { datasetLocations, isAddress } from "./remote/location.ts";
import { cachedEntry, entryCache, remoteEntries } from "./remote/remote-catalogue.ts";

/** The catalogue: its entries, shown as a table in a notebook. */
export interface Catalogue {
  /** In the order of their names. */
  readonly entries: readonly CatalogueEntry[];
  /** The entry of a name; OptionError when there is none. */
  get(name: string): CatalogueEntry;
}

const folder = (): string => join(packageRoot(), "datasets");

/** A catalogue's file. */
export const catalogueFile = "datapackage.json";

const loaded = new Map<string, { readonly state: string; readonly catalogue: Promise<Catalogue> }>();

/**
 * The datasets that come with the package: the papers' published numbers and traces of real programs, with their
 * sources, licences and columns; or those of a catalogue of your own, a folder with a `datapackage.json` (`veelab catalog add`
 * makes one).
 *
 * @example
 * ```ts
 * import { catalogue } from "veelab/datasets";
 *
 * const { entries } = await catalogue();
 * for (const { name, title, rows } of entries) console.log(name, title, rows);
 * ```
 */
export async function catalogue(of: string = folder()): Promise<Catalogue> {
  const path = join(of, catalogueFile);
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) throw new OptionError("folder", `a folder with a ${catalogueFile}`, of);
  const state = `${there.mtimeMs} ${there.size} ${there.ino}`;
  const known = loaded.get(path);
  if (known?.state === state) return known.catalogue;
  const read = load(of, path);
  loaded.set(path, { state, catalogue: read });
  return read;
}

/** Reads a catalogue's file; TraceFormatError when it is none, or an entry lacks what each must say. */
export async function readPackage(path: string): Promise<DataPackage> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new TraceFormatError({ file: path }, `expected a data package (${show(error)})`, { cause: error });
  }
  checkedEntries(path, (read as { resources?: unknown } | null)?.resources);
  return read as DataPackage;
}

async function load(of: string, path: string): Promise<Catalogue> {
  const { resources } = await readPackage(path);
  const byName = new Map(resources.map((entry) => [entry.name, entry]));
  for (const entry of resources) folders.set(entry, of);
  return Object.assign(
    {
      entries: resources,
      get(name: string): CatalogueEntry {
        const entry = byName.get(name);
        if (entry === undefined)
          throw new OptionError("name", `a dataset of the catalogue (${[...byName.keys()].join(", ")})`, name);
        return entry;
      },
    },
    { [Symbol.for("Jupyter.display")]: () => shown(resources) },
  );
}

/** The folder of each entry's catalogue. */
const folders = new WeakMap<CatalogueEntry, string>();

function shown(entries: readonly CatalogueEntry[]): Record<string, string> {
  const rows = entries.map(({ name, title, rows, bytes, sources }) => [
    name,
    title,
    rows.toLocaleString("en"),
    bytes.toLocaleString("en"),
    sources.map((source) => source.path ?? source.title).join(" "),
  ]);
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  const names = ["name", "title", "rows", "bytes", "source"];
  return {
    "text/plain": rows.map(([name, title, count]) => `${name!}: ${title!} (${count!} rows)`).join("\n"),
    "text/html": `<table><thead><tr>${cells(names, "th")}</tr></thead><tbody>${rows
      .map((row) => `<tr>${cells(row, "td")}</tr>`)
      .join("")}</tbody></table>`,
  };
}

const folderOf = (entry: CatalogueEntry): string => folders.get(entry) ?? folder();

/** A catalogue entry's file. */
export const pathOf = (entry: CatalogueEntry): string => join(folderOf(entry), ...entry.path.split("/"));

/** Where a file of a folder really is, if links lead out of the folder; undefined where they do not. */
export async function leadsOut(of: string, path: string): Promise<string | undefined> {
  const target = await realpath(path);
  const inside = relative(await realpath(of), target);
  return inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside) ? target : undefined;
}

/** Files that were verified, with what they were then: a changed file is verified again. */
const verified = new Map<string, string>();

/**
 * Checks that an entry's file lies in the catalogue's folder, not behind a link that leaves it, and has the catalogue's bytes and
 * SHA-256; TraceFormatError when not. Linear in the file the first time,
 * then constant until the file's time or size changes.
 */
export async function verifyEntry(entry: CatalogueEntry): Promise<void> {
  const path = pathOf(entry);
  const found = await stat(path).catch((error: unknown) => {
    throw new TraceFormatError({ file: entry.name }, `expected the file ${entry.path} in the package, got none`, {
      cause: error,
    });
  });
  const elsewhere = await leadsOut(folderOf(entry), path);
  if (elsewhere !== undefined)
    throw new TraceFormatError(
      { file: entry.path },
      `expected a file in the catalogue's folder, got a link to ${show(elsewhere)}`,
    );
  const state = `${entry.hash} ${found.mtimeMs} ${found.size} ${found.ino}`;
  if (found.size !== entry.bytes)
    throw new TraceFormatError(
      { file: entry.path },
      `expected ${entry.bytes} bytes by the catalogue, got ${found.size}`,
    );
  if (verified.get(path) === state) return;
  const got = await hashOf(path);
  if (got !== entry.hash)
    throw new TraceFormatError({ file: entry.path }, `expected the catalogue's ${entry.hash}, got ${got}`);
  verified.set(path, state);
}

/** A file's SHA-256 as the catalogue has it. Linear in the file. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest("hex")}`;
}

/** One file's verification. */
export interface Verification {
  /** The entry's name. */
  readonly name: string;
  /** What is wrong, in a sentence; null when nothing is. */
  readonly problem: string | null;
}

/**
 * Verifies every file of the package's catalogue, or of that in a folder, by size and SHA-256; one row for each.
 *
 * @example
 * ```ts
 * import { verifyCatalogue } from "veelab/datasets";
 *
 * const damaged = (await verifyCatalogue()).filter(({ problem }) => problem !== null);
 * console.log(damaged.length); // 0
 * ```
 */
export async function verifyCatalogue(of: string = folder()): Promise<readonly Verification[]> {
  const { entries } = await catalogue(of);
  const results: Verification[] = [];
  for (const entry of entries) {
    try {
      await verifyEntry(entry);
      results.push({ name: entry.name, problem: null });
    } catch (error) {
      if (!isVeelabError(error)) throw error;
      results.push({ name: entry.name, problem: error.message });
    }
  }
  return results;
}

/**
 * The entry of a catalogue name, or of a content (`sha256:` and 64 hexadecimal digits); none for a path. The package's names come first, then
 * those of a catalogue in the working directory, then those of the places in `VEELAB_DATASETS`. A name of the first two wins over a file of that
 * name (`./name` is the file), a file over the others. A `datapackage.json` in the working directory that is no catalogue is an
 * error only for what is neither a name of the package nor a file.
 */
export async function entryOf(source: string): Promise<CatalogueEntry | undefined> {
  const isMeant = ({ name, hash }: CatalogueEntry): boolean => name === source || hash === source;
  const shipped = (await catalogue()).entries.find(isMeant);
  if (shipped !== undefined) return shipped;
  const isFile = async (): Promise<boolean> => (await stat(source).catch(() => undefined)) !== undefined;
  try {
    const own = (await ownCatalogues()).flatMap(({ entries }) => entries).find(isMeant);
    if (own !== undefined) return own;
  } catch (error) {
    if (await isFile()) return undefined;
    throw error;
  }
  const locations = datasetLocations();
  return locations.length === 0 || (await isFile()) ? undefined : entryElsewhere(locations, isMeant);
}

async function entryElsewhere(
  locations: readonly string[],
  isMeant: (entry: CatalogueEntry) => boolean,
): Promise<CatalogueEntry | undefined> {
  for (const location of locations) {
    if (!isAddress(location)) {
      const found = (await catalogue(location)).entries.find(isMeant);
      if (found !== undefined) return found;
      continue;
    }
    const remote = (await remoteEntries(location, catalogueFile)).find(isMeant);
    if (remote === undefined) continue;
    const entry = await cachedEntry(location, remote);
    folders.set(entry, entryCache());
    return entry;
  }
  return undefined;
}

/** The catalogue of the working directory, where there is one. */
async function ownCatalogues(): Promise<readonly Catalogue[]> {
  try {
    return [await catalogue(process.cwd())];
  } catch (error) {
    if (isVeelabError(error) && error.name === "OptionError") return [];
    throw error;
  }
}

/** What to say of a source that is neither a name nor a file. */
export async function unknownSource(source: string): Promise<OptionError> {
  const names = [await catalogue(), ...(await ownCatalogues())].flatMap(({ entries }) =>
    entries.map(({ name }) => name),
  );
  const near = names
    .map((name) => ({ name, shared: sharedStart(name, source) }))
    .filter(({ shared }) => shared >= 3)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, 3)
    .map(({ name }) => show(name));
  const like = near.length > 0 ? ` like ${near.join(", ")}` : "";
  return new OptionError("source", `a file that exists or a name of the catalogue${like}`, source);
}

function sharedStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
