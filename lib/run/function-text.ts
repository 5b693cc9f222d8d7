import MagicString from "magic-string";
import { parseSync } from "oxc-parser";
import { OptionError } from "../core/errors.ts";
import { freeNames } from "./free-names.ts";

/** A function as its text, which can be sent elsewhere. */
export interface FunctionText {
  /** An expression that gives the function. Its imports and `import.meta` go through {@link IMPORT}. */
  readonly text: string;
  /** The names that it takes from outside. */
  readonly free: ReadonlySet<string>;
  /** The texts that it imports: `await import("veelab/hardware")`. */
  readonly imports: readonly string[];
}

/** What a sent function calls where it says `import(…)`; its `meta` is `import.meta`. */
export const IMPORT = "__import__";

/** The same in a cell of a notebook: the kernel has rewritten its imports before it runs. */
export const CELL_IMPORT = "__veelab__";

/**
 * The text of a function, an arrow, a method or a class as an expression. Linear in the text.
 *
 * @param place - what the error calls it: `share.policy.create`
 * @throws OptionError for what has no text: bound functions and those of the platform
 */
export function functionText(place: string, given: (...inputs: never[]) => unknown): FunctionText {
  const source = Function.prototype.toString.call(given);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source))
    throw new OptionError(place, "a function whose text can be sent (not bound, not the platform's)", given);
  // A method's text is no expression by itself.
  for (const text of [`(${source}\n)`, `Object.values({ ${source}\n})[0]`]) {
    const { program, module, errors } = parseSync("run.js", text, { lang: "js", sourceType: "module" });
    if (errors.length > 0) continue;
    const sent = new MagicString(text);
    for (const { start, end } of module.importMetas) sent.overwrite(start, end, `${IMPORT}.meta`);
    for (const { start } of module.dynamicImports) sent.overwrite(start, start + "import".length, IMPORT);
    const asked = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start, end));
    const inCell = [...text.matchAll(CELL_IMPORTS)].map(([, specifier = ""]) => specifier);
    return { text: sent.toString(), free: freeNames(program), imports: [...asked, ...inCell].flatMap(plainText) };
  }
  throw new OptionError(place, "a function whose text can be read as JavaScript", source);
}

const CELL_IMPORTS = /__veelab__\.import\(\s*("[^"\\]*"|'[^'\\]*')/g;

/** What a literal says, if it has no escapes. */
function plainText(literal: string): string[] {
  const [, double, single] = /^(?:"([^"\\]*)"|'([^'\\]*)')$/.exec(literal) ?? [];
  const found = double ?? single;
  return found === undefined ? [] : [found];
}
