import { dirname, join } from "node:path";
import ts from "typescript";
import { globalsPath, providedTypes } from "./provided-types.ts";
import { isSettled, resolved, TypeResolution } from "./type-resolution.ts";

interface Text {
  readonly text: string;
  readonly version: string;
  readonly snapshot: ts.IScriptSnapshot;
}

/** The files of the program: those in memory (cells and what the kernel provides) before those on disk. */
export class TypeHost implements ts.LanguageServiceHost {
  readonly #options: ts.CompilerOptions;
  readonly #directory: string;
  readonly #roots: readonly string[];
  readonly #texts: Map<string, Text> = new Map<string, Text>();
  /** Files that stay as they are. */
  readonly #settled: Map<string, ts.IScriptSnapshot> = new Map<string, ts.IScriptSnapshot>();
  readonly #resolution: TypeResolution;
  readonly #cancelled: () => boolean;
  #version = 0;

  /**
   * @param roots - the files in memory from which everything else is reached; always the same, because a program whose roots
   *   change is built anew
   * @param cancelled - whether what is computed just now is no longer wanted
   */
  constructor(options: ts.CompilerOptions, directory: string, roots: readonly string[], cancelled: () => boolean) {
    this.#options = options;
    this.#directory = directory;
    this.#roots = [globalsPath, ...roots];
    this.#cancelled = cancelled;
    this.#resolution = new TypeResolution(this, options, directory);
    for (const [path, text] of providedTypes) this.write(path, text);
  }

  /** Sets the text of a file in memory. */
  write(path: string, text: string): void {
    if (this.#texts.get(path)?.text === text) return;
    this.#version += 1;
    this.#texts.set(path, { text, version: String(this.#version), snapshot: ts.ScriptSnapshot.fromString(text) });
  }

  remove(path: string): void {
    this.#texts.delete(path);
  }

  getCompilationSettings(): ts.CompilerOptions {
    return this.#options;
  }

  getScriptFileNames(): string[] {
    return [...this.#roots];
  }

  getScriptVersion(path: string): string {
    const text = this.#texts.get(path);
    if (text !== undefined) return text.version;
    if (this.#settled.has(path) || isSettled(path)) return "1";
    const time = ts.sys.getModifiedTime?.(path)?.getTime() ?? 0;
    return `${time} ${ts.sys.getFileSize?.(path) ?? 0}`;
  }

  getScriptSnapshot(path: string): ts.IScriptSnapshot | undefined {
    const known = this.#texts.get(path)?.snapshot ?? this.#settled.get(path);
    if (known !== undefined) return known;
    const text = ts.sys.readFile(path);
    if (text === undefined) return undefined;
    const snapshot = ts.ScriptSnapshot.fromString(text);
    if (isSettled(path)) this.#settled.set(path, snapshot);
    return snapshot;
  }

  getCurrentDirectory(): string {
    return this.#directory;
  }

  getDefaultLibFileName(options: ts.CompilerOptions): string {
    return ts.getDefaultLibFilePath(options);
  }

  getCancellationToken(): ts.HostCancellationToken {
    return { isCancellationRequested: this.#cancelled };
  }

  fileExists(path: string): boolean {
    return this.#texts.has(path) || ts.sys.fileExists(path);
  }

  readFile(path: string): string | undefined {
    return this.#texts.get(path)?.text ?? ts.sys.readFile(path);
  }

  directoryExists(path: string): boolean {
    return ts.sys.directoryExists(path);
  }

  getDirectories(path: string): string[] {
    return ts.sys.getDirectories(path);
  }

  readDirectory(...parameters: Parameters<NonNullable<ts.LanguageServiceHost["readDirectory"]>>): string[] {
    return ts.sys.readDirectory(...parameters);
  }

  realpath(path: string): string {
    return this.#texts.has(path) ? path : (ts.sys.realpath?.(path) ?? path);
  }

  useCaseSensitiveFileNames(): boolean {
    return ts.sys.useCaseSensitiveFileNames;
  }

  /** Also of what TypeScript asks of each package.json; it is not in the declarations of the API. */
  getModuleResolutionCache(): ts.ModuleResolutionCache {
    return this.#resolution.packages;
  }

  resolveModuleNameLiterals(
    literals: readonly ts.StringLiteralLike[],
    importer: string,
    _redirect: ts.ResolvedProjectReference | undefined,
    options: ts.CompilerOptions,
    file: ts.SourceFile,
  ): ts.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map((literal) => {
      const inMemory = literal.text.startsWith("./") ? join(dirname(importer), moduleText(literal.text)) : "";
      if (this.#texts.has(inMemory)) return { resolvedModule: resolved(inMemory) };
      const mode = ts.getModeForUsageLocation(file, literal, options);
      return { resolvedModule: this.#resolution.module(literal.text, importer, mode) };
    });
  }

  resolveTypeReferenceDirectiveReferences(
    references: readonly (ts.FileReference | string)[],
    importer: string,
  ): ts.ResolvedTypeReferenceDirectiveWithFailedLookupLocations[] {
    return references.map((reference) =>
      this.#resolution.types(typeof reference === "string" ? reference : reference.fileName, importer),
    );
  }
}

/** A cell's file; in the declarations of a cell, others are named as modules of JavaScript. */
const moduleText = (specifier: string): string => specifier.replace(/\.mjs$/, ".mts");

/**
 * A registry of parsed files. A local file without a package.json above it is a CommonJS module to TypeScript, but the kernel runs it as
 * an ES module unless it speaks CommonJS: so it is marked here.
 */
export function documentRegistry(): ts.DocumentRegistry {
  const registry = ts.createDocumentRegistry();
  return {
    ...registry,
    acquireDocumentWithKey: (name, path, host, key, snapshot, version, kind, options) =>
      registry.acquireDocumentWithKey(name, path, host, key, snapshot, version, kind, marked(name, snapshot, options)),
    updateDocumentWithKey: (name, path, host, key, snapshot, version, kind, options) =>
      registry.updateDocumentWithKey(name, path, host, key, snapshot, version, kind, marked(name, snapshot, options)),
  };
}

type FileOptions = ts.CreateSourceFileOptions | ts.ScriptTarget | undefined;

function marked(path: string, snapshot: ts.IScriptSnapshot, options: FileOptions): FileOptions {
  if (isSettled(path) || typeof options !== "object" || !/\.[jt]s$/.test(path)) return options;
  const text = snapshot.getText(0, snapshot.getLength());
  const module =
    /^\s*(?:import|export)\b/m.test(text) ||
    (path.endsWith(".ts") && !/\b(?:module\.exports|exports\.\w|require\s*\()/.test(text));
  return module ? { ...options, impliedNodeFormat: ts.ModuleKind.ESNext } : options;
}
