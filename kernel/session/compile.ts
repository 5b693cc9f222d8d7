/**
 * Turns a cell of TypeScript into a script for V8's REPL mode.
 *
 * @module
 */
import { eraseTypes, tryEraseTypes, type ErasedSource } from "./erase.ts";
import { readMagics } from "./magics/read-magics.ts";
import { rewriteMagics, type CallingCell } from "./magics/rewrite-magics.ts";
import type { MappedSource } from "./mapped-source.ts";
import { rewriteCell, type NameKind } from "./rewrite.ts";
import { mapPosition } from "./source-map.ts";
import { CellSyntaxError } from "./syntax-error.ts";
import { readTslabCell } from "./tslab-cell.ts";

export { cellGlobal, type CellGlobal, type NameKind } from "./rewrite.ts";
export { CellSyntaxError } from "./syntax-error.ts";

/** A cell, ready for `Runtime.evaluate({ expression: code, replMode: true, awaitPromise: true })`. */
export interface CompiledCell extends MappedSource {
  /** What V8 knows the script by (`sourceURL` cannot hold spaces): the name, URI-encoded. */
  readonly url: string;
  /**
   * The JavaScript. Its completion value is the cell's result: the value of the last statement when that is an expression,
   * otherwise undefined. Ends with a `sourceURL` comment.
   */
  readonly code: string;
  /** The names that the cell declares at its top level. */
  readonly declares: ReadonlyMap<string, NameKind>;
}

/**
 * Compiles a cell. What it does beyond erasing types, and why:
 *
 * - V8 refuses to declare a name again by another kind of declaration (a function after a `let`, a `let` after a
 *   `const`). Every declaration of the cell's top level is therefore a `let` (or `class`, which V8 takes for the same), of which
 *   any number may follow each other, and closures of earlier cells see the new value. Functions are assigned before the
 *   cell's first statement, so that they can be used above their declaration; a `var` keeps its earlier value.
 * - `const` is kept by {@link CompiledCell.declares}: an assignment to a name that is constant (here, or in `constants`)
 *   throws the TypeError that JavaScript throws.
 * - `import`, `import()` and `import.meta` go through the global {@link cellGlobal}, because V8 has no module loader for scripts
 *   evaluated by the inspector. `export` is dropped: the cells of a notebook share their names anyhow.
 * - The cell is strict code, as TypeScript modules are.
 * - A cell that is one object literal (`{ a: 1 }`) is that object, not a block.
 * - Magics (`%cd ..`, `!ls`) become calls, in the same line; see {@link readMagics}.
 *
 * Linear in the cell's length, about 0.2 ms for a cell of ten lines.
 *
 * @param name - as a person reads it (`cell [3]`); must be unique in the session, since stack frames are found by it
 * @param constants - the names that earlier cells declared constant; see {@link declareNames}
 * @param names - all names that earlier cells declared: by these `!word` is told from a command
 * @throws CellSyntaxError with the cell's own line and column
 */
export function compileCell(
  source: string,
  name: string,
  constants: ReadonlySet<string> = new Set(),
  names: ReadonlySet<string> = new Set(),
): CompiledCell {
  const url = encodeURI(name);
  const calling = withCalls(source, name, names);
  const object = calling === undefined ? objectLiteral(source) : undefined;
  const erased = object ?? eraseTypes(calling?.code ?? source, name, readTslabCell(source)?.jsx);
  const { code, declares, map } = rewriteCell(erased.code, constants);
  return {
    name,
    url,
    source,
    code: `${code}\n//# sourceURL=${url}`,
    declares,
    position(line, column) {
      const inScript = mapPosition(map(), line, column);
      const inCode = inScript && mapPosition(erased.map, inScript.line, inScript.column);
      const inSource = inCode && calling ? mapPosition(calling.map(), inCode.line, inCode.column) : inCode;
      // An object literal was given a parenthesis before its first character.
      return inSource?.line === 1 && object !== undefined
        ? { line: 1, column: Math.max(1, inSource.column - 1) }
        : inSource;
    },
  };
}

/** The cell with calls of its magics, if it has some. */
function withCalls(source: string, name: string, names: ReadonlySet<string>): CallingCell | undefined {
  const magics = readMagics(source, (word) => names.has(word) || word in globalThis);
  if (magics === undefined) return undefined;
  try {
    // What is left must be TypeScript by itself: of its errors the places are those of the cell.
    eraseTypes(magics.text, name);
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) throw error;
    throw new CellSyntaxError(error.message, name, source, error);
  }
  return rewriteMagics(magics, names);
}

/** Brings the session's constants up to date with a cell that is about to run. */
export function declareNames(constants: Set<string>, cell: CompiledCell): void {
  for (const [name, kind] of cell.declares) {
    if (kind === "constant") constants.add(name);
    else constants.delete(name);
  }
}

/** The whole cell as one parenthesised object literal, if it can be read so. */
function objectLiteral(source: string): ErasedSource | undefined {
  if (!/^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*\{/.test(source)) return undefined;
  return tryEraseTypes(`(${source.replace(/[;\s]+$/, "")}\n)`);
}
