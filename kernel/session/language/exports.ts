import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ownModules } from "./own-modules.ts";
import { TypeHost } from "./type-host.ts";

/** What modules export, by name; the modules of a name in the order in which they are offered. */
export type Exports = ReadonlyMap<string, readonly string[]>;

/**
 * What modules export. It is computed by a program of its own, whose memory is free again at once: a second or two for those that can be
 * imported from a notebook.
 */
export function exportsFrom(
  modules: readonly string[],
  options: ts.CompilerOptions,
  directory: string,
  registry: ts.DocumentRegistry,
): Exports {
  const path = join(directory, "cells [exports].mts");
  const host = new TypeHost(options, directory, [path], () => false);
  host.write(path, modules.map((name) => `import ${JSON.stringify(name)};`).join("\n"));
  const service = ts.createLanguageService(host, registry);
  try {
    const program = service.getProgram();
    const checker = program?.getTypeChecker();
    const exported = new Map<string, string[]>();
    for (const statement of program?.getSourceFile(path)?.statements ?? []) {
      if (!ts.isImportDeclaration(statement)) continue;
      const module = checker?.getSymbolAtLocation(statement.moduleSpecifier);
      if (module === undefined) continue;
      const { text } = statement.moduleSpecifier as ts.StringLiteral;
      for (const { name } of namesOf(module, checker!))
        if (name !== "default") exported.set(name, [...(exported.get(name) ?? []), text]);
    }
    return exported;
  } finally {
    service.dispose();
  }
}

/** What a module exports; of one that exports a value as a whole (`node:path`), the value's members. */
function namesOf(module: ts.Symbol, checker: ts.TypeChecker): readonly ts.Symbol[] {
  const whole = module.exports?.get(ts.InternalSymbolName.ExportEquals);
  return whole === undefined
    ? checker.getExportsOfModule(module)
    : [...checker.getExportsOfModule(module), ...checker.getPropertiesOfType(checker.getTypeOfSymbol(whole))];
}

/** What can be imported without an installation: this package and the libraries that it brings, what the nearest package.json names, Node. */
export function importableModules(directory: string): readonly string[] {
  const node = builtinModules.filter((name) => !/^_|\/(?!promises$)/.test(name)).map((name) => `node:${name}`);
  return [...new Set([...ownModules(), ...dependenciesOf(directory), ...node])];
}

/** The packages that a notebook's folder depends on. */
function dependenciesOf(directory: string): readonly string[] {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
      return ["dependencies", "devDependencies"].flatMap((field) => Object.keys(manifest[field] ?? {}));
    } catch {
      // None there, or none that can be read.
    }
    if (folder === dirname(folder)) return [];
  }
}

/** The statement that imports a name. */
export const importStatement = (name: string, module: string): string => `import { ${name} } from "${module}";`;
