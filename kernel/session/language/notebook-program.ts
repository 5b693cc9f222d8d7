import { join } from "node:path";
import ts from "typescript";
import { cellNames, type CellNames, type DeclarationKind } from "./cell-names.ts";
import { compilerOptions } from "./compiler-options.ts";
import { type Exports, exportsFrom, importableModules } from "./exports.ts";
import { problemsOf } from "./problems.ts";
import type { RanCell, TypeProblem } from "./link.ts";
import { readTslabCell } from "../tslab-cell.ts";
import { documentRegistry, TypeHost } from "./type-host.ts";

/** A name, and the cell that declared it last. */
interface Binding {
  readonly cell: CellFile;
  readonly kind: DeclarationKind;
}

/** A cell in the program: a module of its own. */
interface CellFile {
  readonly cell: number;
  readonly path: string;
  /** As it was typed. */
  readonly source: string;
  readonly names: CellNames;
  /** The names of earlier cells that it mentions. */
  readonly bindings: Map<string, Binding>;
  /** What the names that it declares meant before it. */
  readonly replaced: ReadonlyMap<string, Binding | undefined>;
  /** Where `source` begins in the module's text. */
  start: number;
  text: string;
  /** Names that nothing has declared yet. */
  unresolved: ReadonlySet<string>;
  checked: boolean;
  /** Its declarations, until they take its place. */
  digest: string | undefined;
}

/** A file of the program that has the text of a cell, and where in it that begins. */
export interface PlacedText {
  readonly path: string;
  readonly start: number;
}

/**
 * The cells of a notebook as one program. Every cell is a module: it imports what it mentions of earlier cells, from the one that
 * declared the name last, and exports all it declares. So a name can be declared again, a cell keeps the types that it was run
 * with, and a cell sees nothing of those that nobody needs any more.
 *
 * A cell that has been checked is replaced by its declarations: what later cells cost does not grow with the chain of
 * inferences before them.
 */
export class NotebookProgram {
  readonly service: ts.LanguageService;
  readonly directory: string;
  readonly #host: TypeHost;
  readonly #options: ts.CompilerOptions;
  readonly #registry = documentRegistry();
  #exports: { readonly modules: string; readonly exports: Exports } | undefined;
  readonly #cells = new Map<number, CellFile>();
  readonly #names = new Map<string, Binding>();
  readonly #draft: string;
  readonly #index: string;
  /** What the draft imports from: its text changes when a cell runs, and the draft's imports never. */
  readonly #latest: string;
  #stale = true;
  /** Whether a cell waits to be replaced by its declarations. */
  #hasDigest = false;

