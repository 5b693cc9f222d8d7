import { readFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { CrateDataset } from "./crate.ts";

interface Resource {
  readonly name: string;
  readonly path: string;
  readonly title: string;
  readonly hash: string;
  readonly bytes: number;
  readonly mediatype: string;
  readonly licenses: readonly { readonly name: string }[];
  readonly sources: readonly { readonly title: string; readonly path?: string }[];
}

async function resources(file: string): Promise<readonly Resource[]> {
  return (JSON.parse(await readFile(file, "utf8")) as { readonly resources?: readonly Resource[] }).resources ?? [];
}

/** What veelab's catalogue says of the datasets at these places of its package. */
export async function datasetsOf(veelab: string, places: readonly string[]): Promise<readonly CrateDataset[]> {
  const all = await resources(join(veelab, "datasets", "datapackage.json"));
  return all
    .map((resource) => ({ ...resource, path: `datasets/${resource.path}` }))
    .filter(({ path }) => places.includes(path))
    .map(({ name, title, path, hash, bytes, mediatype, licenses, sources }) => ({
      ...{ name, title, path, bytes, mediatype, sources },
      sha256: hash.replace(/^sha256:/u, ""),
      licenses: licenses.map((license) => license.name),
    }));
}

/** The licences that catalogues among some files (`datapackage.json`) give to others, by path. */
export async function licensesOf(root: string, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const file of files.filter((each) => posix.basename(each) === "datapackage.json"))
    for (const { path, licenses } of await resources(join(root, file)).catch(() => [])) {
      const [license] = licenses;
      if (license !== undefined) found.set(posix.join(posix.dirname(file), path), license.name);
    }
  return found;
}

/** The folder whose node_modules veelab's dependencies are in: its own in a clone, else the one that it is in itself. */
export async function dependenciesFolder(veelab: string): Promise<string> {
  for (let folder = veelab; dirname(folder) !== folder; folder = dirname(folder)) {
    const there = await readFile(join(folder, "node_modules", "apache-arrow", "package.json")).catch(() => undefined);
    if (there !== undefined) return folder;
  }
  return veelab;
}
