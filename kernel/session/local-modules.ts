import { readFileSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { CommonJsModules } from "./commonjs.ts";
import { readLocalSource, type LocalSource } from "./local-source.ts";
import type { SourceIndex } from "./mapped-source.ts";
import { exportNamed, exportNames, type ModuleNamespace } from "./namespace.ts";
import { ImportError, isFileOnDisk, isLocal, resolveLocal, resolvePackage } from "./resolve.ts";

/** What {@link LocalModules} needs. */
export interface LocalModulesOptions {
  /** The notebook's folder: files are named relative to it. */
  readonly directory: string;
  readonly sources: SourceIndex;
  /** Modules that come before all others. */
  readonly provided: Readonly<Record<string, object>>;
  /** Imports what is not a local file; `importer` is the path of the file that asks. */
  readonly importPackage: (specifier: string, importer: string) => Promise<ModuleNamespace>;
}

/** A file as it is now, with the local files that it imports. */
interface Scanned {
  readonly source: LocalSource;
  readonly paths: readonly string[];
}

/** A version of a file that was loaded. */
interface Loaded {
  readonly source: LocalSource;
  readonly module: vm.Module;
}

/**
 * The local modules of a session. Each import looks at the files again: those that differ from what was loaded, and all that
 * import one of them, are loaded anew; the others keep their identity. Reading is linear in the files' sizes.
 */
export class LocalModules {
  readonly commonjs: CommonJsModules;
  readonly #options: LocalModulesOptions;
  readonly #loaded: Map<string, Loaded> = new Map<string, Loaded>();
  readonly #paths: WeakMap<vm.Module, string> = new WeakMap<vm.Module, string>();
  /** Texts of modules that are cells, by the paths that files of them would have. */
  readonly #written: Map<string, string> = new Map<string, string>();
  #linking: Promise<unknown> = Promise.resolve();

  constructor(options: LocalModulesOptions) {
    this.#options = options;
    this.commonjs = new CommonJsModules({
      read: (path, text) => this.#read(path, text),
      register: (path, source) => this.#register(path, source),
      import: (specifier, importer) => this.importFrom(specifier, importer),
      provided: options.provided,
    });
  }

  /**
   * Makes a text a module, before any file of that path.
   *
   * @throws CellSyntaxError
   */
  write(path: string, text: string): void {
    this.#read(path, text);
    this.#written.set(path, text);
  }

  /** `import(specifier)` in the file `importer`. */
  async importFrom(specifier: string, importer: string): Promise<ModuleNamespace> {
    const path = this.#localPath(specifier, importer);
    return path === undefined ? await this.#options.importPackage(specifier, importer) : await this.#import(path);
  }

  async #import(path: string): Promise<ModuleNamespace> {
    // One at a time: a module in the middle of linking cannot be linked.
    const linked = this.#linking.then(() => this.#link(path));
    this.#linking = linked.catch(() => undefined);
    const module = await linked;
    // Also of a module that was evaluated, or is just being: the promise is then that of the first evaluation.
    await module.evaluate();
    return module.namespace as ModuleNamespace;
  }

  /** The file that a specifier means; undefined when it means a package or a built-in. */
  #localPath(specifier: string, importer: string): string | undefined {
    if (isLocal(specifier))
      return resolveLocal(specifier, importer, (path) => this.#written.has(path) || isFileOnDisk(path));
    if (Object.hasOwn(this.#options.provided, specifier)) return undefined;
    try {
      // A package under development may export its TypeScript sources, which Node cannot load.
      const url = resolvePackage(specifier, importer);
      const own = url.startsWith("file:") && (specifier.startsWith("#") || /\.[cm]?ts$/.test(url));
      return own ? fileURLToPath(url) : undefined;
    } catch {
      return undefined; // said when it is imported
    }
  }

  async #link(path: string): Promise<vm.Module> {
    if (typeof vm.SourceTextModule !== "function") {
      throw new Error(`Cannot import ${this.#shown(path)}: Node was started without --experimental-vm-modules`);
    }
    const files = this.#scan(path);
    const stale = this.#stale(files);
    try {
      for (const stalePath of stale) {
        const { source } = files.get(stalePath)!;
        this.#loaded.set(stalePath, { source, module: this.#load(stalePath, source) });
      }
      const { module } = this.#loaded.get(path)!;
      if (module.status === "unlinked") {
        await module.link((specifier, referencing) => this.#dependency(specifier, this.#paths.get(referencing)!));
      }
      return module;
    } catch (error) {
      // Half-linked modules are of no use: the next import starts from the files again.
      for (const stalePath of stale) this.#loaded.delete(stalePath);
      throw error;
    }
  }

  /** Reads a file and all local files that it reaches. */
  #scan(root: string): Map<string, Scanned> {
    const found = new Map<string, Scanned>();
    const queue = [root];
    for (const path of queue) {
      if (found.has(path)) continue;
      const previous = this.#loaded.get(path)?.source;
      const text = this.#written.get(path) ?? readFileSync(path, "utf8");
      const source = previous?.text === text ? previous : this.#read(path, text);
      const paths = source.imports.flatMap(({ specifier, line }) => {
        try {
          return this.#localPath(specifier, path) ?? [];
        } catch (error) {
          throw error instanceof ImportError ? error.from(`${this.#shown(path)}:${line}`) : error;
        }
      });
      found.set(path, { source, paths });
      queue.push(...paths);
    }
    return found;
  }

  /** The files to load again: changed ones, failed ones, and those that import one of them, directly or not. */
  #stale(files: ReadonlyMap<string, Scanned>): Set<string> {
    const stale = new Set<string>();
    for (const [path, { source }] of files) {
      const loaded = this.#loaded.get(path);
      const current =
        loaded?.source.text === source.text &&
        loaded.module.status !== "errored" &&
        (source.kind !== "commonjs" || this.commonjs.isCurrent(path));
      if (!current) stale.add(path);
    }
    for (let before = -1; before !== stale.size;) {
      before = stale.size;
      for (const [path, { paths }] of files) if (paths.some((imported) => stale.has(imported))) stale.add(path);
    }
    return stale;
  }

  #load(path: string, source: LocalSource): vm.Module {
    if (source.kind === "json") return synthetic({ default: parseJson(source.code, this.#shown(path)) });
    if (source.kind === "commonjs") {
      const exported = this.commonjs.load(path);
      return synthetic({ ...(typeof exported === "object" ? exported : {}), default: exported });
    }
    const url = pathToFileURL(path).href;
    const module = new vm.SourceTextModule(source.code, {
      identifier: this.#register(path, source),
      initializeImportMeta: (meta) => {
        Object.assign(meta, { url, filename: path, dirname: dirname(path) });
        meta.resolve = (specifier: string) =>
          isLocal(specifier) ? pathToFileURL(resolveLocal(specifier, path)).href : resolvePackage(specifier, path);
      },
      // The declarations ask for a vm.Module; Node takes a namespace as well, and says so.
      importModuleDynamically: (async (specifier: string) => await this.importFrom(specifier, path)) as never,
    });
    this.#paths.set(module, path);
    return module;
  }

  async #dependency(specifier: string, importer: string): Promise<vm.Module> {
    const path = this.#localPath(specifier, importer);
    if (path !== undefined) return this.#loaded.get(path)!.module;
    const namespace = await this.#options.importPackage(specifier, importer).catch((error: unknown) => {
      throw error instanceof ImportError ? error.from(this.#shown(importer)) : error;
    });
    return synthetic(
      Object.fromEntries(exportNames(namespace).map((name) => [name, exportNamed(namespace, name, specifier)])),
    );
  }

  #read(path: string, text: string): LocalSource {
    return readLocalSource(path, text, this.#shown(path));
  }

  /** Names a version of a file for V8 and remembers its lines. */
  #register(path: string, { text, position }: LocalSource): string {
    const url = pathToFileURL(path).href;
    let identifier = url;
    for (let version = 2; this.#options.sources.has(identifier); version++) identifier = `${url}?${version}`;
    this.#options.sources.set(identifier, { name: this.#shown(path), source: text, position });
    return identifier;
  }

  #shown(path: string): string {
    const name = relative(this.#options.directory, path).split(sep).join("/");
    return name.startsWith("../") ? name : `./${name}`;
  }
}

function synthetic(exports: ModuleNamespace): vm.Module {
  const module = new vm.SyntheticModule(Object.keys(exports), () => {
    for (const [name, value] of Object.entries(exports)) module.setExport(name, value);
  });
  return module;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
