import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { parseSync } from "oxc-parser";
import { eraseTypes } from "./erase.ts";
import { mapPosition } from "./source-map.ts";
import { CellSyntaxError, positionAt, type SourcePosition } from "./syntax-error.ts";

/** A local file, read and made JavaScript. */
export interface LocalSource {
  readonly text: string;
  readonly kind: "module" | "commonjs" | "json";
  /** JavaScript, or the JSON itself. */
  readonly code: string;
  /** Its static imports, with the line of each. */
  readonly imports: readonly { readonly specifier: string; readonly line: number }[];
  /** The place in the text of a place in the code. */
  readonly position: (line: number, column: number) => SourcePosition | undefined;
}

/**
 * Prepares a local file.
 *
 * @param shownName - its name in errors
 * @throws CellSyntaxError
 */
export function readLocalSource(path: string, text: string, shownName: string): LocalSource {
  const extension = extname(path);
  const same = (line: number, column: number): SourcePosition => ({ line, column });
  if (extension === ".json") return { text, kind: "json", code: text, imports: [], position: same };
  const erased = /tsx?$/.test(extension) ? eraseTypes(text, shownName, extension === ".tsx") : undefined;
  const code = erased?.code ?? text;
  const position =
    erased === undefined ? same : (line: number, column: number) => mapPosition(erased.map, line, column);
  const { module, errors } = parseSync("module.js", code, { lang: "js", sourceType: "unambiguous" });
  const [error] = errors;
  if (error !== undefined) {
    const inCode = positionAt(code, error.labels[0]?.start ?? 0);
    throw new CellSyntaxError(error.message, shownName, text, position(inCode.line, inCode.column) ?? inCode);
  }
  const kind = isModule(path, code, module.hasModuleSyntax) ? "module" : "commonjs";
  const requests = [...module.staticImports, ...module.staticExports.flatMap(({ entries }) => entries)]
    .map(({ moduleRequest }) => moduleRequest)
    .filter((request) => request !== null);
  const imports = requests.map(({ value, start }) => {
    const { line, column } = positionAt(code, start);
    return { specifier: value, line: position(line, column)?.line ?? line };
  });
  return { text, kind, code, imports, position };
}

/** Node's rule, with syntax detection; a TypeScript file is a module unless it speaks CommonJS. */
function isModule(path: string, code: string, hasModuleSyntax: boolean): boolean {
  const extension = extname(path);
  if (extension === ".mts" || extension === ".mjs" || hasModuleSyntax) return true;
  if (extension === ".cts" || extension === ".cjs") return false;
  if (packageType(dirname(path)) === "module") return true;
  return /^\.tsx?$/.test(extension) && !/\b(?:module\.exports|exports\.\w|require\s*\()/.test(code);
}

function packageType(folder: string): string | undefined {
  const file = join(folder, "package.json");
  if (existsSync(file)) {
    const { type } = JSON.parse(readFileSync(file, "utf8")) as { type?: string };
    return type;
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : packageType(parent);
}
