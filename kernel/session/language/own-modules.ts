import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";
import { isOwnPackage } from "../resolve.ts";
import type { CompletionItem } from "./link.ts";

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | null>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

let specifiers: readonly string[] | undefined;

/** The modules that every cell can import, whatever its folder: this package's own, the libraries that it brings, and `tslab`. */
export function ownModules(): readonly string[] {
  if (specifiers !== undefined) return specifiers;
  const { name, exports, dependencies } = JSON.parse(
    readFileSync(join(packageRoot(), "package.json"), "utf8"),
  ) as Manifest;
  const paths = [...new Set(Object.entries(exports).flatMap(([path, file]) => subpaths(path, file)))].filter(
    (path) => !path.endsWith(".json") && exports[path] !== null,
  );
  const libraries = Object.keys(dependencies).filter((library) => /^\w/.test(library) && isOwnPackage(library));
  specifiers = [...paths.map((path) => `${name}${path.slice(1)}`), ...libraries, "tslab"];
  return specifiers;
}

/** The paths that an entry of `exports` stands for: itself, or with a star one for each folder whose file is there. */
function subpaths(path: string, file: string | null): readonly string[] {
  const [before, after] = file?.split("*") ?? [];
  if (before === undefined || after === undefined) return [path];
  const folder = join(packageRoot(), before);
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, `${name}${after}`)))
    .map((name) => path.replace("*", name));
}

/** Those that a specifier could go on to be, from its last slash on. */
export function ownModuleCompletion(text: string): readonly CompletionItem[] {
  const cut = text.lastIndexOf("/") + 1;
  return ownModules()
    .filter((specifier) => specifier.startsWith(text))
    .map((specifier) => ({ text: specifier.slice(cut), type: "module", signature: "" }));
}
