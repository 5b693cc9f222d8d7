import { builtinModules } from "node:module";
import ts from "typescript";
import { isLocal, isOwnPackage } from "../session/resolve.ts";

/** The packages that texts of TypeScript import by a literal name, without those that every notebook has: each once, in order. */
export function importedPackages(texts: readonly string[]): readonly string[] {
  const specifiers = texts.flatMap((text) =>
    ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName),
  );
  const names = specifiers
    .filter(
      (each) => !isLocal(each) && !/^[a-z]+:/u.test(each) && !isOwnPackage(each) && !builtinModules.includes(each),
    )
    .map((each) => /^(?:@[^/]+\/)?[^/]+/u.exec(each)?.[0] ?? each)
    .filter((name) => name !== "tslab");
  return [...new Set(names)].sort();
}
