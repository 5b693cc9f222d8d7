import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of this package: the nearest one above this file that has a package.json, built or not. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("veelab is not in its package: no package.json above it");
    folder = parent;
  }
  return folder;
}

/** This package's version. */
export function packageVersion(): string {
  const description = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as unknown;
  return (description as { readonly version: string }).version;
}
