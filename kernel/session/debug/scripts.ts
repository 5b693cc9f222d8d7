import type { Debugger } from "node:inspector";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { CellFiles } from "./cell-files.ts";
import type { MainThread } from "./main-thread.ts";

/** A place where V8 can stop, in its script and in what was written; lines and columns from 0. */
export interface Place {
  readonly script: { readonly lineNumber: number; readonly columnNumber: number };
  readonly line: number;
  readonly column: number;
  /** The end of a function's body. */
  readonly last: boolean;
}

/** A script of the user's: a cell, a local module, or a module of a package. */
export interface Script {
  readonly id: string;
  readonly url: string;
  /** As the front end knows it. */
  readonly path: string;
  readonly name: string;
  /** A package's: shown, but passed over by steps. */
  readonly foreign: boolean;
}

const packages = "/node_modules/";

/** Scripts that steps pass over, as V8 takes them: Node's, the kernel's in `folder`, and those of packages. */
export function passedOver(folder: URL): string[] {
  return ["^node:", "^veelab:", `^${folder.href.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, packages];
}

/** The scripts that V8 has told of, by its numbers. */
export class Scripts {
  readonly #scripts = new Map<string, Script>();
  readonly #places = new WeakMap<Script, Promise<readonly Place[]>>();
  readonly #main: MainThread;
  readonly #files: CellFiles;
  readonly #folder: string;

  /** @param folder - the kernel's own, whose scripts are nobody's business */
  constructor(main: MainThread, files: CellFiles, folder: URL) {
    this.#main = main;
    this.#files = files;
    this.#folder = folder.href;
  }

  add({ scriptId: id, url }: Debugger.ScriptParsedEventDataType): void {
    const cell = this.#files.pathOf(url);
    if (cell !== undefined) this.#scripts.set(id, { id, url, path: cell, name: decodeURI(url), foreign: false });
    else if (url.startsWith("file:") && !url.startsWith(this.#folder)) {
      const path = fileURLToPath(url);
      this.#scripts.set(id, { id, url, path, name: basename(path), foreign: url.includes(packages) });
    }
  }

  get(id: string): Script | undefined {
    return this.#scripts.get(id);
  }

  /** All versions of a source: a cell that was run twice is two scripts. */
  of(path: string): Script[] {
    return [...this.#scripts.values()].filter((script) => script.path === path);
  }

  clear(): void {
    this.#scripts.clear();
  }

  /** Places in what was written, of lines and columns of a script, which come in turn and from 0; -1 where there is none. */
  async positions({ url, foreign }: Script, places: readonly number[]): Promise<readonly number[]> {
    return foreign ? places : await this.#main.call("positions", { value: url }, { value: places });
  }

  /** Where V8 can stop in a script; asked for once. */
  places(script: Script): Promise<readonly Place[]> {
    const known = this.#places.get(script);
    if (known !== undefined) return known;
    const places = this.#ask(script);
    this.#places.set(script, places);
    return places;
  }

  async #ask(script: Script): Promise<readonly Place[]> {
    const start = { scriptId: script.id, lineNumber: 0, columnNumber: 0 };
    const { locations } = await this.#main.session.post("Debugger.getPossibleBreakpoints", { start });
    const inScript = locations.map(({ lineNumber, columnNumber = 0 }) => ({ lineNumber, columnNumber }));
    const flat = inScript.flatMap(({ lineNumber, columnNumber }) => [lineNumber, columnNumber]);
    const written = await this.positions(script, flat);
    return inScript.flatMap((place, index) => {
      const line = written[2 * index] ?? -1;
      const column = written[2 * index + 1] ?? -1;
      return line < 0 ? [] : [{ script: place, line, column, last: locations[index]!.type === "return" }];
    });
  }
}

/** The first place at or after a line, and a column if one is asked for; undefined when nothing follows. */
export function nearest(places: readonly Place[], line: number, column = 0): Place | undefined {
  let found: Place | undefined;
  for (const place of places) {
    if (place.line < line || (place.line === line && place.column < column)) continue;
    const before =
      found === undefined ||
      place.line < found.line ||
      (place.line === found.line && (place.last === found.last ? place.column < found.column : !place.last));
    if (before) found = place;
  }
  return found;
}
