import { createHash, type Hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { isLocal, resolveFrom } from "./import-from.ts";

/**
 * A hash of what functions import: of local files their text and that of all local files that they import, of packages name and version.
 * veelab itself is in the version of its code. What cannot be found counts by its name; it fails when it is imported. Linear in the texts.
 */
export function hashOfImports(directory: string, specifiers: Iterable<string>): string {
  const hash = createHash("sha256");
  const seen = new Set<string>();
  for (const specifier of [...specifiers].sort()) addImport(hash, directory, specifier, seen);
  return hash.digest("hex");
}

function addImport(hash: Hash, directory: string, specifier: string, seen: Set<string>): void {
  if (specifier.startsWith("node:") || /^veelab(?:\/|$)/.test(specifier)) return;
  const path = pathOf(directory, specifier);
  hash.update(`\n${specifier}\n`);
  if (path === undefined || seen.has(path)) return;
  seen.add(path);
  if (!isLocal(specifier) && !specifier.startsWith("file:")) {
    hash.update(packageOf(path));
    return;
  }
  const text = readFileSync(path, "utf8");
  hash.update(text);
  for (const inner of importsOf(path, text)) addImport(hash, dirname(path), inner, seen);
}

function pathOf(directory: string, specifier: string): string | undefined {
  try {
    const url = resolveFrom(directory, specifier);
    const path = url.startsWith("file:") ? fileURLToPath(url) : undefined;
    return path !== undefined && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function importsOf(path: string, text: string): string[] {
  if (!/\.[cm]?[jt]s$/.test(path)) return [];
  const { module } = parseSync(path, text);
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1));
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  );
  return [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic];
}

/** The name and version of the package that a file is of. */
function packageOf(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    const { name, version } = existsSync(manifest)
      ? (JSON.parse(readFileSync(manifest, "utf8")) as { readonly name?: string; readonly version?: string })
      : {};
    if (name !== undefined && version !== undefined) return `${name}@${version}`;
    if (dirname(folder) === folder) return path;
  }
}
