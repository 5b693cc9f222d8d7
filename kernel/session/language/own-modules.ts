import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../package-root.ts";
import type { CompletionItem } from "./link.ts";

let specifiers: readonly string[] | undefined;

/** The modules that every cell can import, whatever its folder: this package's own, and `tslab`. */
export function ownModules(): readonly string[] {
  if (specifiers !== undefined) return specifiers;
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
  const { name, exports } = manifest as { name: string; exports: Readonly<Record<string, string>> };
  const paths = Object.keys(exports).filter((path) => !path.endsWith(".json"));
  specifiers = [...paths.map((path) => `${name}${path.slice(1)}`), "tslab"];
  return specifiers;
}

/** Those that a specifier could go on to be, from its last slash on. */
export function ownModuleCompletion(text: string): readonly CompletionItem[] {
  const cut = text.lastIndexOf("/") + 1;
  return ownModules()
    .filter((specifier) => specifier.startsWith(text))
    .map((specifier) => ({ text: specifier.slice(cut), type: "module", signature: "" }));
}
