import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, resolve as resolvePath } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { resolve as resolveSpecifier } from "import-meta-resolve";

/** A module that is not there, or a name that it does not export. The message is one sentence. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly code: "ERR_MODULE_NOT_FOUND" | "ERR_EXPORT_NOT_FOUND";

  constructor(message: string, code: ImportError["code"], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** The same, with the place of the import. */
  from(place: string): ImportError {
    return new ImportError(`${this.message} (imported at ${place})`, this.code, { cause: this.cause });
  }
}

/** Whether a specifier names a file rather than a package. */
export function isLocal(specifier: string): boolean {
  return /^\.{0,2}[\\/]|^\.{1,2}$|^file:/.test(specifier) || isAbsolute(specifier);
}

const extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"];

/** Whether there is a file on the disk. */
export const isFileOnDisk = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** JavaScript's names for what TypeScript's compiler would make of a source file. */
const sourceOf: Readonly<Record<string, string>> = { ".js": ".ts", ".mjs": ".mts", ".cjs": ".cts" };

/**
 * The path of a local module. As in TypeScript, `./x.js` means `x.ts` when there is one, and `./x` any of the known
 * extensions, or the folder's `index`.
 *
 * @param importer - the path of the file that imports it
 * @param isFile - whether there is a file; on the disk, unless told otherwise
 * @throws ImportError which says what was looked for
 */
export function resolveLocal(
  specifier: string,
  importer: string,
  isFile: (path: string) => boolean = isFileOnDisk,
): string {
  const path = specifier.startsWith("file:")
    ? fileURLToPath(specifier.replace(/[?#].*$/, ""))
    : resolvePath(dirname(importer), specifier);
  const [javascript] = /\.[cm]?js$/.exec(path) ?? [];
  const candidates = [
    ...(javascript === undefined ? [] : [path.slice(0, -javascript.length) + sourceOf[javascript]!]),
    path,
    ...extensions.map((extension) => path + extension),
    ...extensions.map((extension) => resolvePath(path, `index${extension}`)),
  ];
  const found = candidates.find(isFile);
  if (found !== undefined) return found;
  const others = javascript === undefined ? ", also with the extensions .ts, .js and .json, and as a folder" : "";
  throw new ImportError(`Cannot find the module "${specifier}": looked for ${path}${others}`, "ERR_MODULE_NOT_FOUND");
}

/**
 * The URL of a package's module, or of a Node built-in, by Node's rules for `import`; packages that only allow `require` are
 * found too.
 *
 * @param importer - the path of the file that imports it
 * @throws ImportError which says where was looked
 */
export function resolvePackage(specifier: string, importer: string): string {
  try {
    return resolveSpecifier(specifier, pathToFileURL(importer).href);
  } catch (error) {
    const own = ownPackage(specifier) ?? requireOnly(specifier, importer, error);
    if (own !== undefined) return own;
    throw notFound(specifier, importer, error);
  }
}

/** As {@link resolvePackage}, for a module that is about to be imported: its file must be there. */
export function locatePackage(specifier: string, importer: string): string {
  const url = resolvePackage(specifier, importer);
  if (url.startsWith("file:") && !existsSync(fileURLToPath(url))) {
    const message = `Cannot find the module "${specifier}": its package has no file ${fileURLToPath(url)}`;
    throw new ImportError(message, "ERR_MODULE_NOT_FOUND");
  }
  return url;
}

/**
 * Whether a specifier is of the kernel's own package, of what transpiled cells call, or of the libraries that its
 * notebooks are written with: these are there in any folder, without an installation.
 */
export function isOwnPackage(specifier: string): boolean {
  return /^(?:veelab|@oxc-project\/runtime|apache-arrow|arquero|simple-statistics|vega|vega-lite)(?:\/|$)/.test(
    specifier,
  );
}

function ownPackage(specifier: string): string | undefined {
  if (!isOwnPackage(specifier)) return undefined;
  try {
    return resolveSpecifier(specifier, import.meta.url);
  } catch {
    return undefined;
  }
}

function requireOnly(specifier: string, importer: string, error: unknown): string | undefined {
  if (codeOf(error) !== "ERR_PACKAGE_PATH_NOT_EXPORTED") return undefined;
  try {
    return pathToFileURL(createRequire(importer).resolve(specifier)).href;
  } catch {
    return undefined;
  }
}

function notFound(specifier: string, importer: string, cause: unknown): Error {
  const folder = dirname(importer);
  switch (codeOf(cause)) {
    case "ERR_MODULE_NOT_FOUND": {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
      const message = `Cannot find the package "${name}": looked in the node_modules folders of ${folder} and above; "npm install ${name}" there would add it`;
      return new ImportError(message, "ERR_MODULE_NOT_FOUND");
    }
    case "ERR_PACKAGE_PATH_NOT_EXPORTED":
      return new ImportError(
        `Cannot import "${specifier}": its package does not export it (looked from ${folder})`,
        "ERR_MODULE_NOT_FOUND",
      );
    default:
      return cause instanceof Error ? cause : new Error(String(cause));
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
