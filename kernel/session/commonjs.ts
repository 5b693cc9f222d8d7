import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import vm from "node:vm";
import { isLocal, resolveLocal } from "./resolve.ts";
import type { LocalSource } from "./local-source.ts";

/** A CommonJS file that has run, or is running. */
interface Loaded {
  readonly text: string;
  readonly module: { exports: unknown };
  /** The local files that it has required so far. */
  readonly requires: Set<string>;
}

/** What {@link CommonJsModules} needs. */
export interface CommonJsOptions {
  /** Reads and prepares a file; `identifier` is the name to give to V8. */
  readonly read: (path: string, text: string) => LocalSource;
  readonly register: (path: string, source: LocalSource) => string;
  readonly import: (specifier: string, importer: string) => Promise<unknown>;
  /** Modules that come before all others. */
  readonly provided: Readonly<Record<string, object>>;
}

/** The local CommonJS files of a session, run anew when they or a local file that they require have changed. */
export class CommonJsModules {
  readonly #options: CommonJsOptions;
  readonly #loaded: Map<string, Loaded> = new Map<string, Loaded>();

  constructor(options: CommonJsOptions) {
    this.#options = options;
  }

  /** Whether a file, and every local file that it required, is as it was when it ran. */
  isCurrent(path: string, seen: Set<string> = new Set<string>()): boolean {
    if (seen.has(path)) return true;
    seen.add(path);
    const loaded = this.#loaded.get(path);
    if (loaded === undefined || loaded.text !== textOf(path)) return false;
    return [...loaded.requires].every((required) => this.isCurrent(required, seen));
  }

  /** `module.exports` of a file. */
  load(path: string): unknown {
    if (!this.isCurrent(path)) this.#run(path);
    return this.#loaded.get(path)!.module.exports;
  }

  /** `require` as a file has it. */
  requireFrom(path: string, requires: Set<string> = new Set<string>()): NodeJS.Require {
    const native = createRequire(path);
    const require = (specifier: string): unknown => {
      if (Object.hasOwn(this.#options.provided, specifier)) return this.#options.provided[specifier];
      if (!isLocal(specifier)) return native(specifier);
      const required = resolveLocal(specifier, path);
      if (required.endsWith(".node")) return native(required);
      requires.add(required);
      return this.load(required);
    };
    const { resolve, cache, main } = native;
    // `extensions` is deprecated, and would not apply to local files.
    return Object.assign(require, { resolve, cache, main }) as NodeJS.Require;
  }

  #run(path: string): void {
    const text = readFileSync(path, "utf8");
    const source = this.#options.read(path, text);
    const module: { exports: unknown } = { exports: {} };
    const requires = new Set<string>();
    // Before it runs: two files that require each other see what there is so far.
    this.#loaded.set(path, { text, module, requires });
    try {
      if (source.kind === "json") {
        module.exports = JSON.parse(source.code);
        return;
      }
      if (source.kind === "module") throw new Error(`Cannot require the ES module ${path}: import it instead`);
      // Not vm.compileFunction: a debugger can stop before a script, and set its breakpoints then.
      const script = new vm.Script(`${opening}${source.code.replace(/^#!/, "//")}\n})`, {
        filename: this.#options.register(path, source),
        columnOffset: -opening.length,
        importModuleDynamically: (async (specifier: string) => await this.#options.import(specifier, path)) as never,
      });
      const body = script.runInThisContext() as (...bindings: unknown[]) => void;
      body.call(module.exports, module.exports, this.requireFrom(path, requires), module, path, dirname(path));
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
  }
}

const opening = "(function (exports, require, module, __filename, __dirname) { ";

/** A file's text, if it is still there. */
function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