  /** @param cancelled - asked again and again while something is computed: whether that is no longer wanted */
  constructor(directory: string, cancelled: () => boolean = () => false) {
    this.directory = directory;
    this.#draft = join(directory, "cell [].mts");
    this.#index = join(directory, "cells [].mts");
    this.#latest = join(directory, "cells [latest].mts");
    this.#options = compilerOptions();
    this.#host = new TypeHost(this.#options, directory, [this.#index, this.#draft], cancelled);
    this.#host.write(this.#index, "");
    this.#host.write(this.#draft, importOf("{} from ", this.#latest));
    this.#host.write(this.#latest, "export {};");
    this.service = ts.createLanguageService(this.#host, this.#registry);
  }

  /**
   * Takes in a cell that runs.
   *
   * @returns the cells that are worth checking again, because they missed a name that is declared now
   */
  ran({ cell, shown, code: typed }: RanCell): number[] {
    const tags = readTslabCell(typed);
    if (tags?.module !== undefined)
      this.#host.write(join(this.directory, `${tags.module}.${tags.jsx ? "tsx" : "ts"}`), typed);
    const code = tags?.module === undefined && tags?.browser !== true ? typed : "";
    const names = cellNames(parse(code).statements);
    const file: CellFile = {
      cell,
      path: join(this.directory, `cell ${shown}.mts`),
      source: code,
      names,
      bindings: this.#mentioned(code, names),
      replaced: new Map([...names.declared.keys()].map((name) => [name, this.#names.get(name)])),
      start: 0,
      text: "",
      unresolved: new Set(),
      checked: false,
      digest: undefined,
    };
    this.#cells.set(cell, file);
    this.#write(file);
    for (const [name, kind] of names.declared) this.#names.set(name, { cell: file, kind });
    this.#stale = true;
    return this.#resolve(file);
  }

  /** The latest cell did not run. If TypeScript cannot read it either, it declares nothing. */
  refused(cell: number): void {
    const file = this.#cells.get(cell);
    if (file === undefined || isReadable(parse(file.source))) return;
    for (const [name, before] of file.replaced) {
      if (this.#names.get(name)?.cell !== file) continue;
      if (before === undefined) this.#names.delete(name);
      else this.#names.set(name, before);
    }
    this.#drop(file);
    this.#stale = true;
  }

  /** The problems of a cell; those of one that is not known are none. */
  check(cell: number): readonly TypeProblem[] {
    const file = this.#cells.get(cell);
    if (file === undefined || file.checked) return [];
    // What somebody is typing may augment the types of everything.
    this.#type(importOf("{} from ", this.#latest));
    this.#update();
    const program = this.service.getProgram();
    const tree = program?.getSourceFile(file.path);
    if (program === undefined || tree === undefined) return [];
    const kinds = new Map([...file.bindings].map(([name, { kind }]) => [name, kind]));
    const { problems, unresolved } = problemsOf(
      program,
      tree,
      file,
      kinds,
      (name) => this.exports.get(name) ?? [],
      this.#host.getCancellationToken(),
    );
    file.unresolved = unresolved;
    file.digest = this.#digestOf(file, program, tree);
    this.#hasDigest ||= file.digest !== undefined;
    file.checked = true;
    return problems;
  }

  /**
   * Makes a text that has not been run part of the program, as the cell that would follow. Of the names of earlier cells it has those that it
   * mentions, and those that begin as `typed` does, in either case: hundreds cost as much as all the rest. A variable is imported too: what is
   * assigned there is no problem of a text that is not checked.
   */
  draft(code: string, typed?: string): PlacedText {
    const names = cellNames(parse(code).statements);
    const visible = this.#mentioned(code, names);
    const begins = typed?.toLowerCase();
    if (begins !== undefined)
      for (const [name, binding] of this.#names)
        if (name.toLowerCase().startsWith(begins) && !names.declared.has(name)) visible.set(name, binding);
    const prelude = `${importOf(`{ ${[...visible.keys()].join(", ")} } from `, this.#latest)}\n`;
    this.#stale ||= this.#hasDigest;
    this.#update();
    this.#type(prelude + code);
    return { path: this.#draft, start: prelude.length };
  }

  /** The statement of a cell that declares a name, as it was typed; by the cell's path in the program. */
  declarationOf(path: string, name: string): string | undefined {
    const source = [...this.#cells.values()].find((file) => file.path === path)?.source;
    if (source === undefined) return undefined;
    const tree = parse(source);
    const declares = (statement: ts.Statement): boolean => cellNames([statement]).declared.has(name);
    return tree.statements.find(declares)?.getText(tree);
  }

  /** What could be imported, computed when it is first asked for, and again when a package has been installed. */
  get exports(): Exports {
    const modules = importableModules(this.directory);
    const key = modules.join("\n");
    if (this.#exports?.modules !== key)
      this.#exports = {
        modules: key,
        exports: exportsFrom(modules, this.#options, this.directory, this.#registry),
      };
    return this.#exports.exports;
  }

  /** How many cells are part of the program. */
  get size(): number {
    return this.#cells.size;
  }

  #mentioned(code: string, { declared }: CellNames): Map<string, Binding> {
    const bindings = new Map<string, Binding>();
    for (const [word] of code.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu)) {
      const binding = declared.has(word) ? undefined : this.#names.get(word);
      if (binding !== undefined) bindings.set(word, binding);
    }
    return bindings;
  }

  #write(file: CellFile): void {
    const { source, names, bindings } = file;
    const imports = importsOf(bindings);
    const exported = [...names.declared.keys()].filter((name) => !names.exported.has(name));
    // The kernel shows such a cell as an object.
    const [open, body, close] = isObject(source) ? ["(", source.replace(/[;\s]+$/, ""), "\n)"] : ["", source, ""];
    file.start = imports.length + open.length;
    file.text = `${imports}${open}${body}${close}\nexport { ${exported.join(", ")} };\n`;
    file.checked = false;
    file.digest = undefined;
    this.#host.write(file.path, file.text);
  }

  /** Gives a newly declared name to the cells that missed it. */
  #resolve(declarer: CellFile): number[] {
    const again: number[] = [];
    for (const file of this.#cells.values()) {
      const found = [...file.unresolved].filter((name) => declarer.names.declared.has(name));
      if (found.length === 0) continue;
      for (const name of found) file.bindings.set(name, this.#names.get(name)!);
      this.#write(file);
      again.push(file.cell);
    }
    return again;
  }

  /** A cell's declarations, where they say all of it. */
  #digestOf(file: CellFile, program: ts.Program, tree: ts.SourceFile): string | undefined {
    if (program.getDeclarationDiagnostics(tree).length > 0) return undefined;
    return this.service.getEmitOutput(file.path, true, true).outputFiles[0]?.text;
  }

  /**
   * Brings the program up to date: digests take the place of their cells, and cells that nothing needs are forgotten. Not after
   * every check: as long as no text changes, checks share what has been inferred.
   */
  #update(): void {
    if (!this.#stale) return;
    this.#stale = false;
    this.#hasDigest = false;
    for (const file of this.#cells.values()) {
      if (file.digest === undefined) continue;
      file.text = file.digest;
      file.digest = undefined;
      this.#host.write(file.path, file.text);
    }
    const byPath = new Map([...this.#cells.values()].map((file) => [file.path, file]));
    const needed = new Set<CellFile>();
    const need = (file: CellFile | undefined): void => {
      if (file === undefined || needed.has(file)) return;
      needed.add(file);
      for (const [, name] of file.text.matchAll(/"\.\/(cell \[[^\]"]*\])\.m[tj]s"/g))
        need(byPath.get(join(this.directory, `${name!}.mts`)));
    };
    for (const { cell } of this.#names.values()) need(cell);
    for (const file of this.#cells.values())
      if (!file.checked || file.unresolved.size > 0 || file.names.augments) need(file);
    for (const file of this.#cells.values()) if (!needed.has(file)) this.#drop(file);
    this.#host.write(this.#index, [...this.#cells.values()].map(({ path }) => importOf("", path)).join(""));
    const exported = [...this.#names].map(([name, { cell }]) => `export { ${name} } from ${specifierOf(cell.path)};`);
    this.#host.write(this.#latest, ["export {};", ...exported].join("\n"));
  }

  #type(text: string): void {
    // A text that is written anew, even the same, starts the inferences anew.
    if (this.#host.readFile(this.#draft) !== text) this.#host.write(this.#draft, text);
  }

  #drop(file: CellFile): void {
    this.#cells.delete(file.cell);
    this.#host.remove(file.path);
  }
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("cell.mts", code, ts.ScriptTarget.ESNext, true);
}

/** As `compileCell` reads it. */
function isObject(source: string): boolean {
  if (!/^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*\{/.test(source)) return false;
  return isReadable(parse(`(${source.replace(/[;\s]+$/, "")}\n)`));
}

function isReadable(tree: ts.SourceFile): boolean {
  // Not in the declarations of the API, but there since its beginning.
  return (tree as unknown as { readonly parseDiagnostics: readonly unknown[] }).parseDiagnostics.length === 0;
}

/**
 * One line that brings names of earlier cells into a module. What can be assigned is declared with its type, because an import
 * cannot be assigned.
 */
function importsOf(bindings: ReadonlyMap<string, Binding>): string {
  const imports = new Map<string, string[]>();
  let variables = "";
  for (const [name, { cell, kind }] of bindings) {
    if (kind === "let") variables += `declare let ${name}: typeof import(${specifierOf(cell.path)}).${name};`;
    else imports.set(cell.path, [...(imports.get(cell.path) ?? []), name]);
  }
  const lines = [...imports].map(([path, names]) => importOf(`{ ${names.join(", ")} } from `, path));
  return `${lines.join("")}${variables}\n`;
}

function importOf(what: string, path: string): string {
  return `import ${what}${specifierOf(path)};`;
}

function specifierOf(path: string): string {
  return JSON.stringify(`./${path.slice(path.lastIndexOf("cell"))}`);
}
