import { parseSync } from "oxc-parser";
import { OptionError } from "../core/errors.ts";
import type { FunctionText } from "./function-text.ts";
import { isGlobal } from "./globals.ts";
import { CELL_IMPORT } from "./imports.ts";

/** Refuses a name in `share` that no variable can have. */
export function checkShareName(name: string): void {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
    const { errors } = parseSync("name.js", `let ${name};`, { lang: "js", sourceType: "module" });
    if (errors.length === 0 && !name.startsWith("__")) return;
  }
  throw new OptionError("share", "names as variables have them, not beginning with __", name);
}

/** Refuses a function that takes from outside what is not shared, or what cannot be. */
export function refuseFreeNames(text: FunctionText, what: string, share: Readonly<Record<string, unknown>>): void {
  const { names: free, assigned } = text.free;
  if (assigned.size > 0)
    throw new OptionError(
      "share",
      `no variable from outside that ${what} assigns, as each thread would have one of its own`,
      new Error([...assigned].join(", ")),
    );
  const own = ["this", "new.target"].filter((name) => free.has(name));
  if (own.length > 0)
    throw new OptionError(
      "share",
      `no this or new.target from outside in ${what}, as they cannot be sent`,
      new Error(own.join(", ")),
    );
  const missing = [...free].filter(
    (name) => !Object.hasOwn(share, name) && name !== CELL_IMPORT && name !== "require" && !isGlobal(name),
  );
  if (missing.length === 0) return;
  const names = missing.join(", ");
  throw new OptionError(
    "share",
    `every variable that ${what} takes from outside: share: { ${names} }, or what a module has by await import(…) inside the function`,
    new Error(`${Object.keys(share).length === 0 ? "nothing" : `only ${Object.keys(share).join(", ")}`} for ${names}`),
  );
}

/** Refuses imports of which nothing tells beforehand what they are, where that must be known. */
export function refuseComputedImports(option: string, computed: readonly string[]): void {
  if (computed.length === 0) return;
  const what = "imports whose modules are written out, as it must be known whether they are the same";
  throw new OptionError(option, `${what}: import("./model.ts")`, new Error(computed.join(", ")));
}
