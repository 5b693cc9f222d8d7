import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CatalogueEntry, DataPackage } from "../catalogue-type.ts";
import { writeAtomically } from "../write/atomic.ts";

/** An entry before its file is measured. */
export type Unmeasured = Omit<CatalogueEntry, "hash" | "bytes">;

const empty: DataPackage = {
  $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
  name: "veelab",
  title: "Datasets of veelab",
  description:
    'Published numbers of the papers of VEE 2011 and traces captured from real programs, as Arrow. Open one by its name: open("published/selective-paging-table-1").',
  resources: [],
};

/** Puts entries in the catalogue in place of those of the same name; the files' hashes and sizes are taken from the disk. */
export async function updateCatalogue(folder: string, entries: readonly Unmeasured[]): Promise<void> {
  const path = join(folder, "datapackage.json");
  const old = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as DataPackage) : empty;
  const measured = await Promise.all(
    entries.map(async (entry): Promise<CatalogueEntry> => {
      const bytes = await readFile(join(folder, entry.path));
      const { schema, ...rest } = entry;
      return {
        ...rest,
        hash: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
        bytes: bytes.length,
        schema,
      };
    }),
  );
  const names = new Set(entries.map(({ name }) => name));
  const resources = [...old.resources.filter(({ name }) => !names.has(name)), ...measured].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const text = `${JSON.stringify({ ...empty, resources }, undefined, 2)}\n`;
  await writeAtomically(path, (handle) => handle.writeFile(text));
}
