import { builtinModules } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../package-root.ts";
import { isLocal, isOwnPackage, resolveLocal } from "../resolve.ts";
import { tslabPath } from "./provided-types.ts";

const builtins = new Set(builtinModules);
/** A file of this package, from whose place its own packages are found. */
const ownFile = join(packageRoot(), "kernel.mts");
const ownBuild = join(packageRoot(), "dist") + sep;

/** Whether a file stays as it is while the kernel runs: packages, TypeScript's libraries, our own declarations. */
export function isSettled(path: string): boolean {
  return path.includes("/node_modules/") || path.startsWith(ownBuild);
}

/** Finds modules for the type checker where the kernel finds them when a cell runs. */
export class TypeResolution {
  /** What was found for the files of packages. */
  readonly packages: ts.ModuleResolutionCache;
  readonly #host: ts.ModuleResolutionHost;
  readonly #options: ts.CompilerOptions;
  readonly #directory: string;
  /** What was found stays found; what was not may be installed or written meanwhile. */
  readonly #found: Map<string, ts.ResolvedModuleFull> = new Map<string, ts.ResolvedModuleFull>();
  readonly #types: Map<string, ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations> = new Map<
    string,
    ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations
  >();

  constructor(host: ts.ModuleResolutionHost, options: ts.CompilerOptions, directory: string) {
    this.#host = host;
    this.#options = options;
    this.#directory = directory;
    this.packages = ts.createModuleResolutionCache(directory, (name) => name, options);
  }

  /** The file of a module. */
  module(specifier: string, importer: string, mode: ts.ResolutionMode): ts.ResolvedModuleFull | undefined {
    if (specifier.startsWith("node:") || builtins.has(specifier)) return undefined; // @types/node declares them
    if (isSettled(importer)) return this.#typescript(specifier, importer, mode, this.packages);
    if (specifier === "tslab") return resolved(tslabPath);
    const local = isLocal(specifier);
    const key = local ? undefined : `${dirname(importer)}\n${specifier}\n${mode ?? ""}`;
    const known = key === undefined ? undefined : this.#found.get(key);
    if (known !== undefined) return known;
    const found = local ? this.#local(specifier, importer) : this.#package(specifier, importer);
    if (key !== undefined && found !== undefined) this.#found.set(key, found);
    return found;
  }

  /** The file of `/// <reference types="…" />`, and of the types that are there without an import. */
  types(name: string, importer: string): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations {
    // Node's types once, whoever asks for them: the notebook's own or else ours.
    const from = name === "node" ? join(this.#directory, "cell.mts") : importer;
    const key = `${dirname(from)}\n${name}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const options = { ...this.#options, typeRoots: undefined as unknown as string[] };
    let found = ts.resolveTypeReferenceDirective(name, from, options, this.#host);
    if (found.resolvedTypeReferenceDirective?.resolvedFileName === undefined)
      found = ts.resolveTypeReferenceDirective(name, ownFile, options, this.#host);
    this.#types.set(key, found);
    return found;
  }

  #typescript(
    specifier: string,
    importer: string,
    mode: ts.ResolutionMode,
    cache?: ts.ModuleResolutionCache,
  ): ts.ResolvedModuleFull | undefined {
    return ts.resolveModuleName(specifier, importer, this.#options, this.#host, cache, undefined, mode).resolvedModule;
  }

  /** A local file as the kernel finds it, and its declarations where it has some beside it. */
  #local(specifier: string, importer: string): ts.ResolvedModuleFull | undefined {
    const found = this.#typescript(specifier, importer, ts.ModuleKind.ESNext);
    if (found !== undefined) return found;
    try {
      const path = resolveLocal(specifier, importer, (candidate) => this.#host.fileExists(candidate));
      return this.#typescript(path, importer, ts.ModuleKind.ESNext) ?? resolved(path);
    } catch {
      return undefined;
    }
  }

  #package(specifier: string, importer: string): ts.ResolvedModuleFull | undefined {
    // Also what can only be required, as the kernel does.
    const found =
      this.#typescript(specifier, importer, ts.ModuleKind.ESNext) ??
      this.#typescript(specifier, importer, ts.ModuleKind.CommonJS);
    if (found !== undefined || !isOwnPackage(specifier)) return found;
    return this.#typescript(specifier, ownFile, ts.ModuleKind.ESNext);
  }
}

/** A file that is where it is said to be. */
export function resolved(path: string): ts.ResolvedModuleFull {
  const declaration = /\.d\.[cm]?ts$/.exec(path)?.[0];
  return {
    resolvedFileName: path,
    extension: declaration ?? extname(path),
    isExternalLibraryImport: false,
  };
}
