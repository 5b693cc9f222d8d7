/**
 * What `import` means in a cell.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LocalModules } from "./local-modules.ts";
import type { MagicCalls } from "./magics/magic-calls.ts";
import { magicImport } from "./magics/rewrite-magics.ts";
import type { SourceIndex } from "./mapped-source.ts";
import { exportNamed, type ModuleNamespace } from "./namespace.ts";
import { isLocal, locatePackage, resolveLocal, resolvePackage } from "./resolve.ts";
import { cellGlobal, type CellGlobal } from "./rewrite.ts";
import { continueStack } from "./stack.ts";

/**
 * The flags that Node must be started with: local modules are `vm.SourceTextModule`s, since the native loader can neither
 * load TypeScript (on Node 20) nor forget a module that has changed.
 */
export const requiredNodeFlags: readonly string[] = [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
];

/** What {@link createImporter} needs to know. */
export interface ImporterOptions {
  /** The notebook's folder: relative imports and packages are looked up from here. */
  readonly directory: string;
  /** Where local modules are registered, so that their frames in errors show their own lines. */
  readonly sources: SourceIndex;
  /** Modules that the kernel itself gives, by specifier, before any package: `tslab`. */
  readonly provided?: Readonly<Record<string, object>>;
}

/** Imports for the cells of one session. */
export interface Importer {
  /** `import(specifier)` of a cell. */
  import(specifier: string): Promise<ModuleNamespace>;
  /**
   * Makes a text the local module `./name`.
   *
   * @throws CellSyntaxError
   */
  write(name: string, text: string, jsx: boolean): void;
  /** What compiled cells call. */
  readonly cell: CellGlobal;
  /** `require` as a CommonJS module in the notebook's folder has it, with the provided modules. */
  readonly require: NodeJS.Require;
  /** Defines, on the global object, what compiled cells call, and `require`. Once a process. */
  install(global: object, magics: MagicCalls): void;
}

/**
 * Makes the importer of a session.
 *
 * - `./file`, `../file`, `/file`, `file:` are local modules: TypeScript or JavaScript, ES or CommonJS, JSON. They are imported
 *   anew when they, or anything local that they import, have changed; unchanged modules keep their identity.
 *   `./x` and `./x.js` find `x.ts`.
 * - Everything else is a package or a Node built-in, resolved from the notebook's folder by Node's own rules, and imported
 *   natively, once a process. `veelab` itself is there even when that folder has none.
 * - Names that a CommonJS module's analysis does not show are looked up on its `module.exports`.
 */
export function createImporter({ directory, sources, provided = {} }: ImporterOptions): Importer {
  const parent = join(directory, "cell.ts");
  const local = new LocalModules({ directory, sources, provided, importPackage });
  const require = local.commonjs.requireFrom(parent);

  async function importPackage(specifier: string, importer: string): Promise<ModuleNamespace> {
    if (Object.hasOwn(provided, specifier)) {
      const given = provided[specifier] as ModuleNamespace;
      return { ...given, default: given };
    }
    return (await import(/* @vite-ignore */ locatePackage(specifier, importer))) as ModuleNamespace;
  }

  const importModule = (specifier: string): Promise<ModuleNamespace> => local.importFrom(specifier, parent);

  /** An import that a cell asks for: if it fails, the error says where in the cell. */
  async function asked<T>(imported: () => Promise<T>, caller: Error): Promise<T> {
    try {
      return await imported();
    } catch (error) {
      continueStack(error, caller, sources);
      throw error;
    }
  }

  const cell: CellGlobal = {
    import: (specifier) => asked(() => importModule(String(specifier)), new Error()),
    names: (specifier, names) =>
      asked(async () => {
        const module = await importModule(specifier);
        return Object.fromEntries(names.map((name) => [name, exportNamed(module, name, specifier)]));
      }, new Error()),
    meta: {
      url: pathToFileURL(join(directory, "/")).href,
      dirname: directory,
      resolve: (specifier: string) =>
        isLocal(specifier) ? pathToFileURL(resolveLocal(specifier, parent)).href : resolvePackage(specifier, parent),
    },
    previous(read) {
      try {
        return read();
      } catch {
        return undefined; // not declared yet
      }
    },
    constant() {
      throw new TypeError("Assignment to constant variable.");
    },
  };

  return {
    import: importModule,
    write(name, text, jsx) {
      local.write(join(directory, `${name}.${jsx ? "tsx" : "ts"}`), text);
    },
    cell,
    require,
    install(global, magics) {
      const imported: CellGlobal["import"] = (specifier, options) =>
        typeof specifier === "string" && specifier.startsWith(magicImport)
          ? magics.imported(specifier.slice(magicImport.length))
          : cell.import(specifier, options);
      // Where a library looks up what a cell's function imports, elsewhere.
      Object.defineProperty(global, Symbol.for("veelab.directory"), { value: directory });
      Object.defineProperty(global, cellGlobal, { value: { ...cell, ...magics, import: imported } });
      Object.defineProperty(global, "require", { value: require, writable: true, configurable: true });
    },
  };
}
