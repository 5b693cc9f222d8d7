import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { packageRoot } from "../../datasets/package-root.ts";

let version: string | undefined;

/**
 * What tells this code from every other: the package's version and a hash of its built library and of its datasets' catalogue, which has each one's
 * hash. Two machines with the same one compute the same. Read once a process; linear in the files' bytes.
 */
export function codeVersion(): string {
  return (version ??= readVersion());
}

function readVersion(): string {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  const hash = createHash("sha256");
  const built = builtRoot();
  for (const folder of ["datasets", "lib"]) hashFolder(hash, built, join(built, folder));
  const catalogue = join(root, "datasets", "datapackage.json");
  if (existsSync(catalogue)) hash.update(readFileSync(catalogue));
  return `${version}+${hash.digest("hex").slice(0, 16)}`;
}

/** The folder with the compiled `lib`, also where this code runs from its source: a thread cannot load TypeScript in Node 20. */
export const builtRoot = (): string => join(packageRoot(), "dist");

function hashFolder(hash: ReturnType<typeof createHash>, root: string, folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "bench") hashFolder(hash, root, path);
    else if (/\.(?:js|wasm)$/.test(entry.name))
      hash.update(`${relative(root, path).split(sep).join("/")}\n`).update(readFileSync(path));
  }
}
