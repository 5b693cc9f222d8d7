import MagicString from "magic-string";
import { parseSync } from "oxc-parser";
import { OptionError } from "../core/errors.ts";
import { type FreeNames, freeNames } from "./free-names.ts";
import { IMPORT, importsIn } from "./imports.ts";
import { seesIndex } from "./sees-index.ts";

/** A function as its text, which can be sent elsewhere. */
export interface FunctionText {
  /** An expression that gives the function. Its imports and `import.meta` go through {@link IMPORT}. */
  readonly text: string;
  /** The names that it takes from outside. */
  readonly free: FreeNames;
  /** The modules that it imports: `await import("veelab/hardware")`. */
  readonly imports: readonly string[];
  /** Where it computes which module it imports: `import(name)`. */
  readonly computedImports: readonly string[];
  /** Whether, as a run function, it can see its point's place in the sweep. */
  readonly seesIndex: boolean;
}

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
    const { program, module, errors } = parseSync("run.js", text, {
      ...{ lang: "js", sourceType: "module", range: true, preserveParens: false },
    });
    if (errors.length > 0) continue;
    const sent = new MagicString(text);
    for (const { start, end } of module.importMetas) sent.overwrite(start, end, `${IMPORT}.meta`);
    for (const { start } of module.dynamicImports) sent.overwrite(start, start + "import".length, IMPORT);
    const { specifiers, computed } = importsIn(program);
    return {
      text: sent.toString(),
      free: freeNames(program),
      imports: specifiers,
      computedImports: computed.map(({ start, end }) => text.slice(start, end)),
      seesIndex: seesIndex(program),
    };
  }
  throw new OptionError(place, "a function whose text can be read as JavaScript", source);
}
