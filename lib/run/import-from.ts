import { statSync } from "node:fs";
import { createRequire, register } from "node:module";
import { isAbsolute, join, resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import { resolve as resolveSpecifier } from "import-meta-resolve";

/** What a function that was sent imports with. */
export interface SentImports {
  /** `import(specifier, { with })`. */
  readonly load: (specifier: unknown, options?: ImportCallOptions) => Promise<unknown>;
  /** `import.meta`. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** What a cell of a notebook has become after its compilation. */
  readonly cell: Readonly<Record<string, unknown>>;
  readonly require: NodeJS.Require;
}

/** Imports as a module in this folder has them; veelab and the libraries that it brings are there from any folder. */
export function importerFrom(directory: string): SentImports {
  const resolve = (specifier: string): string => resolveFrom(directory, specifier);
  const load = async (specifier: unknown, options?: ImportCallOptions): Promise<unknown> => {
    const url = resolve(String(specifier));
    if (/\.[cm]?ts$/.test(url)) loadTypeScript();
    return import(/* @vite-ignore */ url, options);
  };
  const meta = { url: pathToFileURL(join(directory, "/")).href, dirname: directory, resolve };
  const constant = (): never => {
    throw new TypeError("Assignment to constant variable.");
  };
  return { load, meta, cell: { import: load, meta, constant }, require: createRequire(join(directory, "run.js")) };
}

/** The URL of a module that a function in a folder imports. */
export function resolveFrom(directory: string, specifier: string): string {
  if (isLocal(specifier)) return pathToFileURL(sourceOf(resolvePath(directory, specifier))).href;
  try {
    return resolveSpecifier(specifier, pathToFileURL(join(directory, "run.js")).href);
  } catch (error) {
    if (!OWN.test(specifier)) throw error;
    return resolveSpecifier(specifier, import.meta.url);
  }
}

/** The file of a local module, by TypeScript's rules: `./model` and `./model.js` may be `model.ts`. */
function sourceOf(path: string): string {
  const candidates = [path.replace(/\.([cm]?)js$/, ".$1ts"), path, `${path}.ts`, `${path}.js`];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile()) ?? path;
}

let isTypeScriptLoaded = false;

function loadTypeScript(): void {
  if (!isTypeScriptLoaded) register("./typescript-hooks.js", import.meta.url);
  isTypeScriptLoaded = true;
}

// As in a notebook's cells.
const OWN = /^(?:veelab|apache-arrow|arquero|simple-statistics|vega|vega-lite)(?:\/|$)/;

/** Whether a specifier names a file, not a package. */
export const isLocal = (specifier: string): boolean =>
  /^\.{0,2}[\\/]|^\.{1,2}$/.test(specifier) || isAbsolute(specifier);
