import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../run/input-error.ts";

/** A package of npm's lock file. */
interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

type Packages = Readonly<Record<string, LockedPackage>>;

/** The two files that pin what a bundle installs. */
export interface Pinned {
  readonly manifest: string;
  readonly lock: string;
}

/** What the files say. */
export interface PinnedOptions {
  readonly name: string;
  /** `module` or `commonjs`: of the folder that the notebooks come from. */
  readonly type: string | undefined;
  /** Veelab's packed package, relative to the bundle. */
  readonly tarball: { readonly path: string; readonly bytes: Uint8Array };
  /** Veelab's own description. */
  readonly veelab: LockedPackage & { readonly name: string; readonly overrides?: Readonly<Record<string, string>> };
  /** Other packages that the notebooks import. */
  readonly imported: readonly string[];
  /** The folder whose node_modules they and veelab's dependencies are in. */
  readonly folder: string;
}

/**
 * The package.json and package-lock.json of a bundle: veelab from its tarball, and each package at the version that is installed here, with its hash, for
 * every platform that the lock file knows.
 *
 * @throws InputError where a package is not in the lock file
 */
export async function pin(options: PinnedOptions): Promise<Pinned> {
  const { name, type, tarball, veelab, imported, folder } = options;
  const installed = await lockedPackages(folder);
  const version = (each: string): string => {
    const found = installed[`node_modules/${each}`]?.version;
    if (found === undefined)
      throw new InputError(
        `${each}: expected a package installed beside veelab's (in ${folder}), got none of that name`,
      );
    return found;
  };
  const file = `file:${tarball.path}`;
  const dependencies = Object.fromEntries([
    ...imported.map((each) => [each, version(each)] as const),
    ["veelab", file] as const,
  ]);
  // npm obeys the overrides of the root alone.
  const overrides = Object.fromEntries(
    Object.entries(veelab.overrides ?? {}).map(([each, wanted]) => [
      each,
      wanted.startsWith("$") ? version(each) : wanted,
    ]),
  );
  const manifest = {
    ...{ name, version: "1.0.0", private: true },
    ...(type === undefined ? {} : { type }),
    ...{ dependencies, overrides },
  };
  const own: LockedPackage = {
    version: veelab.version!,
    resolved: file,
    integrity: `sha512-${createHash("sha512").update(tarball.bytes).digest("base64")}`,
    ...pick(veelab, ["license", "dependencies", "bin", "engines", "peerDependencies", "peerDependenciesMeta"]),
  };
  const packages = closure({ ...installed, "node_modules/veelab": own }, ["veelab", ...imported]);
  const root = { ...{ name, version: "1.0.0" }, dependencies };
  const lock = { name, version: "1.0.0", lockfileVersion: 3, requires: true, packages: { "": root, ...packages } };
  return { manifest: json(manifest), lock: json(lock) };
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const pick = (from: LockedPackage, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.filter((field) => from[field] !== undefined).map((field) => [field, from[field]]));

/** The lock file of a folder, which knows every platform; or what npm noted of the installation. */
async function lockedPackages(folder: string): Promise<Packages> {
  for (const path of ["package-lock.json", "node_modules/.package-lock.json"]) {
    const text = await readFile(join(folder, path), "utf8").catch(() => undefined);
    if (text !== undefined) return (JSON.parse(text) as { packages: Packages }).packages;
  }
  throw new InputError(`${folder}: expected a package-lock.json, from which a bundle's versions are, got none`);
}

/** What packages need, at every depth, by Node's rule: the nearest node_modules above. */
function closure(installed: Packages, names: readonly string[]): Packages {
  const needed = new Map<string, LockedPackage>();
  const visit = (path: string): void => {
    const found = installed[path]!;
    if (needed.has(path)) return;
    if (path !== "node_modules/veelab" && (found.link === true || found.resolved?.startsWith("file:") === true))
      throw new InputError(
        `${path}: expected a package that is to be had elsewhere, too, got one of this machine's files`,
      );
    // Whether veelab's own development needed it, too, says nothing here.
    const { dev: _dev, devOptional, resolved, ...kept } = found;
    // A registry's address is this machine's (a mirror, a private one): npm asks its own, and the hash says whether it is the same package.
    const isPinned = resolved?.startsWith("http") === true && found.integrity !== undefined;
    // By git's own protocol a user's name alone is no secret.
    if (!isPinned && /https?:\/\/[^/]*@|:\/\/[^/@]*:[^/@]*@/u.test(resolved ?? ""))
      throw new InputError(`${path}: expected an address without a password, which whoever has the bundle would read`);
    needed.set(path, {
      ...kept,
      ...(resolved === undefined || isPinned ? {} : { resolved }),
      ...(devOptional === true ? { optional: true } : {}),
    });
    const optional = { ...found.optionalDependencies, ...found.peerDependencies };
    for (const name of Object.keys({ ...found.dependencies, ...optional })) {
      const at = resolveFrom(installed, path, name);
      if (at !== undefined) visit(at);
      else if (!Object.hasOwn(optional, name))
        throw new InputError(`${path}: expected its package ${name} in the lock file, got none`);
    }
  };
  for (const name of names) visit(`node_modules/${name}`);
  return Object.fromEntries([...needed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function resolveFrom(installed: Packages, path: string, name: string): string | undefined {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const candidate = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (Object.hasOwn(installed, candidate)) return candidate;
    if (at === "") return undefined;
  }
}
