import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "oxc-transform";

/** Finds `./model.ts` where a file imports `./model.js`, as TypeScript does. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const source = /^\.{1,2}\//.test(specifier) ? specifier.replace(/\.([cm]?)js$/, ".$1ts") : specifier;
  if (source !== specifier && context.parentURL?.startsWith("file:")) {
    const url = new URL(source, context.parentURL);
    if (existsSync(fileURLToPath(url))) return next(source, context);
  }
  return next(specifier, context);
};

/** Loads TypeScript without its types, enums and parameter properties included, which not every Node does by itself. */
export const load: LoadHook = async (url, context, next) => {
  if (!/^file:.*\.[cm]?ts$/.test(url) || url.includes("/node_modules/")) return next(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, await readFile(path, "utf8"), {
    sourceType: "module",
    target: "node20",
  });
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  return { format: "module", source: code, shortCircuit: true };
};
