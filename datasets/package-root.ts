import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the installed package, found from this module whether it runs compiled in `dist` or from its source:
 * the data are shipped once, beside the sources.
 */
export const packageRoot = (): string => (root ??= findRoot());

let root: string | undefined;

function findRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { name?: unknown }).name === "veelab")
      return folder;
    if (dirname(folder) === folder) throw new Error("veelab: the package's own package.json is missing");
  }
}
