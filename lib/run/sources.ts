import { createHash, type Hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";
import { isLocal, resolveFrom } from "./import-from.ts";
import { importsIn } from "./imports.ts";

/** What is known of imports before they are made. */
export interface ReadImports {
  readonly hash: string;
  /** Where the local files compute which module they import. */
  readonly computed: readonly string[];
}

/**
 * Reads what functions import: of local files their text and that of all local files that they import, of packages name and version, for a hash.
 * veelab itself is in the version of its code. What cannot be found counts by its name; it fails when it is imported. Linear in the texts.
 */
export function readImports(directory: string, specifiers: Iterable<string>): ReadImports {
  const reading: Reading = { hash: createHash("sha256"), seen: new Set(), computed: [] };
  for (const specifier of [...specifiers].sort()) addImport(reading, directory, specifier);
  return { hash: reading.hash.digest("hex"), computed: reading.computed };
}

interface Reading {
  readonly hash: Hash;
  readonly seen: Set<string>;
  readonly computed: string[];
}

function addImport(reading: Reading, directory: string, specifier: string): void {
  if (specifier.startsWith("node:") || /^veelab(?:\/|$)/.test(specifier)) return;
  const { hash, seen } = reading;
  hash.update(`\n${specifier}\n`);
  for (const path of pathsOf(directory, specifier)) {
    if (seen.has(path)) continue;
    seen.add(path);
    if (isLocal(specifier) || specifier.startsWith("file:")) addFile(reading, path);
    else hash.update(packageOf(path));
  }
}

function addFile(reading: Reading, path: string): void {
  const bytes = readFileSync(path);
  reading.hash.update(bytes);
  if (!/\.[cm]?[jt]s$/.test(path)) return;
  const text = bytes.toString();
  const { specifiers, computed } = importsIn(parseSync(path, text).program);
  for (const { start, end } of computed) reading.computed.push(`${text.slice(start, end)} in ${path}`);
  for (const specifier of specifiers) addImport(reading, dirname(path), specifier);
}

/** The files that `import` and `require` find, which may be two. */
function pathsOf(directory: string, specifier: string): string[] {
  const found = [
    () => fileURLToPath(resolveFrom(directory, specifier)),
    () => createRequire(join(directory, "run.js")).resolve(specifier),
  ].flatMap((resolve) => {
    try {
      return [resolve()];
    } catch {
      return [];
    }
  });
  return [...new Set(found)].filter((path) => isAbsolute(path) && existsSync(path));
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
