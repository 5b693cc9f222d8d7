import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import process from "node:process";
import { packageRoot } from "../../datasets/package-root.ts";
import { SimulationError } from "../core/errors.ts";

/** What was built when this process began: threads load what is on the disk later. */
interface Loaded {
  readonly version: string;
  /** When a built file was last changed, ms. */
  readonly changedMs: number;
}

const loadedAtMs = Date.now();
let loaded: Loaded | undefined;

/**
 * What tells this code from every other: the package's version, a hash of its built library and of its datasets' catalogue, which has each one's
 * hash, and what of Node may compute other digits: V8 (`Math.sin`), its processor architecture, ICU's data (`Intl`). Two machines with the same one compute
 * the same. Linear in the files' bytes the first time, then in their number.
 *
 * @throws SimulationError when the library was built anew since this process loaded it
 */
export function codeVersion(): string {
  const built = builtRoot();
  const files = filesIn(join(built, "datasets")).concat(filesIn(join(built, "lib")));
  // The time of the last change of any kind: that of the content may be one that an archive had.
  const changedMs = Math.max(...files.map((path) => statSync(path).ctimeMs));
  if (loaded === undefined ? changedMs <= loadedAtMs : changedMs === loaded.changedMs)
    return (loaded ??= { version: versionOf(built, files), changedMs }).version;
  const version = versionOf(built, files);
  if (version !== loaded?.version)
    throw new SimulationError(
      "sweep",
      `expected veelab as this process loaded it${loaded === undefined ? "" : ` (${loaded.version})`}, got one that was built since (${version}): restart the process or the notebook's kernel`,
    );
  loaded = { version, changedMs };
  return version;
}

function versionOf(built: string, files: readonly string[]): string {
  const root = packageRoot();
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  const { v8, icu = "none" } = process.versions;
  const hash = createHash("sha256").update(`${icu}\n`);
  for (const path of files) hash.update(`${relative(built, path).split(sep).join("/")}\n`).update(readFileSync(path));
  const catalogue = join(root, "datasets", "datapackage.json");
  if (existsSync(catalogue)) hash.update(readFileSync(catalogue));
  return `${version}+${hash.digest("hex").slice(0, 16)} (V8 ${v8}, ${process.arch})`;
}

/** The folder with the compiled `lib`, also where this code runs from its source: a thread cannot load TypeScript in Node 20. */
export const builtRoot = (): string => join(packageRoot(), "dist");

/** The built files below a folder, but for benchmarks. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "bench" ? [] : filesIn(path);
    return /\.(?:js|wasm)$/.test(entry.name) ? [path] : [];
  });
}
