import ts from "typescript";
import { platformLibraries } from "./platform-libraries.ts";

/**
 * How cells are checked: strictly, and as what runs them. Cells and local files are ES modules, packages are found by Node's
 * rules, and an import of a type without `type` is an error because it fails when it runs.
 */
export function compilerOptions(): ts.CompilerOptions {
  return {
    target: ts.ScriptTarget.ESNext,
    lib: platformLibraries(),
    types: ["node"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    allowJs: true,
    resolveJsonModule: true,
    experimentalDecorators: true,
    strict: true,
    skipLibCheck: true,
    jsx: ts.JsxEmit.React,
    // A cell that was checked stands in the program as its declarations; see NotebookProgram.
    declaration: true,
    emitDeclarationOnly: true,
  };
}
